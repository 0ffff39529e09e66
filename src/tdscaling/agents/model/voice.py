"""How a role asks its model: seeds of its own, and one repair of an answer that can't be used."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from tdscaling.agents.protocols import RoleError
from tdscaling.llm import Completion, Model, Request
from tdscaling.llm.failures import AnswerError, BadRequestError, TruncatedError
from tdscaling.prompts import render
from tdscaling.types import Message

T = TypeVar("T")
ATTEMPTS = 2


@dataclass(slots=True)
class Voice:
    """A model as one role of one episode uses it. `seed` names the episode: the same one asks the same requests in
    the same order, so that a run which goes on finds its answers. `repaired` names what had to be asked for again.
    """

    model: Model
    role: str
    seed: str
    asked: int = 0
    repaired: tuple[str, ...] = ()

    async def ask(self, request: Request, read: Callable[[Completion], T], attempts: int = ATTEMPTS) -> T:
        """What `read` makes of the answer. An answer it refuses (AnswerError) is asked for again, told why; what is
        said for that is no part of any dialogue. Raises RoleError when no attempt will do or the request itself
        does not, and lets other ProviderErrors through: they are not the role's.
        """
        asked = request
        for left in reversed(range(attempts)):
            try:
                return read(await self.model.complete(self._seeded(asked)))
            except AnswerError as exc:
                kind = _kind(exc)
                if not left:
                    raise RoleError(self.role, f"{kind}: {exc}") from None
                self.repaired = (*self.repaired, kind)
                asked = told_why(request, exc)
            except BadRequestError as exc:
                raise RoleError(self.role, f"{_kind(exc)}: {exc}") from None
        raise RoleError(self.role, "no attempt")

    def _seeded(self, request: Request) -> Request:
        self.asked += 1
        digest = hashlib.sha256(f"{self.seed} {self.role} {self.asked}".encode()).digest()
        return replace(request, sampling=replace(request.sampling, seed=int.from_bytes(digest[:4], "big") >> 1))


def told_why(request: Request, exc: AnswerError) -> Request:
    """The request once more, with a note of why its answer can't be used."""
    note = render("repair", reason=str(exc), shorter=isinstance(exc, TruncatedError))
    return replace(request, messages=(*request.messages, Message(role="user", content=note)))


def _kind(exc: Exception) -> str:
    """The name of an error as the funnel says it.

    >>> _kind(TruncatedError("x"))
    'truncated'
    """
    words = "".join(f"_{char.lower()}" if char.isupper() else char for char in type(exc).__name__)
    return words.strip("_").removesuffix("_error")
