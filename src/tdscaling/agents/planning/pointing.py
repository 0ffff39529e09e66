"""How people point at what a result shows: by what the thing is called, and by a field that tells it from others."""

import re

from tdscaling.agents.phrases import action, thing
from tdscaling.agents.planning.worth import rank, tellable
from tdscaling.agents.wording import label, noun
from tdscaling.types import JsonValue, Tool
from tdscaling.values import Leaf, leaves, normal
from tdscaling.values.generate import words

_GENERAL = frozenset(
    "data result results item items record records row rows response list entries values content".split()
)

_MACHINE = re.compile(r"[0-9a-f]{12,}|[0-9a-fA-F-]{32,}|\w+://.*|[A-Za-z0-9+/=_-]{24,}")
"""By what nobody points at a thing."""


def called(parameter: str, path: str, producer: Tool) -> str:
    """What the things are called that the values of `parameter` name, found at `path` of the producer's result.

    >>> getter = Tool(server="clever", name="getDistrictAdmins")
    >>> called("branch_name", "branches[].name", getter), called("id", "data[].id", getter)
    ('branch', 'district admin')
    """
    last = path.rpartition(".")[2]
    own = noun(parameter) or noun(last)
    if own and own not in ("value", "line"):
        return own
    holder = path.rpartition(".")[0].rpartition(".")[2].replace("[]", "")
    if holder and holder.lower() not in _GENERAL and not path.rpartition(".")[0].endswith("[]"):
        return " ".join(words(holder))
    return thing(producer)


def aimed(tool: Tool, phrase: str) -> str:
    """A request that is about what `phrase` points at.

    >>> getter = Tool(server="clever", name="getSchoolAdmin")
    >>> aimed(getter, "the school admin whose email is x"), aimed(getter, "the district whose name is y")
    ('look up the school admin whose email is x', 'look up the school admin for the district whose name is y')
    """
    asked = action(tool)
    own = f"the {thing(tool)}"
    if asked.endswith(f" {own}") and _pointed(phrase, thing(tool)):
        return f"{asked.removesuffix(own)}{phrase}"
    return f"{asked} for {phrase}"


def _pointed(phrase: str, name: str) -> bool:
    return phrase.startswith((f"the {name} ", f"the first {name} ", f"the last {name} "))


def attribute(path: str, thing_called: str) -> str:
    """How the field at `path` is called beside the thing that has it: "name" rather than "team name" for a team."""
    said = label(path)
    return said.removeprefix(f"{thing_called} ") if said.startswith(f"{thing_called} ") else said


def telling_field(output: JsonValue, chosen: Leaf) -> Leaf | None:
    """Another field of the same record that tells it from the others, and is good to say: a name before an id."""
    if "[]" not in chosen.path:
        return None
    container = chosen.path.rpartition("[]")[0]
    depth = chosen.path.count("[]")
    others: dict[str, list[Leaf]] = {}
    for leaf in leaves(output):
        if leaf.path.rpartition("[]")[0] == container and leaf.path != chosen.path:
            others.setdefault(leaf.path, []).append(leaf)
    for _, found in sorted(others.items(), key=lambda one: (rank(one[0], one[1][0].value), one[0])):
        mine = [leaf for leaf in found if leaf.place[:depth] == chosen.place[:depth]]
        if len(mine) == 1 and _tells(mine[0], found) and words(str(mine[0].value)) != words(str(chosen.value)):
            return mine[0]
    return None


def _tells(leaf: Leaf, among: list[Leaf]) -> bool:
    """Whether a person would say the value, and it is no other record's."""
    if not isinstance(leaf.value, str) or not tellable(leaf.value) or _MACHINE.fullmatch(leaf.value):
        return False
    return sum(normal(other.value) == normal(leaf.value) for other in among) == 1
