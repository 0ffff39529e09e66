"""A model in this process behind the same seam as one behind an endpoint: asked as it was trained, greedily."""

import asyncio
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from tdscaling.llm import Completion, Request, Usage
from tdscaling.llm.failures import ContextOverflowError
from tdscaling.scaling.chat import END, prompt
from tdscaling.scaling.extra import package


class Greedy:
    """A Model (tdscaling.llm) that writes at most `most` tokens. What a request shares with the one before it is not
    computed again, but each dialogue begins anew, so that none hangs on what was asked before it: computed in other
    portions, rounding differs. Calls stand in the text, in tags; a schema is not obeyed."""

    def __init__(self, model: Any, tokenizer: Any, most: int) -> None:
        self._model = model.eval()
        self._tokenizer = tokenizer
        self._most = most
        self._ends = {tokenizer.convert_tokens_to_ids(END), tokenizer.eos_token_id}
        self._cache: Any = package("transformers").DynamicCache()
        self._cached: list[int] = []

    async def complete(self, request: Request) -> Completion:
        """Raises ContextOverflowError for a request that leaves no room for an answer."""
        return await asyncio.to_thread(self._complete, request)

    def _complete(self, request: Request) -> Completion:
        if all(message.role != "assistant" for message in request.messages):
            self._cache, self._cached = package("transformers").DynamicCache(), []
        text = prompt(request.messages, request.tools)
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        longest = int(self._model.config.max_position_embeddings)
        if len(ids) + self._most > longest:
            raise ContextOverflowError(f"{len(ids)} tokens and {self._most} of an answer are more than {longest}")
        found = self._written(ids)
        ended = found[-1] in self._ends
        content = str(self._tokenizer.decode(found[:-1] if ended else found))
        usage = Usage(prompt_tokens=len(ids), completion_tokens=len(found))
        return Completion(content=content, finish="stop" if ended else "length", usage=usage)

    def _written(self, ids: Sequence[int]) -> list[int]:
        """The most likely tokens, up to the end of the message or to as many as may be written."""
        new, found = list(ids[self._shared(ids) :]), list[int]()
        while True:
            found.append(self._next(new))
            if found[-1] in self._ends or len(found) == self._most:
                return found
            new = found[-1:]

    def _shared(self, ids: Sequence[int]) -> int:
        """How many tokens of `ids` are in the cache, which then holds no others; the last is never one of them."""
        same = takewhile(lambda pair: pair[0] == pair[1], zip(self._cached, ids[:-1], strict=False))
        shared = sum(1 for _ in same)
        if len(self._cached) > shared:
            self._cache.crop(shared - len(self._cached))  # below nought: so many less
            del self._cached[shared:]
        return shared

    def _next(self, new: Sequence[int]) -> int:
        torch = package("torch")
        device = self._model.device
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
            given = torch.tensor([list(new)], device=device)
            done = self._model(input_ids=given, past_key_values=self._cache, use_cache=True, logits_to_keep=1)
        self._cached += new
        return int(done.logits[0, -1].argmax())
