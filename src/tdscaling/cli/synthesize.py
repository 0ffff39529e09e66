"""`tdscaling synthesize`: the main job."""

import asyncio
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tdscaling.cli.terminal import noticed, tell
from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.errors import TDScalingError
from tdscaling.pipeline import UNDER_WAY, RunResult, as_json, funnel, kept_nothing, summarise, synthesize
from tdscaling.pipeline.table import show

EXAMPLE = """\b
A config that works, with everything else at its default:
  sources: [servers.json]          # MCP client config: {"mcpServers": {"git": {"command": …}}}
  trajectories: 100                # how many to keep
  seed: 7
  roles: {planner: procedural, user: procedural, assistant: procedural}
  environment:
    worlds: 8                      # different initial workspaces
    slots: 3                       # episodes at a time
    seed_files: [workspace/]       # copied into every workspace, or:
    seed_command: ["{python}", make_world.py, --seed, "{seed}", "{workspace}"]
  export: [trl, sharegpt]
\b
Example:
  tdscaling synthesize config.yaml -o runs/first --set trajectories=20
"""


@click.command(short_help="Make verified trajectories from your tools.", epilog=EXAMPLE)
@click.argument("config", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", "folder", required=True, type=click.Path(path_type=Path), help="The run folder.")
@click.option("--set", "overrides", multiple=True, metavar="FIELD=VALUE", help="Override a field of the config.")
@click.option("--new", is_flag=True, help="Begin anew; a run that is there is moved aside.")
@click.option(
    "--replay",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="RUN",
    help="Ask no endpoint: take the answers that this run has kept.",
)
@click.option("--json", "json_wanted", is_flag=True, help="Print the summary as JSON.")
def command(
    config: Path, folder: Path, overrides: tuple[str, ...], new: bool, replay: Path | None, json_wanted: bool
) -> None:
    """Make verified multi-turn trajectories from the tools that CONFIG names, into a run folder.

    Running the same command again goes on where it stopped; nothing is lost or done twice.
    """
    settings = load(config, RunConfig, overrides)
    begun = time.perf_counter()
    result = _run(settings, folder, config.resolve().parent, new, replay)
    seconds = time.perf_counter() - begun
    for problem in result.problems:
        tell(f"left out: {problem}", err=True)
    if result.stopped and not result.kept:
        raise TDScalingError(result.stopped)
    if not result.kept:
        counts = funnel(folder)
        if json_wanted:
            click.echo(json.dumps({**kept_nothing(folder), "wanted": result.wanted}, indent=1))
        fell = ", ".join(f"{name} {count}" for name, count in counts.items())
        raise TDScalingError(f"none of {result.wanted} trajectories could be made: {fell}")
    found = summarise(folder)
    if json_wanted:
        click.echo(json.dumps({**as_json(found), "wanted": result.wanted, **_speed(result, seconds)}, indent=1))
    else:
        show(found, result.wanted, _speed(result, seconds), Console())
    if result.stopped:
        raise TDScalingError(f"stopped with {result.kept} of {result.wanted}: {result.stopped}")
    if result.kept < result.wanted:
        why = next((one.stopped for one in found.evolution.parts if one.stopped), "")
        said = f"; stopped, as {why}" if why else " could be made; the funnel says why"
        click.echo(f"tdscaling: only {result.kept} of {result.wanted}{said}", err=True)


def _speed(result: RunResult, seconds: float) -> dict[str, float]:
    """Seconds of the whole command and of its episodes, and trajectories kept per second of these."""
    rate = result.newly_kept / result.episode_seconds if result.episode_seconds else 0.0
    spent = {"seconds": seconds, "episode_seconds": result.episode_seconds, "kept_per_second": rate}
    return {name: round(value, 2) for name, value in spent.items()}


def _run(settings: RunConfig, folder: Path, base: Path, new: bool, replay: Path | None) -> RunResult:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def report(stage: str, done: int, of: int) -> None:
            bar.update(task, description=stage, completed=done, total=of if of > 1 else None)
            running = asyncio.current_task()
            if stage == UNDER_WAY and running is not None and running.cancelling():
                bar.console.print(f"tdscaling: waiting for {stage}: {of}", highlight=False, soft_wrap=True)

        return asyncio.run(
            synthesize(
                settings,
                folder,
                base,
                new=new,
                created=created,
                report=report,
                environ=os.environ,
                replay=replay,
                notice=noticed,
            )
        )
