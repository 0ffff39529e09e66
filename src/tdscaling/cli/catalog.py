"""`tdscaling catalog`: build a catalogue of tools, look into one."""

import asyncio
import json
import sys
from pathlib import Path

import click
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tdscaling.catalog import CatalogReport, build, save
from tdscaling.catalog.corpus import SUFFIXES
from tdscaling.catalog.show import overview, tool_text, tools_of
from tdscaling.catalog.sources import DOCUMENT_SUFFIXES
from tdscaling.cli.catalogues import tools_in
from tdscaling.cli.numbers import Number
from tdscaling.cli.outputs import refuse_loss, writable
from tdscaling.cli.terminal import tell
from tdscaling.config.environment import EnvironmentSettings
from tdscaling.config.load import overridden
from tdscaling.environments.confined import WhenStarted
from tdscaling.errors import DataError


class _Settings(BaseModel):
    """What of a run's config matters here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    environment: EnvironmentSettings = EnvironmentSettings()


@click.group()
def command() -> None:
    """Build a catalogue of tools from servers, specifications and corpora, or look into one."""


@command.command("build")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE…", type=click.Path(exists=True, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option(
    "--within",
    type=Number(above=True),
    default=20.0,
    show_default=True,
    help="Seconds that a server may take to list its tools.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="FIELD=VALUE",
    help="environment.confine, .network, .read_paths or .write_paths, as in the config of a run.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def build_command(
    sources: tuple[Path, ...], output: Path, within: float, overrides: tuple[str, ...], as_json: bool
) -> None:
    """Read each SOURCE (MCP client config, OpenAPI file or folder, .jsonl or .jsonl.gz corpus) into one catalogue.

    Servers that are started for it are confined as those of a run are.

    \b
    Example:
      tdscaling catalog build servers.json specs/ tools.jsonl.gz -o catalog.jsonl.gz
      tdscaling catalog build servers.json -o catalog.jsonl.gz --set environment.network=[search]
    """
    refuse_loss(output, sources, (*SUFFIXES, *DOCUMENT_SUFFIXES))
    writable(output)
    launcher = WhenStarted(overridden(_Settings, overrides).environment)
    report = _built(sources, within, launcher)
    for line in [*([launcher.warning] if launcher.warning else []), *map(str, report.problems)]:
        tell(line, err=True)
    if not report.tools:
        raise DataError("no tool came out of the sources; see the lines above for the reasons")
    save(report.tools, output)
    click.echo(_json_summary(report, output) if as_json else _summary(report, output))


@command.command("show")
@click.argument("catalog", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("which", required=False, default="", metavar="[SERVER[/TOOL]]")
@click.option("--json", "as_json", is_flag=True, help="Print the tools as JSON Lines.")
def show_command(catalog: Path, which: str, as_json: bool) -> None:
    """List the servers of a CATALOG, the tools of a server, or all of one tool.

    \b
    Example:
      tdscaling catalog show catalog.jsonl.gz git/git_status
    """
    tools = tools_in(catalog)
    chosen = tools_of(tools, which)
    if as_json:
        for tool in chosen:
            tell(tool_text(tool, line=True))
    elif len(chosen) == 1 and which == str(chosen[0].key):
        tell(tool_text(chosen[0]))
    else:
        tell(overview(chosen, servers=not which))


def _built(sources: tuple[Path, ...], within: float, launcher: WhenStarted) -> CatalogReport:
    console = Console(stderr=True)
    columns = (TextColumn("catalogue"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)

        def step(name: str, done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description=name)

        return asyncio.run(build(sources, launcher=launcher, within=within, progress=step))


def _summary(report: CatalogReport, output: Path) -> str:
    return (
        f"{len(report.tools):,} tools of {report.servers:,} servers, {report.with_output:,} with an output schema, "
        f"{len(report.problems):,} problems → {output}"
    )


def _json_summary(report: CatalogReport, output: Path) -> str:
    summary = {
        "output": str(output),
        "tools": len(report.tools),
        "servers": report.servers,
        "with_output_schema": report.with_output,
        "sources": dict(report.counts),
        "problems": [problem._asdict() for problem in report.problems],
    }
    return json.dumps(summary, ensure_ascii=False)
