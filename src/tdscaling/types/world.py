"""The state an episode acts on: sessions, snapshots and what changed between two of them."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from tdscaling.types.json import JsonObject
from tdscaling.types.tools import Tool, ToolKey, ToolResult


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State as a flat map: the path of a piece of state to a digest or short value of it."""

    leaves: Mapping[str, str]


class Change(NamedTuple):
    """One piece of state that differs: `value` is the new digest, "" when removed."""

    path: str
    kind: Literal["added", "changed", "removed"]
    value: str


StateDiff = tuple[Change, ...]


def diff(before: Snapshot, after: Snapshot) -> StateDiff:
    """What turns `before` into `after`, sorted by path.

    >>> diff(Snapshot({"a": "1", "b": "2"}), Snapshot({"a": "9", "c": "3"}))  # doctest: +NORMALIZE_WHITESPACE
    (Change(path='a', kind='changed', value='9'), Change(path='b', kind='removed', value=''),
     Change(path='c', kind='added', value='3'))
    """
    old, new = before.leaves, after.leaves
    changes: list[Change] = []
    if old is new:
        return ()
    for path in sorted({path for path, _ in old.items() ^ new.items()}):
        if path not in new:
            changes.append(Change(path, "removed", ""))
        elif path not in old:
            changes.append(Change(path, "added", new[path]))
        else:
            changes.append(Change(path, "changed", new[path]))
    return tuple(changes)


class Session(Protocol):
    """One episode's private access to one or more servers over one world.

    `call` never raises for a tool's or a server's failure: it returns a result that says so.
    """

    @property
    def tools(self) -> Sequence[Tool]: ...

    async def call(self, key: ToolKey, arguments: JsonObject) -> ToolResult: ...

    async def snapshot(self) -> Snapshot: ...

    async def paths(self) -> Sequence[str]:
        """Files and folders of the workspace as the tools name them, sorted; a folder ends in "/".

        Empty where there is no workspace. What is inside a `.git` folder is left out.
        """
        ...


class Environment(Protocol):
    """Opens sessions. A world is an initial state, named by a small integer below `worlds`."""

    @property
    def worlds(self) -> int: ...

    def session(self, servers: Sequence[str], world: int) -> AbstractAsyncContextManager[Session]:
        """A fresh session over these servers, each seeing the initial state of `world`.

        Raises ServerError when a server can't be started.
        """
        ...

    def provenance(self, servers: Sequence[str], world: int) -> JsonObject:
        """What a trajectory keeps of its environment: kind, versions, digest of the initial state."""
        ...
