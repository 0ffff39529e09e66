"""A chain of calls that was executed: the proof that a cluster's order can be run.

Each step succeeded in exploration, and each but the first was called with a value that the step before it gave, or read
back what that step wrote. All but the last two steps are reads, so that the calls, each made on the same initial state,
give the same when they are made one after another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tdscaling.types import Cluster, Edge, Exploration, JsonObject, JsonValue, Observation, ToolKey, WitnessStep
from tdscaling.values import leaves, parse

Chain = tuple[WitnessStep, ...]
_TRIED = 4
"""Successful calls of a tool that chains are sought through."""


def witness(cluster: Cluster, exploration: Exploration) -> Chain:
    """The longest such chain along the cluster's order, of two steps at least; () where there is none."""
    place = {key: index for index, key in enumerate(cluster.order)}
    feeding = _feeding(place, exploration.edges)
    ending: dict[tuple[ToolKey, int], Chain] = {}
    found: list[Chain] = []
    for key in cluster.order:
        for number, call in enumerate(_calls(key, exploration)):
            longest = max(_before(call, feeding.get(key, ()), ending, exploration), key=_length, default=())
            chain = (*longest, WitnessStep(key, call.arguments))
            found.append(chain)
            if call.changed:
                found.extend((*chain, step) for step in _read_back(call, place, exploration))
            else:
                ending[key, number] = chain
    best = max(found, key=_length, default=())
    return best if len(best) > 1 else ()


def _length(chain: Chain) -> int:
    return len(chain)


def _calls(key: ToolKey, exploration: Exploration) -> Sequence[Observation]:
    profile = exploration.profiles.get(key)
    return profile.successes[:_TRIED] if profile else ()


def _feeding(place: Mapping[ToolKey, int], edges: Iterable[Edge]) -> Mapping[ToolKey, Sequence[Edge]]:
    """By consumer the value edges from tools that come before it."""
    found: dict[ToolKey, list[Edge]] = {}
    for edge in edges:
        if edge.kind == "value":
            producer, consumer = place.get(edge.producer.key), place.get(edge.consumer.key)
            if producer is not None and consumer is not None and producer < consumer:
                found.setdefault(edge.consumer.key, []).append(edge)
    return found


def _before(
    call: Observation,
    edges: Iterable[Edge],
    ending: Mapping[tuple[ToolKey, int], Chain],
    exploration: Exploration,
) -> Iterator[Chain]:
    """The chains whose last call gave a value that this call was made with, in the same world."""
    for edge in edges:
        used = _values(call.arguments, edge.consumer.field)
        for number, earlier in enumerate(_calls(edge.producer.key, exploration)):
            chain = ending.get((edge.producer.key, number))
            if chain and earlier.world == call.world:
                result = parse(earlier.result.content, earlier.result.structured)
                if used & _values(result, edge.producer.field):
                    yield chain


def _values(value: JsonValue, path: str) -> set[str | int | float | bool]:
    bare = path.removesuffix("[]")
    return {leaf.value for leaf in leaves(value) if leaf.path.removesuffix("[]") == bare and leaf.value is not None}


def _read_back(write: Observation, place: Mapping[ToolKey, int], exploration: Exploration) -> Iterator[WitnessStep]:
    """The calls that found after this first write of its tool what they did not find before it."""
    if not _calls(write.tool, exploration) or _calls(write.tool, exploration)[0] is not write:
        return
    for back in exploration.readbacks:
        asked = _calls(back.reader, exploration)
        if back.writer == write.tool and asked and place.get(back.reader, -1) > place[write.tool]:
            shared: JsonObject = {name: write.arguments.get(name, value) for name, value in asked[0].arguments.items()}
            yield WitnessStep(back.reader, {**shared, back.reader_param: write.arguments[back.writer_param]})
