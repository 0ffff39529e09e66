"""Which tool's output feeds which tool's input, and what must come before what."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tdscaling.graph.cross_edges import Crossing
from tdscaling.graph.embeddings import Embedder, embeddings
from tdscaling.graph.free_text import free_text_edges
from tdscaling.graph.order_edges import order_edges
from tdscaling.graph.path_edges import path_edges
from tdscaling.graph.services import units
from tdscaling.graph.shared_inputs import shared_input_edges
from tdscaling.graph.value_edges import value_edges
from tdscaling.semantics.views import views
from tdscaling.types import Edge, Tool, ToolKey


def find_edges(
    tools: Sequence[Tool],
    *,
    executed: Sequence[Edge] = (),
    embed: Embedder = embeddings,
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[Edge, ...]:
    """The dependency edges of a catalogue, sorted; the same for any order of `tools`.

    `executed` are edges proved by calls: they replace what the rules say of the same producer, consumer and input,
    and keep their score. Those that speak of tools outside the catalogue are left out. `embed` says how near in
    meaning texts are: the shipped table, or another model's vectors. `progress` is told the share of
    the tools that is done, now and then.
    """
    groups = by_server(tools)
    done = 0
    found: list[Edge] = []
    crossing = Crossing()
    for seen, scored in value_edges((views(unit.tools) for unit in units(groups)), embed):
        crossing.add(seen)
        values = path_edges(seen, scored)
        values.extend(shared_input_edges(seen, values))
        values.extend(free_text_edges(seen, values))
        found.extend(values)
        found.extend(order_edges(seen, values))
        done += len(seen)
        progress(done / len(tools))
    found.extend(crossing.edges())
    keys = {tool.key for group in groups.values() for tool in group}
    proved = [edge for edge in executed if edge.producer.key in keys and edge.consumer.key in keys]
    return tuple(sorted(_merged(proved, found), key=edge_order))


def by_server(tools: Sequence[Tool]) -> dict[str, list[Tool]]:
    """Tools by server, both in the order of their names; of several with one key the first in canonical JSON."""
    kept: dict[ToolKey, Tool] = {}
    for tool in tools:
        held = kept.get(tool.key)
        if held is None or (held != tool and _canonical(tool) < _canonical(held)):
            kept[tool.key] = tool
    groups: dict[str, list[Tool]] = {}
    for key in sorted(kept):
        groups.setdefault(key.server, []).append(kept[key])
    return groups


def edge_order(edge: Edge) -> tuple[object, ...]:
    """The order of edges in files and results."""
    return edge.producer, edge.consumer, edge.kind, -edge.score


def _canonical(tool: Tool) -> str:
    parts: Mapping[str, object] = {"d": tool.description, "i": tool.input_schema, "o": tool.output_schema}
    return json.dumps(parts, sort_keys=True, default=str)


def _merged(proved: Sequence[Edge], found: Sequence[Edge]) -> list[Edge]:
    """Proved edges, with the rules' evidence beside their own, and the others."""
    ruled = {_place(edge): edge for edge in found}
    kept: dict[tuple[object, ...], Edge] = {}
    for edge in sorted(proved, key=edge_order):
        rule = ruled.get(_place(edge))
        said = tuple(sorted({*edge.evidence, *(rule.evidence if rule else ())}))
        held = kept.get(_place(edge))
        if held is None or edge.score > held.score:
            kept[_place(edge)] = replace(edge, evidence=said)
    for place, edge in ruled.items():
        kept.setdefault(place, edge)
    return list(kept.values())


def _place(edge: Edge) -> tuple[object, ...]:
    return edge.kind, edge.producer.key, edge.consumer.key, edge.consumer.field
