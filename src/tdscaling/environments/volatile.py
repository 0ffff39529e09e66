"""State that differs from run to run by itself (times, random identifiers), learned and left out of snapshots."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tdscaling.types import Snapshot

ROW = re.compile(r"^(?P<table>.*#[^\[\]]*)\[(?P<key>.*)\]\.(?P<column>[^\[\]]*)$", re.DOTALL)
CHANCE = re.compile(r"[0-9a-f]{6,}|\d+")
MASKED = "volatile"


@dataclass(frozen=True, slots=True)
class Volatile:
    """`leaves`: patterns of paths whose value is by chance. `keys`: tables whose row keys are.

    In a pattern `*` stands for a row's key, or for digits in a path.
    """

    leaves: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def __or__(self, other: "Volatile") -> "Volatile":
        return Volatile(self.leaves | other.leaves, self.keys | other.keys)

    def masked(self, snapshot: Snapshot) -> Snapshot:
        """`snapshot` with chance values replaced by a constant and chance row keys by what the row holds."""
        if not self.leaves and not self.keys:
            return snapshot
        names = self._row_names(snapshot.leaves)
        leaves: dict[str, str] = {}
        for path, value in snapshot.leaves.items():
            row = ROW.match(path)
            if row is None:
                if path in self.leaves:
                    leaves[path] = MASKED
                elif general(path) not in self.leaves:
                    leaves[path] = value
                continue
            table, column = row["table"], row["column"]
            key = names.get((table, row["key"]), row["key"])
            leaves[f"{table}[{key}].{column}"] = MASKED if f"{table}[*].{column}" in self.leaves else value
        return Snapshot(leaves)

    def _row_names(self, leaves: Mapping[str, str]) -> dict[tuple[str, str], str]:
        """By table and chance key: a name made from the row's steady columns, numbered where rows are alike."""
        held: dict[tuple[str, str], list[str]] = {}
        for path, value in sorted(leaves.items()):
            row = ROW.match(path)
            if row is not None and row["table"] in self.keys:
                steady = f"{row['table']}[*].{row['column']}" not in self.leaves
                held.setdefault((row["table"], row["key"]), []).append(f"{row['column']}={value}" if steady else "")
        names: dict[tuple[str, str], str] = {}
        taken: dict[tuple[str, str], int] = {}
        for (table, key), columns in held.items():
            name = hashlib.sha256("\n".join(columns).encode()).hexdigest()[:10]
            number = taken[table, name] = taken.get((table, name), 0) + 1
            names[table, key] = f"~{name}" if number == 1 else f"~{name}.{number}"
        return names


def general(path: str) -> str:
    """A path with everything in it that looks like chance replaced by `*`.

    >>> general("tmp/upload-83ab04f1.txt")
    'tmp/upload-*.txt'
    """
    return CHANCE.sub("*", path)


def learn_volatile(pairs: Iterable[tuple[Snapshot, Snapshot]]) -> Volatile:
    """What differs between two runs of the same calls on the same initial state, as patterns.

    >>> one = Snapshot({"kb.db#note[a1].title": "x", "kb.db#note[a1].at": "10:00"})
    >>> two = Snapshot({"kb.db#note[b7].title": "x", "kb.db#note[b7].at": "10:05"})
    >>> volatile = learn_volatile([(one, two)])
    >>> sorted(volatile.leaves), sorted(volatile.keys)
    (['kb.db#note[*].at'], ['kb.db#note'])
    >>> volatile.masked(one) == volatile.masked(two)
    True
    """
    leaves: set[str] = set()
    keys: set[str] = set()
    for one, two in pairs:
        _plain(one.leaves, two.leaves, leaves)
        _rows(one.leaves, two.leaves, leaves, keys)
    return Volatile(frozenset(leaves), frozenset(keys))


def _plain(one: Mapping[str, str], two: Mapping[str, str], leaves: set[str]) -> None:
    for path in one.keys() | two.keys():
        if one.get(path) == two.get(path):
            continue
        row = ROW.match(path)
        if row is None:
            leaves.add(path if path in one and path in two else general(path))
        elif path in one and path in two:
            leaves.add(f"{row['table']}[*].{row['column']}")


def _rows(one: Mapping[str, str], two: Mapping[str, str], leaves: set[str], keys: set[str]) -> None:
    """Rows that only one run has, paired in the order of their keys, tell chance keys and chance columns."""
    mine, theirs = _table_rows(one), _table_rows(two)
    for table in sorted(mine.keys() & theirs.keys()):
        left = [row for key, row in mine[table].items() if key not in theirs[table]]
        right = [row for key, row in theirs[table].items() if key not in mine[table]]
        if not left or len(left) != len(right):
            continue
        keys.add(table)
        columns = left[0].keys()
        for column in columns:
            if sorted(row.get(column, "") for row in left) != sorted(row.get(column, "") for row in right):
                leaves.add(f"{table}[*].{column}")


def _table_rows(leaves: Mapping[str, str]) -> dict[str, dict[str, dict[str, str]]]:
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for path, value in sorted(leaves.items()):
        if (row := ROW.match(path)) is not None:
            tables.setdefault(row["table"], {}).setdefault(row["key"], {})[row["column"]] = value
    return tables
