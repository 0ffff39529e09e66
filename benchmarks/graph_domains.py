"""How often the domain of a specification is the one that the corpora's README states for it.

    python benchmarks/graph_domains.py ../shared/corpora/README.md CATALOG

The README's words for a domain ("point of sale and payments") stand in the taxonomy as labels of a domain; the
classifier does not see them, since the catalogue carries the specifications' own categories.
"""

import re
import sys
from dataclasses import replace
from pathlib import Path

from tdscaling.catalog import load
from tdscaling.graph import classify
from tdscaling.graph.domains import domain_of_label
from tdscaling.types import Tool


def main(readme: Path, catalog: Path) -> None:
    stated: dict[str, str] = {}
    for line in readme.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 8 and cells[1].endswith((".json", ".yaml")):
            label = re.split(r";| \(has OpenAPI| \(YAML", cells[2])[0].strip()
            domain = domain_of_label(label)
            if domain:
                stated[f"openapi:{cells[1]}"] = domain
    groups: dict[str, list[Tool]] = {}
    for tool in load(catalog):
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


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
