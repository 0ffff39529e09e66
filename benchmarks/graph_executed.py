"""Edges found from schemas alone against what calls on the live demo servers proved, after `make servers`.

    python -m benchmarks.graph_executed [--pairs]

Exploration calls every tool of the demo's servers. Judged are the pairs (producer, consumer's input) of one server of
which both ends are known: the input is strict (a random value of its type was refused or found nothing), and a value
that the producer's result held, without having been given it, was tried there; or exploration wrote it and read it
back. The pair is right if such a value worked once, wrong if every one failed. Pairs that nobody tried count neither
way. An input counts as covered when one of its right producers is asserted.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from tdscaling.config.load import load
from tdscaling.config.run import RunConfig
from tdscaling.environments.confined import confined_launcher
from tdscaling.environments.live import LiveEnvironment
from tdscaling.graph import find_edges
from tdscaling.pipeline.prepare import gather_tools, get_to_know, live_specs
from tdscaling.types import Edge, Exploration, JsonObject, JsonValue, Observation, Tool, ToolKey, ToolProfile
from tdscaling.values import leaves, normal, parse

DEMO = Path(__file__).resolve().parent.parent / "demo"
Input = tuple[ToolKey, str]
Judged = dict[tuple[ToolKey, Input], bool]


async def explored(folder: Path) -> tuple[list[Tool], Exploration]:
    """The demo's tools and what exploration found out about them."""
    config = load(DEMO / "demo.yaml", RunConfig, [])
    sources = [DEMO / source for source in config.sources]
    launcher, _ = confined_launcher(config.environment)
    tools, problems = await gather_tools(sources, launcher, folder / "catalog.jsonl.gz")
    print(*problems, sep="\n")
    specs = live_specs(sources)
    async with LiveEnvironment(specs, config.environment, seed=config.seed, base=DEMO, launcher=launcher) as live:
        knowledge = await get_to_know(tools, live, config)
    return tools, knowledge.exploration


def judge(exploration: Exploration) -> Judged:
    """Whether the values of a producer work at an input, for the pairs that were tried."""
    held = _held(exploration.profiles.values())
    found: Judged = {}
    for key, profile in exploration.profiles.items():
        for param in (param.name for param in profile.params if param.strict):
            for seen, worked in _tried(profile.successes, profile.failures):
                for producer in held.get(_value(seen.arguments.get(param)), ()):
                    pair = (producer, (key, param))
                    if producer != key and producer.server == key.server:
                        found[pair] = found.get(pair, False) or worked
    for edge in exploration.edges:
        if edge.kind == "value" and "read_back" in edge.evidence and edge.producer.server == edge.consumer.server:
            found[(edge.producer.key, _input(edge))] = True
    return found


def _held(profiles: Iterable[ToolProfile]) -> Mapping[str, set[ToolKey]]:
    """By canonical text, the tools whose results held a value that they were not given."""
    held: dict[str, set[ToolKey]] = {}
    for profile in profiles:
        for seen in profile.successes:
            given = {_value(value) for value in seen.arguments.values()}
            for leaf in leaves(parse(seen.result.content), limit=400):
                text = normal(leaf.value)
                if text and text not in given and not isinstance(leaf.value, bool):
                    held.setdefault(text, set()).add(seen.tool)
    return held


def _tried(good: Iterable[Observation], bad: Iterable[Observation]) -> list[tuple[Observation, bool]]:
    return [(seen, True) for seen in good] + [(seen, False) for seen in bad]


def _value(value: JsonValue) -> str:
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    return normal(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _input(edge: Edge) -> Input:
    return edge.consumer.key, edge.consumer.field.split(".")[0].removesuffix("[]")


def figures(edges: list[Edge], judged: Judged, least: float) -> tuple[JsonObject, list[str]]:
    """Precision and recall of the value edges of at least this score, and a line for every judged pair."""
    said = {(e.producer.key, _input(e)): e for e in edges if e.kind == "value" and e.score >= least}
    right = {pair for pair, worked in judged.items() if worked}
    hit = len(right & said.keys())
    lines = [
        f"{'right' if judged[pair] else 'wrong'} {'said' if pair in said else '    '} {pair[0]} → {_told(pair[1])}"
        for pair in sorted(judged)
    ]
    inputs = {place for _, place in right}
    table: JsonObject = {
        "precision": round(hit / max(1, len(judged.keys() & said.keys())), 3),
        "recall": round(hit / max(1, len(right)), 3),
        "inputs_covered": f"{len({place for _, place in right & said.keys()})} of {len(inputs)}",
        "right": len(right),
        "wrong": len(judged) - len(right),
        "asserted_and_judged": len(judged.keys() & said.keys()),
        "asserted_not_judged": len(said.keys() - judged.keys()),
    }
    return table, lines


def _told(place: Input) -> str:
    return f"{place[0]} {place[1]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", action="store_true", help="list the judged pairs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tools, exploration = asyncio.run(explored(Path(folder)))
    judged, edges = judge(exploration), find_edges(tools)
    for least in (0.5, 0.1):
        table, lines = figures(edges, judged, least)
        print(f"edges from {least}: {table}")
        for server in sorted({tool.server for tool in tools}) if least == 0.5 else ():
            own = {pair: worked for pair, worked in judged.items() if pair[1][0].server == server}
            its = [edge for edge in edges if edge.consumer.server == server]
            print(f"  {server}: {figures(its, own, least)[0]}")
        if options.pairs and least == 0.5:
            print(*lines, sep="\n")


if __name__ == "__main__":
    main()
