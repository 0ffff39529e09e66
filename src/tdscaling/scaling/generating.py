"""A model in this process behind the same seam as one behind an endpoint: asked as it was trained, greedily."""

import asyncio
from collections.abc import Sequence
from itertools import cycle, islice, takewhile
from operator import eq
from typing import Any

from tdscaling.llm import Completion, Request, Usage
from tdscaling.llm.failures import ContextOverflowError
from tdscaling.scaling.chat import END, prompt
from tdscaling.scaling.extra import package

AHEAD = 8
"""So many tokens at most are guessed and then judged in one pass, which takes little longer than one token."""
ALIKE = 3
"""So many tokens in a row, seen before, are what a guess goes by."""


class Greedy:
    """A Model (tdscaling.llm) that writes at most `most` tokens. What a request shares with the one before it is not
    computed again, but each dialogue begins anew, so that none hangs on what was asked before it: computed in other
    portions, rounding differs. What a text repeats, names and arguments above all, is written several tokens a pass.
    Calls stand in the text, in tags; a schema is not obeyed."""

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
        torch = package("torch")
        with torch.no_grad(), torch.autocast(self._model.device.type, torch.bfloat16):  # casts weights once an answer
            found = self._written(ids)
        ended = found[-1] in self._ends
        content = str(self._tokenizer.decode(found[:-1] if ended else found))
        usage = Usage(prompt_tokens=len(ids), completion_tokens=len(found))
        return Completion(content=content, finish="stop" if ended else "length", usage=usage)

    def _written(self, ids: Sequence[int]) -> list[int]:
        """The most likely tokens, up to the end of the message or to as many as may be written."""
        self._keep(shared(self._cached, ids))
        text = list(ids)
        while True:
            guess = guessed(text)[: self._most - (len(text) - len(ids)) - 1]
            likely = self._likely([*text[len(self._cached) :], *guess], len(guess) + 1)
            for right, token in zip([True, *map(eq, likely, guess)], likely, strict=True):
                if not right:
                    break
                text.append(token)
                if token in self._ends or len(text) - len(ids) == self._most:
                    return text[len(ids) :]
            self._keep(len(text) - 1)

    def _keep(self, number: int) -> None:
        """Leaves the first so many tokens in the cache."""
        if len(self._cached) > number:
            self._cache.crop(number - len(self._cached))  # below nought: so many less
            del self._cached[number:]

    def _likely(self, new: Sequence[int], last: int) -> list[int]:
        """What is most likely after each of the `last` of these tokens, which come after those in the cache."""
        given = package("torch").tensor([list(new)], device=self._model.device)
        done = self._model(input_ids=given, past_key_values=self._cache, use_cache=True, logits_to_keep=last)
        self._cached += new
        found: list[int] = done.logits[0].argmax(-1).tolist()
        return found


def shared(cached: Sequence[int], ids: Sequence[int]) -> int:
    """How many tokens both begin with; the last of `ids` is never one of them."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(cached, ids[:-1], strict=False))
    return sum(1 for _ in same)


def guessed(text: Sequence[int]) -> Sequence[int]:
    """What came after the last place where the text was as it is at its end, over and over where that is its end.

    >>> guessed([1, 2, 3, 4, 5, 1, 2, 3])
    [4, 5, 1, 2, 3, 4, 5, 1]
    >>> guessed([1, 2, 3, 4, 5])
    []
    """
    end = list(text[-ALIKE:])
    for place in range(len(text) - ALIKE - 1, -1, -1):
        if text[place] == end[0] and list(text[place : place + ALIKE]) == end:
            return list(islice(cycle(text[place + ALIKE :]), AHEAD))
    return []
