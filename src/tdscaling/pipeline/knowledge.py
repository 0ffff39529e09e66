"""What exploration found, in a form that is stored and read back."""

from collections.abc import Mapping
from dataclasses import dataclass

from tdscaling.store import decode, encode
from tdscaling.types import Edge, Exploration, ReadBack, ToolProfile


@dataclass(frozen=True, slots=True)
class Knowledge:
    """An exploration as lists, with the verdicts on reuse by server and what went wrong."""

    profiles: tuple[ToolProfile, ...]
    edges: tuple[Edge, ...]
    readbacks: tuple[ReadBack, ...]
    reuse: tuple[tuple[str, bool], ...]
    problems: tuple[str, ...]

    @classmethod
    def of(cls, exploration: Exploration, reuse: Mapping[str, bool], problems: tuple[str, ...]) -> "Knowledge":
        profiles = tuple(exploration.profiles[key] for key in sorted(exploration.profiles))
        return cls(profiles, exploration.edges, exploration.readbacks, tuple(sorted(reuse.items())), problems)

    @property
    def exploration(self) -> Exploration:
        profiles = {profile.tool: profile for profile in self.profiles}
        return Exploration(profiles=profiles, edges=self.edges, readbacks=self.readbacks)

    def dumped(self) -> bytes:
        return encode(self)

    @staticmethod
    def loaded(data: bytes) -> "Knowledge":
        return decode(Knowledge, data)
