"""Which assignment of a tool's parameters to try next: the best guess, then what the last error asks for."""

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from tdscaling.exploration.blame import Blame, blame, corrected, without
from tdscaling.exploration.candidates import Candidate
from tdscaling.types import JsonObject, JsonValue
from tdscaling.values.generate import choices

Assignment = dict[str, Candidate]
MAX_MIXTURES = 40
_MOST_HINTS = 3
_MOST_ALIKE = 2
_PATIENCE = 4
"""Failures after which a parameter that may be left out is tried without being asked for."""
_NEW_VALUES = 3
"""Further values made up for a parameter that an error is about, once what there was has been tried."""


@dataclass(slots=True)
class Search:
    """The assignments of one tool, each tried once.

    `options`: candidates by parameter, the most promising first. `start`: assignments that are guessed whole, such as
    those that worked for tools alike, and `alike` the values of these by name. `make` makes up another value for a
    parameter, given a value that it is to resemble or what an error asks it to hold. `extra`: the schemas of
    parameters that may be left out.
    """

    name: str
    options: dict[str, list[Candidate]]
    extra: Mapping[str, JsonObject]
    schemas: Mapping[str, JsonObject]
    start: Sequence[Assignment]
    alike: Mapping[str, Candidate]
    make: Callable[[str, JsonObject, JsonValue, str], JsonValue]
    more: Callable[[str, JsonObject], list[Candidate]]
    rng: Random
    tried: set[str] = field(default_factory=set[str])
    _next: deque[Assignment] = field(default_factory=deque[Assignment])
    _sweep: list[Assignment] | None = None
    _mixtures: int = 0
    _failures: int = 0
    _extras: list[tuple[str, Candidate]] | None = None

    def __post_init__(self) -> None:
        self._next.extend(self.start)

    def next(self) -> Assignment | None:
        """An assignment that has not been tried, marked as tried; None when there is nothing left to guess."""
        while True:
            chosen = self._next.popleft() if self._next else self._guess()
            if chosen is None:
                return None
            if (key := _key(chosen)) not in self.tried:
                self.tried.add(key)
                return chosen

    def failed(self, chosen: Assignment, message: str) -> None:
        """Takes in what a failed call said: what it asks for is tried next."""
        arguments = {name: candidate.value for name, candidate in chosen.items()}
        found = blame(message, arguments, [name for name in self.extra if name not in chosen], self.name)
        asked: list[Assignment] = []
        for position, name in enumerate(found.about[:2]):
            if not position:
                asked.extend(self._corrected(chosen, name, found))
            asked.extend(self._changed(chosen, name, found))
        asked.extend({**chosen, name: Candidate(value, "made")} for name, value in found.settings)
        for name in found.absent[:2]:
            asked.extend({**chosen, name: one} for one in self._of(name)[:2])
        self._failures += 1
        if self._failures % _PATIENCE == 0:
            asked[:0] = [{**chosen, name: one} for name, one in self._known_extras() if name not in chosen][:1]
        self._next.extendleft(reversed(asked))

    def _known_extras(self) -> Sequence[tuple[str, Candidate]]:
        """Optional parameters with a value that worked for a tool alike; each is offered once."""
        if self._extras is None:
            self._extras = [(name, self.alike[name]) for name in self.extra if name in self.alike]
        taken, self._extras = self._extras[:1], self._extras[1:]
        return taken

    def _corrected(self, chosen: Assignment, name: str, found: Blame) -> Sequence[Assignment]:
        """The assignment with each value that the message offers in the place of what it finds wrong."""
        value = chosen[name].value
        if found.wrong:
            values = [corrected(value, found.wrong, hint) for hint in found.hints]
        else:
            values = [hint for hint in found.hints if isinstance(value, str)]
        return [{**chosen, name: Candidate(other, "hint")} for other in values if other != value][:_MOST_HINTS]

    def _changed(self, chosen: Assignment, name: str, found: Blame) -> Sequence[Assignment]:
        """The assignment with one parameter changed to what else is known for it, in the order in which to try."""
        value, schema = chosen[name].value, self._schema(name)
        others: list[Candidate] = []
        if found.taken:
            others.append(Candidate(self.make(name, schema, value, ""), "made"))
        if isinstance(value, list) and len(value) > 1:
            others.append(Candidate(value[:1], "made"))
        if _structured(value):
            if found.refused:
                others.append(Candidate(without(value, found.refused), "made"))
            others.append(Candidate(self.make(name, schema, None, found.wanted), "made"))
        others.extend(one for one in self._of(name) if one.value != value)
        changed = [together({**chosen, name: one}, name) for one in others]
        untried = [one for one in changed if _key(one) not in self.tried]
        if not untried and chosen[name].origin != "ambient":
            made = (Candidate(self.make(name, schema, None, found.wanted), "made") for _ in range(_NEW_VALUES))
            untried = [{**chosen, name: one} for one in made]
        return untried[:2]

    def _of(self, name: str) -> list[Candidate]:
        if name not in self.options:
            self.options[name] = self.more(name, self._schema(name))
        return self.options[name]

    def _schema(self, name: str) -> JsonObject:
        return self.schemas.get(name) or self.extra.get(name) or {}

    def _guess(self) -> Assignment | None:
        """One parameter changed at a time, then random mixtures."""
        needed = {name: found for name, found in self.options.items() if name in self.schemas}
        if self._sweep is None:
            self._sweep = list(reversed(_one_at_a_time(needed)))
        if self._sweep:
            return self._sweep.pop()
        self._mixtures += 1
        if self._mixtures > MAX_MIXTURES or all(len(found) == 1 for found in needed.values()):
            return None
        return {name: self.rng.choice(found) for name, found in needed.items()}


def like_others(
    worked: Sequence[Assignment], options: Mapping[str, Sequence[Candidate]], schemas: Mapping[str, JsonObject]
) -> list[Assignment]:
    """The best guess for all parameters, those that other tools share taken together from a call that worked for
    them; what a parameter's own schema offers comes first."""
    shared = [
        {
            name: one
            for name, one in known.items()
            if name in options and not choices(schemas[name]) and not _structured(one.value)
        }
        for known in worked
    ]
    best = {name: found[0] for name, found in options.items()}
    most = max((len(known) for known in shared), default=0)
    return [{**best, **known} for known in shared if known and len(known) == most][:_MOST_ALIKE]


def _structured(value: JsonValue) -> bool:
    """Whether a value holds properties: these are made up, not found."""
    return isinstance(value, Mapping) or (isinstance(value, list) and any(_structured(item) for item in value))


def _one_at_a_time(options: Mapping[str, Sequence[Candidate]]) -> list[Assignment]:
    best = {name: found[0] for name, found in options.items()}
    found = [best]
    for position in range(max((len(some) for some in options.values()), default=0)):
        for name, some in options.items():
            if position < len(some) and (position or some[position].context):
                found.append(together({**best, name: some[position]}, name))
    return found


def together(chosen: Assignment, name: str) -> Assignment:
    """A value brings along the arguments of the call that showed it: a sheet its workbook."""
    for other, value in chosen[name].context.items():
        if other in chosen and other != name:
            chosen[other] = Candidate(value, chosen[other].origin if chosen[other].origin != "pool" else "ambient")
    return chosen


def _key(chosen: Assignment) -> str:
    return json.dumps({name: one.value for name, one in chosen.items()}, sort_keys=True, default=str)
