"""How often the domain of a group of tools is the one that others state for it, with and without category labels.

    python -m benchmarks.graph_domains --readme ../shared/corpora/README.md CATALOG
    python -m benchmarks.graph_domains --labelled CATALOG
    python -m benchmarks.graph_domains --rarity CATALOG

The first reads the words of the README for the domain of each specification ("point of sale and payments"), which stand
in the taxonomy as labels of a domain; the classifier does not see them, since the catalogue carries the specifications'
own categories. The second takes the label of a server's category for the truth and hides it. The third measures how
rare the taxonomy's words are among the catalogue's servers whose digest is even, labels unread, and writes it into the
package; the second then tells the halves apart.
"""

import argparse
import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from tdscaling.catalog import load
from tdscaling.graph import classify
from tdscaling.graph.domains import domain_of_label, group_words, taxonomy_words
from tdscaling.types import Tool

RARITY = Path(__file__).parent.parent / "src/tdscaling/graph/data/rarity.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("catalog", type=Path)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--readme", type=Path)
    task.add_argument("--labelled", action="store_true")
    task.add_argument("--rarity", action="store_true")
    options = parser.parse_args()
    tools = load(options.catalog)
    if options.readme:
        of_specifications(options.readme, tools)
    elif options.labelled:
        of_servers(tools)
    else:
        RARITY.write_text(rarity(_servers(tools)), encoding="utf-8")


def of_specifications(readme: Path, tools: Sequence[Tool]) -> None:
    stated: dict[str, str] = {}
    for line in readme.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 8 and cells[1].endswith((".json", ".yaml")):
            label = re.split(r";| \(has OpenAPI| \(YAML", cells[2])[0].strip()
            domain = domain_of_label(label)
            if domain:
                stated[f"openapi:{cells[1]}"] = domain
    groups: dict[str, list[Tool]] = {}
    for tool in tools:
        if tool.source in stated:
            groups.setdefault(tool.source, []).append(tool)
    for name, hide in (("with categories", False), ("without categories", True)):
        wrong: list[str] = []
        for source, tools in sorted(groups.items()):
            found = classify([replace(tool, category="") for tool in tools] if hide else tools)
            if found != stated[source]:
                wrong.append(f"  {source}: {found}, stated {stated[source]}")
        print(f"{name}: {len(groups) - len(wrong)} of {len(groups)} as stated")
        print("\n".join(wrong))


def of_servers(tools: Sequence[Tool]) -> None:
    for half in (0, 1):
        right = total = 0
        for name, group in _servers(tools).items():
            found = Counter(domain for tool in group if (domain := domain_of_label(tool.category)))
            if found and _digest(name) % 2 == half:
                truth = min(found, key=lambda domain: (-found[domain], domain))
                total += 1
                right += classify([replace(tool, category="") for tool in group]) == truth
        print(f"{('even', 'odd')[half]} half: {right} of {total} servers as labelled ({right / max(1, total):.3f})")


def rarity(servers: Mapping[str, Sequence[Tool]]) -> str:
    """By word the log of how many servers there are for one that says it, 1 in the mean."""
    even = [group for name, group in servers.items() if _digest(name) % 2 == 0]
    spread = Counter(word for group in even for word in group_words(group))
    found = {word: math.log((len(even) + 1) / (spread[word] + 1)) for word in sorted(taxonomy_words())}
    mean = sum(found.values()) / len(found)
    lines = [f"{json.dumps(word, ensure_ascii=False)}: {value / mean:.3f}" for word, value in found.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _servers(tools: Sequence[Tool]) -> dict[str, list[Tool]]:
    found: dict[str, list[Tool]] = {}
    for tool in tools:
        found.setdefault(tool.server, []).append(tool)
    return dict(sorted(found.items()))


def _digest(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)


if __name__ == "__main__":
    main()
