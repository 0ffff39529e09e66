"""Which fields edges start at, of a whole catalogue: no gold, but what can be counted.

    python -m benchmarks.graph_fields CATALOG [--show N]

Counted are the asserted value edges (score 0.5 and more) of one server whose producer publishes an output. A field is
*of the input's very name* if both names are the same words (`projectId`, `project_id`). Where the input is an id (its
last word is id, uuid, guid, sid, gid, key or uid), a start is an id by the same test, or another field though the
producer publishes an id somewhere, or another because it publishes none.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from tdscaling.catalog import load
from tdscaling.graph import find_edges
from tdscaling.semantics.schema import leaves
from tdscaling.semantics.words import words
from tdscaling.types import Edge, Tool

IDS = frozenset("id uuid guid sid gid key uid".split())
Words = tuple[str, ...]


def starts(tools: Sequence[Tool], edges: Sequence[Edge]) -> Iterator[tuple[str, Edge]]:
    """What each counted edge starts at."""
    published = {
        tool.key: frozenset(words(leaf.name) for leaf in leaves(tool.output_schema, 400))
        for tool in tools
        if tool.output_schema
    }
    for edge in edges:
        given = published.get(edge.producer.key)
        if edge.kind == "value" and edge.score >= 0.5 and edge.producer.server == edge.consumer.server and given:
            yield _start(_last(edge.producer.field), _last(edge.consumer.field), given), edge


def _start(have: Words, want: Words, given: frozenset[Words]) -> str:
    if have == want:
        return "the input's very name"
    beside = ", though the very name is published" if want in given else ""
    if not IDS & {*want[-1:]}:
        return "another name" + beside
    if IDS & {*have[-1:]}:
        return "another id" + beside
    if any(IDS & {*name[-1:]} for name in given):
        return "no id, though one is published"
    return "no id, for none is published"


def _last(path: str) -> Words:
    return words(path.rsplit(".", 1)[-1].removesuffix("[]"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="also print so many of each, drawn at random")
    args = parser.parse_args()
    tools = load(args.catalogue)
    found = list(starts(tools, find_edges(tools)))
    for what, count in sorted(Counter(what for what, _ in found).items()):
        print(f"{count:8,} {count / len(found):6.1%}  {what}")
        drawn = [edge for other, edge in found if other == what]
        for edge in random.Random(0).sample(drawn, min(args.show, len(drawn))):
            print(f"    {edge.producer.key} {edge.producer.field} -> {edge.consumer.tool} {edge.consumer.field}")


if __name__ == "__main__":
    main()
