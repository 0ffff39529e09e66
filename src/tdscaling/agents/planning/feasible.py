"""What can be planned at all with the tools of a cluster, judged by what exploration has shown of them."""

from collections.abc import Collection, Iterator, Sequence

from tdscaling.types import Exploration, JsonValue, Mode, ParamProfile, ToolKey, ToolProfile

_MIN_NAME = 4
_SMALL = 100
"""Smaller numbers identify nothing: they never count as looked up."""


def plannable(tools: Collection[ToolKey], known: Exploration) -> frozenset[Mode]:
    """The modes that these tools allow; a mode that is missing can't be planned in any world or band."""
    usable = [known.profiles[key] for key in sorted(tools) if key in known.profiles]
    usable = [one for one in usable if one.successes and not one.volatile]
    acting = [one for one in usable if one.params and one.effect != "destroy"]
    readers = [one for one in usable if one.effect == "read"]
    found: set[Mode] = {"abstaining"}
    if any(takes(one) for one in usable):
        found.add("direct")
    if any(takes(one) for one in acting):
        found |= {"clarifying", "revising"}
    if any(takes(one) for one in readers):
        found.add("parallel")
    if readers:
        found.add("computational")
    if readers and len(acting) > 2:
        found.add("conditional")
    pairs = list(produced_params(usable, known))
    if any(names_something(param) for _, param in pairs):
        found |= {"sequential", "exploratory"}
    if any(one.effect == "read" and is_text(param) for one, param in pairs):
        found.add("iterative")
    if any(can_be_misspelt(one, param) for one, param in pairs):
        found.add("recovering")
    if any(back.writer in tools and back.reader in known.profiles for back in known.readbacks):
        found.add("verifying")
    return frozenset(found)


def takes(profile: ToolProfile) -> bool:
    """Whether there is anything to say for a call: the first that worked had arguments."""
    return bool(profile.successes) and bool(profile.successes[0].arguments)


def produced_params(profiles: Sequence[ToolProfile], known: Exploration) -> Iterator[tuple[ToolProfile, ParamProfile]]:
    """The parameters whose values another tool's result shows, by proved edges."""
    for profile in profiles:
        for param in profile.params:
            if known.producers(profile.tool, param.name):
                yield profile, param


def names_something(param: ParamProfile) -> bool:
    """Whether values of a parameter identify something when they stand in a message."""
    return any(
        isinstance(value, str) or (isinstance(value, int | float) and abs(value) >= _SMALL) for value in _values(param)
    )


def is_text(param: ParamProfile) -> bool:
    return any(isinstance(value, str) for value in _values(param))


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
