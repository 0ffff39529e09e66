"""What can be planned at all with the tools of a cluster, judged by what exploration has shown of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from tdscaling.agents.planning.inputs import showing
from tdscaling.agents.planning.scouting import ANY, Wanted, shown
from tdscaling.types import Exploration, JsonScalar, JsonValue, Mode, ParamProfile, Tool, ToolKey, ToolProfile
from tdscaling.values import at
from tdscaling.values.generate import words
from tdscaling.values.schema import optional, parameters, required

_MIN_NAME = 4
FEW = 3
"""With fewer values in a result nothing can be said of other results."""
_OF_PAGES = frozenset(
    "id min max since until first last after before starting ending cursor page pages per offset limit size token next "
    "previous prev marker continuation skip take".split()
)
_SMALL = 100
"""Smaller numbers identify nothing: they never count as looked up."""


@dataclass(frozen=True)
class Feasible:
    """What can be planned with explored tools: each is looked at once, however many clusters have it."""

    tools: Mapping[ToolKey, Tool]
    known: Exploration

    @cached_property
    def _usable(self) -> Mapping[ToolKey, "_Usable"]:
        """The tools that worked, and work the same again."""
        return {
            key: _Usable(tool, profile, self.known)
            for key, tool in self.tools.items()
            if (profile := self.known.profiles.get(key)) and profile.successes and not profile.volatile
        }

    def modes(self, tools: Collection[ToolKey]) -> frozenset[Mode]:
        """The modes that these tools allow; a mode that is missing can't be planned in any world or band."""
        usable = [self._usable[key] for key in tools if key in self._usable]
        found = _modes(usable)
        if any(back.writer in tools and back.reader in self.known.profiles for back in self.known.readbacks):
            found.add("verifying")
        return frozenset(found)


def _modes(usable: Sequence["_Usable"]) -> set[Mode]:
    """All but verifying, which no tool allows by itself."""
    told = [one for one in usable if one.can_be_told]
    acting = [one for one in told if one.profile.params and one.profile.effect != "destroy"]
    readers = [one for one in told if one.profile.effect == "read"]
    found: set[Mode] = {"abstaining"}
    if any(takes(one.profile) for one in told):
        found.add("direct")
    if any(takes(one.profile) for one in acting):
        found |= {"clarifying", "revising"}
    if any(takes(one.profile) for one in readers):
        found.add("parallel")
    if any(one.profile.effect == "read" for one in usable):
        found.add("computational")
    if readers and len(acting) > 2:
        found.add("conditional")
    if any(one.can_be_looked_up for one in usable):
        found |= {"sequential", "exploratory"}
    if any(one.can_be_repeated for one in usable):
        found.add("iterative")
    if any(one.can_be_misspelt for one in usable):
        found.add("recovering")
    return found


@dataclass(frozen=True)
class _Usable:
    """A tool that worked."""

    tool: Tool
    profile: ToolProfile
    known: Exploration

    @cached_property
    def can_be_told(self) -> bool:
        """Whether a person can say all that a call needs: some reading tool shows it, and it is no query."""
        needed = required(self.tool)
        params = [param for param in self.profile.params if param.needed or param.name in needed]
        return all(
            param.kind != "sql" and (param.kind != "produced" or showing(self.known, self.tool.key, param.name))
            for param in params
        )

    @cached_property
    def can_be_looked_up(self) -> bool:
        return any(names_something(param) and self._shown(param, ANY) for param in self.profile.params)

    @cached_property
    def can_be_repeated(self) -> bool:
        """Whether it reads, for each of a list of names."""
        read = self.profile.effect == "read"
        return read and any(
            is_text(param) and self._shown(param, Wanted(is_word, least=3)) for param in self.profile.params
        )

    @cached_property
    def can_be_misspelt(self) -> bool:
        """Whether a call fails with a name that is slightly wrong, and a result shows names."""
        schemas = {**parameters(self.tool), **optional(self.tool)}
        return any(
            can_be_misspelt(self.profile, param) and self._shown(param, Wanted(is_misspellable))
            for param in self.profile.params
            if "enum" not in schemas.get(param.name, {})
        )

    def _shown(self, param: ParamProfile, wanted: Wanted) -> bool:
        """Whether a result that shows values for a parameter holds so many that fit and name one thing each: a state
        that all share names nothing. Results too small to tell count where there are no others."""
        found = [
            (edge.producer.field, shown(seen.result.content))
            for edge in showing(self.known, self.tool.key, param.name)
            if wanted.least == 1 or "[]" in edge.producer.field
            for seen in self.known.profiles[edge.producer.key].successes
        ]
        large = [one for one in found if len(at(one[1].output, one[0])) >= FEW]
        if not large:
            return bool(found)
        return any(sum(wanted.fits(leaf.value) for leaf in read.naming(field)) >= wanted.least for field, read in large)


def takes(profile: ToolProfile) -> bool:
    """Whether there is anything to say for a call: the first that worked had arguments."""
    return bool(profile.successes) and bool(profile.successes[0].arguments)


def names_something(param: ParamProfile) -> bool:
    """Whether values of a parameter identify something when they stand in a message."""
    return not pages(param.name) and any(
        isinstance(value, str) or (isinstance(value, int | float) and abs(value) >= _SMALL) for value in _values(param)
    )


def is_text(param: ParamProfile) -> bool:
    return not pages(param.name) and any(isinstance(value, str) for value in _values(param))


def pages(parameter: str) -> bool:
    """Whether a parameter says which part of a list to show: people name no thing by it.

    >>> pages("min_id"), pages("first"), pages("startingAfter"), pages("first_name"), pages("id")
    (True, True, True, False, False)
    """
    found = set(words(parameter))
    return not found - _OF_PAGES and found != {"id"}


def is_word(value: JsonScalar) -> bool:
    return isinstance(value, str)


def is_misspellable(value: JsonScalar) -> bool:
    """Whether a value is a text that someone could misremember."""
    return isinstance(value, str) and misspellable(value)


def can_be_misspelt(profile: ToolProfile, param: ParamProfile) -> bool:
    """Whether a call with the name slightly wrong would fail, and someone might get the name wrong."""
    texts = (value for value in _values(param) if isinstance(value, str))
    return param.strict and bool(profile.failures) and any(misspellable(text) for text in texts)


def misspellable(value: str) -> bool:
    """Whether a value is a name of letters that someone could misremember.

    >>> misspellable("Budget.xlsx"), misspellable("a1"), misspellable("51e4ed8a5e0336346988742bf162b21ae48bf4aa")
    (True, False, False)
    """
    letters = sum(char.isalpha() for char in value)
    return len(value) >= _MIN_NAME and letters >= len(value) * 0.6 and len(value) <= 60


def _values(param: ParamProfile) -> Iterator[JsonValue]:
    for value in param.values:
        if isinstance(value, list | tuple):
            yield from value
        else:
            yield value
