"""`tdscaling graph`: the dependency edges of a catalogue, or the producers and consumers of one tool."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from tdscaling.cli.catalogues import tools_in
from tdscaling.cli.outputs import refuse_loss, writable
from tdscaling.cli.refinement import flags, refinement, said
from tdscaling.cli.steps import step
from tdscaling.errors import ConfigError
from tdscaling.graph import find_edges, load_edges, neighbours, neighbours_json, save_edges
from tdscaling.graph.encoders import chosen
from tdscaling.graph.refining import Refining, edge_questions, refine_edges
from tdscaling.types import Edge, JsonValue, Tool, ToolKey

TRUSTED = 0.5


@click.command()
@click.argument("catalog", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write the edges to.")
@click.option("--executed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Edges proved by calls.")
@click.option("--show", metavar="SERVER/TOOL", help="Print what feeds a tool and what it feeds, with the evidence.")
@click.option("--embeddings", metavar="MODEL", help="A sentence-transformers model instead of the shipped table.")
@flags
@click.option("--json", "as_json", is_flag=True, help="Print the counts, and what --show finds, as JSON.")
def command(
    catalog: Path,
    output: Path | None,
    executed: Path | None,
    show: str | None,
    embeddings: str | None,
    refine: str | None,
    base_url: str | None,
    api_key_env: str | None,
    answers: Path | None,
    price: tuple[float, float],
    as_json: bool,
) -> None:
    """Find which tool's output feeds which tool's input in CATALOG, and what must come before what.

    With --embeddings another model than the shipped table says how near words are in meaning (extra `embeddings`).
    With --refine a model judges the edges of which the rules are unsure; what it answers is kept and paid for once.

    \b
    Example:
      tdscaling graph catalog.jsonl.gz -o edges.jsonl
      tdscaling graph catalog.jsonl.gz --show git/git_show
      tdscaling graph catalog.jsonl.gz -o edges.jsonl --refine qwen3-8b --base-url http://localhost:8000/v1
    """
    if output is None and show is None:
        raise ConfigError("nothing to do: give -o FILE to write the edges, or --show SERVER/TOOL to print a tool's")
    if output is not None:
        refuse_loss(output, (catalog, executed))
        writable(output)
    model = refinement(refine, base_url, api_key_env, answers, price, output)
    embed = chosen(embeddings)
    tools = tools_in(catalog)
    key = _key(show, tools) if show is not None else None
    with step("edges") as progress:
        edges = find_edges(tools, executed=load_edges(executed) if executed else (), embed=embed, progress=progress)
    refined = None
    if model is not None:
        ruled = edges
        edges, refined = model.run(
            "refining", edge_questions(tools, ruled), lambda asked, told: refine_edges(tools, ruled, asked, told=told)
        )
    if output is not None:
        save_edges(output, edges)
    counts = _counts(edges) if output is not None else {}
    click.echo(_json(counts, refined, key, edges) if as_json else _text(counts, refined, key, edges))


def _key(text: str, tools: Sequence[Tool]) -> ToolKey:
    found = next((tool.key for tool in tools if str(tool.key) == text), None)
    if found is None:
        raise ConfigError(f"{text}: no such tool in the catalogue; `tdscaling catalog show CATALOG` lists them")
    return found


def _counts(edges: Sequence[Edge]) -> dict[str, int]:
    kinds = Counter(edge.kind for edge in edges)
    return {
        "edges": len(edges),
        "value": kinds["value"],
        "order": kinds["order"],
        "trusted": sum(edge.score >= TRUSTED for edge in edges),
        "executed": sum(edge.executed for edge in edges),
    }


def _json(counts: Mapping[str, int], refined: Refining | None, key: ToolKey | None, edges: Sequence[Edge]) -> str:
    told: dict[str, JsonValue] = {**counts, **({"refined": refined.json()} if refined else {})}
    return json.dumps({**told, **(neighbours_json(key, edges) if key else {})})


def _text(counts: Mapping[str, int], refined: Refining | None, key: ToolKey | None, edges: Sequence[Edge]) -> str:
    lines = [", ".join(f"{count:,} {name}" for name, count in counts.items())] if counts else []
    lines += [said(refined)] if refined else []
    return "\n".join([*lines, *([neighbours(key, edges)] if key else [])])
