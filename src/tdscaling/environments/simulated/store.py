"""The state of one simulated service: tables of records that are replaced, never changed, over a shared template."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tdscaling.types import JsonValue, Snapshot

Record = Mapping[str, JsonValue]


def key_of(value: JsonValue) -> str:
    """The text by which a value is looked up: 7 and "7" are the same identifier.

    >>> key_of(7), key_of("7"), key_of(7.0), key_of(True)
    ('7', '7', '7', 'true')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return (
        json.dumps(value, sort_keys=True, ensure_ascii=False)
        if isinstance(value, Mapping | list | tuple)
        else str(value)
    )


def leaves_of(table: str, key: str, record: Record) -> Iterator[tuple[str, str]]:
    """The pieces of state of a record: its fields, and that it is there.

    >>> dict(leaves_of("task", "7", {"id": 7, "done": False}))
    {'task[7]': 'there', 'task[7].id': '7', 'task[7].done': 'false'}
    """
    place = f"{table}[{key}]"
    yield place, "there"
    for name, value in record.items():
        yield f"{place}.{name}", value if isinstance(value, str) else _text(value)


def _text(value: JsonValue) -> str:
    """A value as JSON."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Template:
    """A seeded world: tables, the last serial number of each, and its leaves. Shared by sessions, never changed."""

    tables: Mapping[str, Mapping[str, Record]]
    serials: Mapping[str, int]
    snapshot: Snapshot
    state: object = field(default_factory=object, compare=False)
    """Stands for this state."""


def template(tables: Mapping[str, Mapping[str, Record]], serials: Mapping[str, int]) -> Template:
    leaves: dict[str, str] = {f"{name}#last": str(number) for name, number in serials.items()}
    for name, table in tables.items():
        for key, record in table.items():
            leaves.update(leaves_of(name, key, record))
    return Template(tables, serials, Snapshot(leaves))


@dataclass(slots=True)
class Store:
    """One session's state. What is not touched is read from the template."""

    base: Template
    states: dict[str, object] = field(default_factory=dict[str, object], compare=False)
    """What stands for the state of each table that was changed: another one after each change."""
    seen: set[str] = field(default_factory=set[str], compare=False)
    """Tables that were looked at or changed since whoever wants to know has emptied it."""
    _serials: dict[str, int] = field(init=False)
    _tables: dict[str, dict[str, Record]] = field(default_factory=dict[str, dict[str, Record]])
    _touched: dict[tuple[str, str], None] = field(default_factory=dict[tuple[str, str], None])
    _snapshot: Snapshot | None = None

    def __post_init__(self) -> None:
        self._serials = dict(self.base.serials)
        self._snapshot = self.base.snapshot

    def fork(self) -> "Store":
        """A store with the same state, which goes its own way."""
        other = Store(self.base)
        other._serials = dict(self._serials)
        other._tables = {name: dict(table) for name, table in self._tables.items()}
        other._touched = dict(self._touched)
        other.states, other._snapshot = dict(self.states), self._snapshot
        return other

    def table(self, name: str) -> Mapping[str, Record]:
        """The records of an entity by key, in the order of their creation."""
        self.seen.add(name)
        own = self._tables.get(name)
        return own if own is not None else self.base.tables.get(name, {})

    def get(self, name: str, value: JsonValue) -> Record | None:
        return self.table(name).get(key_of(value))

    def put(self, name: str, value: JsonValue, record: Record) -> None:
        """Adds a record, or puts it in the place of the one with its key."""
        key = key_of(value)
        self._own(name)[key] = record
        self._touch(name, key)

    def drop(self, name: str, key: str) -> None:
        del self._own(name)[key]
        self._touch(name, key)

    def serial(self, name: str) -> int:
        """The last serial number of an entity, 0 before the first."""
        self.seen.add(name)
        return self._serials.get(name, 0)

    def next_serial(self, name: str) -> int:
        """Takes the next serial number of an entity."""
        self._serials[name] = self.serial(name) + 1
        self._changed(name)
        return self._serials[name]

    def snapshot(self) -> Snapshot:
        """The whole state; the template's own object while nothing has changed."""
        if self._snapshot is None:
            leaves = dict(self.base.snapshot.leaves)
            leaves.update((f"{name}#last", str(number)) for name, number in self._serials.items())
            for name, key in self._touched:
                old = self.base.tables.get(name, {}).get(key)
                for path, _ in leaves_of(name, key, old) if old is not None else ():
                    leaves.pop(path, None)
                new = self.table(name).get(key)
                if new is not None:
                    leaves.update(leaves_of(name, key, new))
            self._snapshot = Snapshot(leaves)
        return self._snapshot

    def _own(self, name: str) -> dict[str, Record]:
        if name not in self._tables:
            self._tables[name] = dict(self.base.tables.get(name, {}))
        return self._tables[name]

    def _touch(self, name: str, key: str) -> None:
        self._touched[name, key] = None
        self._changed(name)

    def _changed(self, name: str) -> None:
        self.seen.add(name)
        self.states[name], self._snapshot = object(), None
