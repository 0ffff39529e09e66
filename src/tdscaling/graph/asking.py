"""Many questions to one model: some at a time, what can't be used counted and left out."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tdscaling.errors import ProviderError
from tdscaling.llm import Completion, Model, Request, Sampling, Usage
from tdscaling.llm.failures import StopError
from tdscaling.llm.reading import value
from tdscaling.types import JsonObject, JsonValue, Message

T = TypeVar("T")

AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and the JSON schema of the answer."""

    prompt: str
    schema: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[T]):
    """By question the answer as it was understood, None where it can't be used; what all of them cost together.

    `cached` of them were paid for by an earlier call; `usage` is that of the others.
    """

    found: Sequence[T | None]
    cached: int = 0
    usage: Usage = field(default_factory=Usage)

    @property
    def unusable(self) -> int:
        return sum(one is None for one in self.found)


async def ask_all(
    model: Model,
    questions: Sequence[Question],
    understood: Callable[[JsonValue], T | None],
    *,
    told: Callable[[], None] = lambda: None,
) -> Answered[T]:
    """Asks AT_ONCE questions at a time; `told` is called after each. A request that the endpoint refuses or that gets
    no usable answer counts as unusable. Raises StopError where asking on makes no sense, StoreError.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(question: Question) -> tuple[T | None, Completion | None]:
        request = Request(
            messages=(Message(role="user", content=question.prompt),),
            schema=question.schema,
            sampling=Sampling(temperature=0.0),
        )
        async with gate:
            completion = None
            try:
                completion = await model.complete(request)
                return understood(value(completion, question.schema)), completion
            except StopError:
                raise
            except ProviderError:
                return None, completion
            finally:
                told()

    got = await asyncio.gather(*(one(question) for question in questions))
    answers = [completion for _, completion in got if completion]
    return Answered(
        found=[found for found, _ in got],
        cached=sum(answer.cached for answer in answers),
        usage=sum((answer.usage for answer in answers if not answer.cached), Usage()),
    )
