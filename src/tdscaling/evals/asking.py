"""Asks a model many things at once. Every answer is kept before it is used, so that a broken run goes on for free."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tdscaling.config.models import ModelSettings
from tdscaling.errors import DataError, TDScalingError, one_line
from tdscaling.llm import Model, Request, Sampling
from tdscaling.llm.failures import AnswerError, BadRequestError
from tdscaling.llm.opening import Opening, open_models
from tdscaling.llm.reading import text
from tdscaling.types import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The model, where its answers are kept, and what is told of each answer that came."""

    settings: ModelSettings
    folder: Path
    environ: Mapping[str, str]
    on_answer: Callable[[], None] = lambda: None


async def answers(questions: Mapping[str, str], how: Asked) -> dict[str, str]:
    """The answer to each question by its id, "" where the model refused, was cut off or could not take the question.

    Raises ProviderError when the endpoint dies; answers that came stay in `how.folder`.
    """
    try:
        how.folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise DataError(f"{how.folder} can't be made ({one_line(exc)}): name another --output") from exc
    name = f"model at {how.settings.base_url}"  # answers of another endpoint are no answers of this one
    opening = Opening(environ=how.environ, folder=how.folder, rng=Random(0))
    found: dict[str, str] = {}
    async with open_models({name: how.settings}, [name], opening) as models:
        model = models.by_name[name]

        async def one(task: str, question: str) -> None:
            found[task] = await _answer(model, question)
            how.on_answer()

        try:
            async with asyncio.TaskGroup() as group:
                for task, question in questions.items():
                    group.create_task(one(task, question))
        except* TDScalingError as group:
            first = group
            while isinstance(first, BaseExceptionGroup):
                first = first.exceptions[0]
            raise first from None
    return {task: found[task] for task in questions}


async def _answer(model: Model, question: str) -> str:
    request = Request(messages=(Message(role="user", content=question),), sampling=Sampling(temperature=0.0))
    try:
        return text(await model.complete(request))
    except (AnswerError, BadRequestError):
        return ""
