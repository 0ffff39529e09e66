"""`tdscaling cluster`: the Business Clusters of a catalogue."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import click

from tdscaling.catalog import load
from tdscaling.graph import find_clusters, find_edges, load_edges, save_clusters, summary
from tdscaling.types import JsonValue


@click.command()
@click.argument("catalog", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option(
    "--edges", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Edges from `tdscaling graph`."
)
@click.option("--json", "as_json", is_flag=True, help="Print counts, sizes, domains and evidence as JSON.")
def command(catalog: Path, output: Path, edges: Path | None, as_json: bool) -> None:
    """Group the tools of CATALOG into Business Clusters of 3 to 20 tools.

    \b
    Example:
      tdscaling cluster catalog.jsonl.gz --edges edges.jsonl -o clusters.jsonl
    """
    tools = load(catalog)
    clusters = find_clusters(tools, load_edges(edges) if edges else find_edges(tools))
    save_clusters(output, clusters)
    counts = summary(clusters)
    click.echo(json.dumps(counts) if as_json else _text(counts, output))


def _text(counts: Mapping[str, JsonValue], output: Path) -> str:
    lines = [
        f"{counts['disjoint']:,} disjoint, {counts['distinct']:,} distinct, {counts['cross_service']:,} across servers",
        f"{counts['tools']:,} tools, {counts['edges']:,} edges → {output}",
    ]
    domains = cast("Mapping[str, int]", counts["domains"])
    lines += [f"  {domains[name]:6,} {name}" for name in sorted(domains, key=lambda name: (-domains[name], name))]
    return "\n".join(lines)
