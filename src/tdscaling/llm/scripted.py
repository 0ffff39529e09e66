"""A model that says what it is told to: for tests, and for whoever writes a role."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from tdscaling.errors import ProviderError
from tdscaling.llm.protocol import Completion, Request

Reply: TypeAlias = str | Completion | ProviderError
"""A text, a whole completion, or an error to raise."""


class ScriptedModel:
    """Gives its replies one after another, or what a function makes of each request. `requests` holds what it was
    asked. Raises ProviderError when there is no reply left.

    >>> import asyncio
    >>> from tdscaling.types import Message
    >>> model = ScriptedModel(["Hello!"])
    >>> asyncio.run(model.complete(Request(messages=(Message(role="user", content="Hi"),)))).content
    'Hello!'
    """

    def __init__(self, replies: Iterable[Reply] | Callable[[Request], Reply]) -> None:
        self._make = replies if callable(replies) else _in_turn(replies)
        self.requests: list[Request] = []

    async def complete(self, request: Request) -> Completion:
        """The next reply."""
        self.requests.append(request)
        reply = self._make(request)
        if isinstance(reply, ProviderError):
            raise reply
        return Completion(content=reply) if isinstance(reply, str) else reply


def _in_turn(replies: Iterable[Reply]) -> Callable[[Request], Reply]:
    rest: Iterator[Reply] = iter(tuple(replies))
    return lambda _: next(rest, ProviderError("the script has no reply left"))
