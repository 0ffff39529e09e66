"""`tdscaling cluster`: the Business Clusters of a catalogue."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import click

from tdscaling.cli.catalogues import tools_in
from tdscaling.cli.outputs import refuse_loss, writable
from tdscaling.cli.refinement import flags, refinement, said
from tdscaling.cli.steps import step
from tdscaling.errors import ConfigError
from tdscaling.graph import find_clusters, find_edges, load_edges, save_clusters, summary
from tdscaling.graph.encoders import chosen
from tdscaling.graph.refining import refine_names
from tdscaling.types import JsonValue


@click.command()
@click.argument("catalog", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option(
    "--edges", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Edges from `tdscaling graph`."
)
@click.option("--embeddings", metavar="MODEL", help="A sentence-transformers model instead of the shipped table.")
@flags
@click.option("--json", "as_json", is_flag=True, help="Print counts, sizes, domains and evidence as JSON.")
def command(
    catalog: Path,
    output: Path,
    edges: Path | None,
    embeddings: str | None,
    refine: str | None,
    base_url: str | None,
    api_key_env: str | None,
    answers: Path | None,
    price: tuple[float, float],
    as_json: bool,
) -> None:
    """Group the tools of CATALOG into Business Clusters of 3 to 20 tools.

    With --refine a model names them; what it answers is kept and paid for once.

    \b
    Example:
      tdscaling cluster catalog.jsonl.gz --edges edges.jsonl -o clusters.jsonl
    """
    if edges and embeddings:
        raise ConfigError("--embeddings is for finding edges: give it to `tdscaling graph`, or leave out --edges")
    refuse_loss(output, (catalog, edges))
    writable(output)
    embed = chosen(embeddings)
    model = refinement(refine, base_url, api_key_env, answers, price, output)
    tools = tools_in(catalog)
    if edges:
        found = load_edges(edges)
    else:
        with step("edges") as progress:
            found = find_edges(tools, embed=embed, progress=progress)
    with step("clusters") as progress:
        clusters = find_clusters(tools, found, progress=progress)
    counts = summary(clusters)
    if model is not None:
        ruled = clusters
        clusters, refined = model.run(
            "naming", len(ruled), lambda asked, told: refine_names(tools, ruled, asked, told=told)
        )
        counts["refined"] = refined.json()
        click.echo(said(refined), err=True)
    save_clusters(output, clusters)
    click.echo(json.dumps(counts) if as_json else _text(counts, output))


def _text(counts: Mapping[str, JsonValue], output: Path) -> str:
    lines = [
        f"{counts['disjoint']:,} disjoint, {counts['distinct']:,} distinct, {counts['cross_service']:,} across servers",
        f"{counts['tools']:,} tools, {counts['edges']:,} edges → {output}",
    ]
    domains = cast("Mapping[str, int]", counts["domains"])
    lines += [f"  {domains[name]:6,} {name}" for name in sorted(domains, key=lambda name: (-domains[name], name))]
    return "\n".join(lines)
