"""`tdscaling experiment`: does diversity buy more than volume?"""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tdscaling.cli.experiment_pools import Pools, open_pools
from tdscaling.cli.steps import step
from tdscaling.config.experiment import ExperimentConfig
from tdscaling.config.load import load
from tdscaling.errors import ConfigError
from tdscaling.scaling.extra import package
from tdscaling.scaling.heldout import Split
from tdscaling.scaling.plan import Plan, as_json, prepared
from tdscaling.scaling.playing import wanted
from tdscaling.scaling.reporting import write_report
from tdscaling.scaling.results import Result, finished, results_json
from tdscaling.scaling.run import run
from tdscaling.scaling.smoke import small
from tdscaling.types import JsonObject

EXAMPLE = """\b
A config that works, with everything else at its default:
  pool: [wide.yaml, narrow.yaml]   # configs of runs, run folders or data sets
\b
Example:
  tdscaling experiment experiments/default.yaml -o runs/experiment --plan
"""


@click.command(short_help="Run the fixed-budget experiment: arms of equal tokens.", epilog=EXAMPLE)
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", "folder", required=True, type=click.Path(path_type=Path), help="Where all of it goes.")
@click.option("--set", "overrides", multiple=True, metavar="FIELD=VALUE", help="Override a field of the config.")
@click.option("--plan", "plan_only", is_flag=True, help="Say what would be trained and how long, and stop.")
@click.option("--smoke", is_flag=True, help="All of it in small: a tiny model, minutes; its figures mean nothing.")
@click.option("--report", "report_only", is_flag=True, help="Report on the arms that are done, and stop.")
@click.option("--json", "as_json_wanted", is_flag=True, help="Print the result as JSON.")
def command(
    config: Path,
    folder: Path,
    overrides: tuple[str, ...],
    plan_only: bool,
    smoke: bool,
    report_only: bool,
    as_json_wanted: bool,
) -> None:
    """Set arms of one pool side by side that process the same number of tokens: more trajectories of few cells, more
    cells of as many trajectories, both crossed, `select` beside chance, shares of code tasks.

    Each arm is trained from the same model and measured on what no arm has seen. Run again, it goes on where it was
    killed; with more arms or seeds in the config, these are added. Figures and verdict are in DIR/report.md and .html.
    """
    if plan_only and report_only:
        raise ConfigError("--plan and --report are two answers: ask for one")
    settings = load(config, ExperimentConfig, overrides)
    settings = small(settings) if smoke else settings
    start = config.resolve().parent
    if report_only:
        told, show = _reported(finished(folder, settings.evaluation), folder)
    elif plan_only:
        pools = open_pools(settings, start, folder, smoke)
        plan, found = prepared(settings, pools.folders, start, folder)
        wanted(found, settings.evaluation, pools)
        told, show = as_json(plan, found), partial(_show, plan, found)
    else:
        package("trl")
        told, show = _reported(_run(settings, open_pools(settings, start, folder, smoke), start, folder), folder)
    if as_json_wanted:
        click.echo(json.dumps(told, indent=1))
    else:
        show(Console())


def _run(settings: ExperimentConfig, pools: Pools, start: Path, folder: Path) -> list[Result]:
    with step("training") as told:

        def say(what: str, share: float) -> None:
            click.echo(f"experiment: {what}", err=True)
            told(share)

        return run(settings, pools.folders, start, folder, pools, say)


def _reported(results: Sequence[Result], folder: Path) -> tuple[JsonObject, Callable[[Console], None]]:
    """Writes the report; what is printed of it."""
    said = write_report(results, folder)
    return {**results_json(results), "verdict": list(said)}, partial(_show_results, results, said)


def _show_results(results: Sequence[Result], said: Sequence[str], console: Console) -> None:
    """Of each set: calls of the right tool, those right in every argument, answers where no call is made."""
    sets = list(results[0].accuracy)
    table = Table("arm", "seed", "tokens", *(f"{name}: tool, call, answer" for name in sets))
    for one in results:
        cells = [
            ", ".join(f"{found.right}/{found.of}" for found in (shares.names, shares.exact, shares.answers))
            for shares in one.accuracy.values()
        ]
        table.add_row(one.name, str(one.seed), str(one.tokens), *cells)
    console.print(table)
    for sentence in said:
        console.print(sentence, soft_wrap=True)


def _show(plan: Plan, found: Split, console: Console) -> None:
    table = Table("arm", "seed", "trajectories", "cells", "tokens", "of code", "passes", "steps")
    for arm in plan.arms:
        counts = (arm.seed, len(arm.samples), arm.cells, arm.schedule.tokens)
        table.add_row(
            arm.design.name, *map(str, counts), f"{arm.code:.0%}", f"{arm.passes:.1f}", str(len(arm.schedule.steps))
        )
    console.print(table)
    console.print(
        f"Held out: {len(found.unseen)} of services never seen ({', '.join(found.services)}), {len(found.seen)} new "
        f"tasks of seen services, {len(found.code)} code tasks; {len(found.training)} are left to train on, "
        f"{found.touching} offer tools that must stay unseen, {found.overlapping} share runs of words.",
        soft_wrap=True,
    )
    console.print(
        f"{len(plan.arms)} trainings of {plan.seconds_per_arm / 60:.1f} min, {plan.seconds / 3600:.1f} h in all; "
        f"tokens at most {plan.spread:.2%} apart, counted by {plan.counted_by}.",
        soft_wrap=True,
    )
