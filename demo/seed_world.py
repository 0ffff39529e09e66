"""Fills a workspace with a believable small company: `python seed_world.py --seed 7 FOLDER`.

The same seed gives the same workspace; needs Python, openpyxl and git.
"""

import argparse
from pathlib import Path

from worlds.company import found
from worlds.database import make_database
from worlds.knowledge import make_knowledge
from worlds.repository import make_repository
from worlds.workbooks import make_workbooks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("workspace", type=Path)
    given = parser.parse_args()
    company = found(given.seed)
    make_repository(company, given.workspace, given.seed)
    make_workbooks(company, given.workspace, given.seed)
    make_database(company, given.workspace / "shop.db", given.seed)
    make_knowledge(company, given.workspace / "kb.db", given.seed)


if __name__ == "__main__":
    main()
