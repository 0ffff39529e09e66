"""Server-sent events become the answer that would have come in one piece."""

from collections.abc import AsyncIterable, Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.llm.failures import MalformedError, OverloadedError, UnreachableError
from tdscaling.types import JsonObject, JsonValue
from tdscaling.values import loads

LONGEST_EVENT = 4 * 1024 * 1024


async def events(chunks: AsyncIterable[bytes]) -> AsyncIterable[bytes]:
    """The data of each event, however the bytes were cut. Raises MalformedError for an endless one."""
    rest = b""
    async for chunk in chunks:
        rest += chunk
        *lines, rest = rest.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
        if len(rest) > LONGEST_EVENT:
            raise MalformedError("the endpoint's stream has no line ends")
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


@dataclass(slots=True)
class Assembly:
    """Pieces of an answer put together."""

    texts: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    calls: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])
    finish: str = ""
    usage: JsonValue = None
    model: JsonValue = None

    def take(self, event: bytes) -> None:
        """One event. Raises MalformedError, and OverloadedError for an error said in the stream."""
        try:
            document = loads(event)
        except ValueError:
            raise MalformedError("the endpoint's stream holds an event that is no JSON") from None
        if not isinstance(document, Mapping):
            raise MalformedError("the endpoint's stream holds an event that is no object")
        if document.get("error"):
            raise OverloadedError("the endpoint gave up in the middle of its answer")
        self.usage = document.get("usage") or self.usage
        self.model = document.get("model") or self.model
        choices = document.get("choices")
        if isinstance(choices, Sequence) and choices and isinstance(choices[0], Mapping):
            self._choice(choices[0])

    def _choice(self, choice: JsonObject) -> None:
        finish = choice.get("finish_reason")
        self.finish = finish if isinstance(finish, str) else self.finish
        delta = choice.get("delta")
        if not isinstance(delta, Mapping):
            return
        for name in ("content", "reasoning_content", "reasoning", "refusal"):
            piece = delta.get(name)
            if isinstance(piece, str):
                self.texts.setdefault(name, []).append(piece)
        listed = delta.get("tool_calls")
        for place, entry in enumerate(listed if isinstance(listed, Sequence) else ()):
            if isinstance(entry, Mapping):
                self._call(place, entry)

    def _call(self, place: int, entry: JsonObject) -> None:
        index = entry.get("index")
        call = self.calls.setdefault(index if isinstance(index, int) else place, {})
        function = entry.get("function")
        parts = {"id": entry.get("id"), **(function if isinstance(function, Mapping) else {})}
        for name in ("id", "name"):
            if isinstance(piece := parts.get(name), str) and piece:
                call[name] = piece
        if isinstance(piece := parts.get("arguments"), str):
            call["arguments"] = call.get("arguments", "") + piece

    def whole(self) -> JsonObject:
        """The answer. Raises UnreachableError when the stream ended before the answer did."""
        if not self.finish:
            raise UnreachableError("the endpoint's stream was cut off")
        message: dict[str, JsonValue] = {name: "".join(pieces) for name, pieces in self.texts.items()}
        message["tool_calls"] = [
            {"id": call.get("id", ""), "function": {"name": call.get("name", ""), "arguments": call.get("arguments")}}
            for _, call in sorted(self.calls.items())
        ]
        choice: JsonObject = {"message": message, "finish_reason": self.finish}
        return {"choices": [choice], "usage": self.usage, "model": self.model}


async def assembled(chunks: AsyncIterable[bytes]) -> JsonObject:
    """The whole answer of a stream. Raises MalformedError, OverloadedError, UnreachableError."""
    assembly = Assembly()
    async for event in events(chunks):
        if event == b"[DONE]":
            break
        if event:
            assembly.take(event)
    return assembly.whole()
