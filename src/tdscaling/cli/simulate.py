"""`tdscaling simulate`: what a service without a server is taken to be, and whether it keeps its laws."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from tdscaling.cli.catalogues import tools_in
from tdscaling.environments.simulated import SimulatedEnvironment, as_json, read_overrides
from tdscaling.environments.simulated.report import checked, findings
from tdscaling.environments.simulated.show import shown
from tdscaling.errors import ConfigError
from tdscaling.graph import load_clusters
from tdscaling.types import Tool, ToolKey


@click.group()
def command() -> None:
    """Look into the services that are simulated from schemas alone."""


@command.command()
@click.argument("catalog", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("cluster")
@click.option(
    "--clusters",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Clusters from `tdscaling cluster`; without it CLUSTER is the name of a server.",
)
@click.option(
    "--overrides", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="YAML file of corrections."
)
@click.option("--json", "as_data", is_flag=True, help="Print the model as JSON.")
def show(catalog: Path, cluster: str, clusters: Path | None, overrides: Path | None, as_data: bool) -> None:
    """Print what is inferred of a CLUSTER of CATALOG: entities, life cycles, what each tool does and which are left
    out.

    \b
    Example:
      tdscaling simulate show catalog.jsonl.gz desk
      tdscaling simulate show catalog.jsonl.gz c0123456789abcde --clusters clusters.jsonl --overrides desk.yaml
    """
    tools = tools_in(catalog)
    used = _used(tools, cluster, clusters)
    environment = _environment(tools, used, overrides)
    models = [environment.model(name) for name in sorted({key.server for key in used})]
    if as_data:
        click.echo(json.dumps([{**as_json(model), "digest": model.digest} for model in models], ensure_ascii=False))
        return
    click.echo("---\n".join(shown(model) for model in models), nl=False)


@command.command()
@click.argument("catalog", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("server")
@click.option(
    "--overrides", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="YAML file of corrections."
)
@click.option("--worlds", type=click.IntRange(1, 100), default=2, show_default=True, help="Worlds to try the laws on.")
@click.option("--json", "as_data", is_flag=True, help="Print the findings as JSON.")
def check(catalog: Path, server: str, overrides: Path | None, worlds: int, as_data: bool) -> None:
    """Try the laws of simulated services on a SERVER of CATALOG: print which tools are left out and why, and what
    does not hold. Ends with 1 where a law is broken or nothing can be simulated.

    \b
    Example:
      tdscaling simulate check catalog.jsonl.gz desk
    """
    tools = tools_in(catalog)
    environment = _environment(tools, _used(tools, server, None), overrides, worlds)
    found = checked(environment, server, worlds)
    click.echo(json.dumps(found, ensure_ascii=False) if as_data else findings(found))
    if found["broken"] or not found["tools"]:
        raise click.exceptions.Exit(1)


def _environment(
    tools: Sequence[Tool], used: Sequence[ToolKey], overrides: Path | None, worlds: int = 1
) -> SimulatedEnvironment:
    """The servers of the tools that are used, as their overrides correct them. Raises ConfigError."""
    servers = sorted({key.server for key in used})
    corrections = read_overrides(overrides, servers) if overrides else None
    own = [tool for tool in tools if tool.server in servers]
    return SimulatedEnvironment(own, used=used, overrides=corrections, worlds=worlds)


def _used(tools: Sequence[Tool], name: str, clusters: Path | None) -> list[ToolKey]:
    """The tools of a cluster, or of a server. Raises ConfigError for neither."""
    if clusters is not None:
        found = next((one for one in load_clusters(clusters) if name in (one.id, one.name)), None)
        if found is None:
            raise ConfigError(f"{clusters} has no cluster {name!r}; `tdscaling cluster` names them")
        return list(found.tools)
    used = [tool.key for tool in tools if tool.server == name]
    if not used:
        raise ConfigError(f"no server {name!r} in the catalogue; `tdscaling catalog show` lists them")
    return used
