"""`tdscaling experiment`: does diversity buy more than volume?"""

import asyncio
import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tdscaling.cli.steps import step
from tdscaling.config.experiment import ExperimentConfig
from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.errors import ConfigError
from tdscaling.pipeline import synthesize
from tdscaling.scaling.heldout import Split
from tdscaling.scaling.plan import Plan, as_json, prepared

EXAMPLE = """\b
A config that works, with everything else at its default:
  pool: [wide.yaml, narrow.yaml]   # configs of runs, run folders or data sets
\b
Example:
  tdscaling experiment experiments/default.yaml -o runs/experiment --plan
"""


@click.command(short_help="Plan the fixed-budget experiment: arms of equal tokens.", epilog=EXAMPLE)
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", "folder", required=True, type=click.Path(path_type=Path), help="Where all of it goes.")
@click.option("--set", "overrides", multiple=True, metavar="FIELD=VALUE", help="Override a field of the config.")
@click.option("--plan", "plan_only", is_flag=True, help="Say what would be trained and how long, and stop.")
@click.option("--json", "as_json_wanted", is_flag=True, help="Print the result as JSON.")
def command(config: Path, folder: Path, overrides: tuple[str, ...], plan_only: bool, as_json_wanted: bool) -> None:
    """Set arms of one pool side by side that process the same number of tokens: more trajectories of few cells, more
    cells of as many trajectories, both crossed, `select` beside chance, shares of code tasks.
    """
    if not plan_only:
        raise ConfigError("arms can be planned, not yet trained: add --plan")
    settings = load(config, ExperimentConfig, overrides)
    pools = [_pool(config.resolve().parent / name, folder) for name in settings.pool]
    plan, found = prepared(settings, pools, config.resolve().parent)
    if as_json_wanted:
        click.echo(json.dumps(as_json(plan, found), indent=1))
    else:
        _show(plan, found, Console())


def _pool(named: Path, folder: Path) -> Path:
    """The pool at a path; the config of a run is run into the folder first, or gone on with."""
    if named.suffix not in (".yaml", ".yml"):
        return named
    run = folder / "pools" / named.stem
    with step(f"making the pool of {named.name}") as told:
        asyncio.run(
            synthesize(
                load(named, RunConfig), run, named.parent, report=lambda stage, done, of: told(done / max(of, 1))
            )
        )
    return run


def _show(plan: Plan, found: Split, console: Console) -> None:
    table = Table("arm", "seed", "trajectories", "cells", "tokens", "passes", "steps")
    for arm in plan.arms:
        counts = (arm.seed, len(arm.samples), arm.cells, arm.schedule.tokens)
        table.add_row(arm.design.name, *map(str, counts), f"{arm.passes:.1f}", str(len(arm.schedule.steps)))
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
