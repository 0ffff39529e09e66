"""What exploration found, in a form that is stored and read back."""

from collections.abc import Mapping
from dataclasses import dataclass

from tdscaling.environments import Volatile
from tdscaling.environments.live_session import Script
from tdscaling.store import decode, encode
from tdscaling.types import Edge, Exploration, JsonObject, ReadBack, ToolProfile


@dataclass(frozen=True, slots=True)
class Knowledge:
    """An exploration as lists, with the verdicts on reuse by server, what went wrong, what differs by itself, and by
    server the calls whose results are part of the state: tool and arguments."""

    profiles: tuple[ToolProfile, ...]
    edges: tuple[Edge, ...]
    readbacks: tuple[ReadBack, ...]
    reuse: tuple[tuple[str, bool], ...]
    problems: tuple[str, ...]
    volatile_leaves: tuple[str, ...] = ()
    volatile_keys: tuple[str, ...] = ()
    probes: tuple[tuple[str, tuple[tuple[str, JsonObject], ...]], ...] = ()

    @classmethod
    def of(
        cls,
        exploration: Exploration,
        reuse: Mapping[str, bool],
        problems: tuple[str, ...],
        volatile: Volatile | None = None,
        probes: Mapping[str, Script] | None = None,
    ) -> "Knowledge":
        profiles = tuple(exploration.profiles[key] for key in sorted(exploration.profiles))
        return cls(
            profiles,
            exploration.edges,
            exploration.readbacks,
            tuple(sorted(reuse.items())),
            problems,
            tuple(sorted(volatile.leaves)) if volatile else (),
            tuple(sorted(volatile.keys)) if volatile else (),
            tuple((server, tuple(calls)) for server, calls in sorted((probes or {}).items())),
        )

    @property
    def volatile(self) -> Volatile:
        """What of the state differs by itself from one time to the next."""
        return Volatile(frozenset(self.volatile_leaves), frozenset(self.volatile_keys))

    def with_more(self, exploration: Exploration, problems: tuple[str, ...]) -> "Knowledge":
        """This and what was found of other servers."""
        mine = self.exploration
        both = Exploration(
            profiles={**mine.profiles, **exploration.profiles},
            edges=(*mine.edges, *exploration.edges),
            readbacks=(*mine.readbacks, *exploration.readbacks),
        )
        return Knowledge.of(both, dict(self.reuse), (*self.problems, *problems), self.volatile, dict(self.probes))

    @property
    def exploration(self) -> Exploration:
        profiles = {profile.tool: profile for profile in self.profiles}
        return Exploration(profiles=profiles, edges=self.edges, readbacks=self.readbacks)

    def dumped(self) -> bytes:
        return encode(self)

    @staticmethod
    def loaded(data: bytes) -> "Knowledge":
        return decode(Knowledge, data)
