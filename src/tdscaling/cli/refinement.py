"""The flags of `--refine MODEL`, shared by `tdscaling graph` and `tdscaling cluster`."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeVar

import click
from pydantic import ValidationError

from tdscaling.cli.numbers import Number
from tdscaling.cli.steps import step
from tdscaling.cli.terminal import noticed
from tdscaling.config.models import ModelSettings, Price
from tdscaling.errors import ConfigError
from tdscaling.graph.refining import Refining
from tdscaling.llm import Model
from tdscaling.llm.opening import Opening, open_models

T = TypeVar("T")
_NAME = "refine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """Which model to ask, where its answers are kept, and what tokens cost."""

    settings: ModelSettings
    folder: Path

    def run(
        self, what: str, questions: int, job: Callable[[Model, Callable[[], None]], Awaitable[tuple[T, Refining]]]
    ) -> tuple[T, Refining]:
        """What `job` makes with the model. Raises ConfigError, ProviderError, StoreError."""

        async def asked() -> tuple[T, Refining]:
            how = Opening(environ=os.environ, folder=self.folder, rng=Random(0), notice=noticed)
            async with open_models({_NAME: self.settings}, {_NAME}, how) as models:
                return await job(models.by_name[_NAME], told)

        done = 0
        with step(what) as show:

            def told() -> None:
                nonlocal done
                done += 1
                show(done / max(1, questions))

            return asyncio.run(asked())


def refinement(
    model: str | None,
    base_url: str | None,
    api_key_env: str | None,
    answers: Path | None,
    price: tuple[float, float],
    output: Path | None,
) -> Refinement | None:
    """What the flags ask for, None without `--refine`. Raises ConfigError."""
    if model is None:
        return None
    if base_url is None:
        raise ConfigError("--refine needs --base-url, like http://localhost:8000/v1")
    if output is None:
        raise ConfigError("--refine needs -o FILE: what it pays for is worth keeping")
    folder = answers or output.parent
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; make it first, the model's answers are kept in it")
    try:
        costs = Price(prompt=price[0], completion=price[1])
        settings = ModelSettings(base_url=base_url, model=model, api_key_env=api_key_env, price=costs, temperature=0.0)
    except ValidationError as exc:
        wrong = exc.errors()[0]
        raise ConfigError(
            f"--{'-'.join(str(part) for part in wrong['loc'])}: {wrong['msg']}".replace("_", "-")
        ) from exc
    return Refinement(settings=settings, folder=folder)


def said(found: Refining) -> str:
    """One line of what was asked and what it cost."""
    return (
        f"refined: {found.questions:,} questions, {found.cached:,} answered before, {found.unusable:,} unusable, "
        f"{found.changed:,} changes; {found.usage.prompt_tokens:,} + {found.usage.completion_tokens:,} tokens, "
        f"cost {found.usage.cost:.4g}"
    )


def flags(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the flags to a command."""
    folder = click.Path(file_okay=False, path_type=Path)
    for option in (
        click.option("--price", type=(Number(), Number()), default=(0.0, 0.0), metavar="PROMPT COMPLETION",
                     help="What a million tokens cost."),
        click.option("--answers", type=folder, help="Folder of the paid answers (llm.db); that of -o, if not given."),
        click.option("--api-key-env", metavar="NAME", help="Environment variable that holds the key."),
        click.option("--base-url", metavar="URL", help="OpenAI-compatible endpoint of that model."),
        click.option("--refine", metavar="MODEL", help="Let a model look again where the rules are unsure."),
    ):  # fmt: skip
        command = option(command)
    return command
