"""Asks a model many things at once. Every answer is kept before it is used, so that a broken run goes on for free."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TypeVar

from tdscaling.config.models import ModelSettings
from tdscaling.errors import DataError, TDScalingError, one_line
from tdscaling.llm import Completion, Model, Request, Sampling
from tdscaling.llm.failures import AnswerError, BadRequestError
from tdscaling.llm.opening import Opening, open_models
from tdscaling.llm.reading import text
from tdscaling.types import Message

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The model, where its answers are kept, what is told of each answer, and where the endpoint gives none."""

    settings: ModelSettings
    folder: Path
    environ: Mapping[str, str]
    on_answer: Callable[[], None] = lambda: None
    notice: Callable[[str], None] = lambda _: None


async def answers(questions: Mapping[str, str], how: Asked) -> dict[str, str]:
    """The answer to each question by its id, "" where the model refused, was cut off or could not take the question.

    Raises ProviderError when the endpoint dies; answers that came stay in `how.folder`.
    """
    asked = {task: Request(messages=(Message(role="user", content=said),)) for task, said in questions.items()}
    return {task: found or "" for task, found in (await replies(asked, how, lambda task, done: text(done))).items()}


async def replies(
    requests: Mapping[str, Request], how: Asked, read: Callable[[str, Completion], T]
) -> dict[str, T | None]:
    """What `read` makes of the answer to each request, asked at temperature 0, by its id; None where it refuses it
    (AnswerError) or the endpoint refused the request. Raises ProviderError when the endpoint dies."""
    found: dict[str, T | None] = {}
    async with asking(how) as model:

        async def one(task: str, request: Request) -> None:
            try:
                completion = await model.complete(replace(request, sampling=Sampling(temperature=0.0)))
                found[task] = read(task, completion)
            except (AnswerError, BadRequestError):
                found[task] = None
            how.on_answer()

        try:
            async with asyncio.TaskGroup() as group:
                for task, request in requests.items():
                    group.create_task(one(task, request))
        except* TDScalingError as group:
            first = group
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            raise first from None
    return {task: found[task] for task in requests}


@asynccontextmanager
async def asking(how: Asked) -> AsyncGenerator[Model]:
    """The model, its answers kept. Raises DataError where they can't be."""
    try:
        how.folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise DataError(f"{how.folder} can't be made ({one_line(exc)}): name another --output") from exc
    name = f"model at {how.settings.base_url}"  # answers of another endpoint are no answers of this one
    opening = Opening(environ=how.environ, folder=how.folder, rng=Random(0), notice=how.notice)
    async with open_models({name: how.settings}, [name], opening) as models:
        yield models.by_name[name]
