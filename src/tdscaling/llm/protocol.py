"""The one seam to a language model: `Request` in, `Completion` out."""

from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from tdscaling.types import JsonObject, Message, OfferedTool

Finish: TypeAlias = Literal["stop", "length", "tool_calls", "refusal", "other"]
"""Why a completion ended: it was done, cut off at the limit, wants calls made, was filtered, or anything else."""

ToolChoice: TypeAlias = Literal["auto", "none", "required"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How to sample. None leaves it to the model's configuration, which `max_tokens` can't exceed. `seed` makes two
    equal requests differ."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a model is asked. With `schema` the content must be a JSON text that this JSON schema accepts."""

    messages: tuple[Message, ...]
    tools: tuple[OfferedTool, ...] = ()
    tool_choice: ToolChoice = "auto"
    schema: JsonObject | None = None
    sampling: Sampling = field(default_factory=Sampling)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCall:
    """A call as the model wrote it: `arguments` is a JSON text, or what should have been one."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a completion took: tokens, seconds of latency (of the attempt that succeeded), price."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            seconds=self.seconds + other.seconds,
            cost=self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """What a model answered, before anyone has judged it: `tdscaling.llm.reading` turns it into text, calls or a
    value, or into the named error that says why it can't. `reasoning` is kept apart from `content`. `request` is
    the hash of the request, "" where nothing was hashed; `cached` says that nothing was paid for it now.
    """

    content: str = ""
    reasoning: str | None = None
    calls: tuple[RawCall, ...] = ()
    finish: Finish = "stop"
    refusal: str | None = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    request: str = ""
    cached: bool = False


class Model(Protocol):
    """A language model. Raises ProviderError (see `tdscaling.llm.failures`)."""

    async def complete(self, request: Request) -> Completion: ...
