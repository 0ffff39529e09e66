"""How people point at what a result shows: by what the thing is called, and by a field that tells it from others."""

import re

from tdscaling.agents.phrases import action, thing
from tdscaling.agents.planning.worth import rank, tellable
from tdscaling.agents.plurals import plural
from tdscaling.agents.wording import label, noun
from tdscaling.semantics.words import singular
from tdscaling.types import JsonValue, Tool
from tdscaling.values import Leaf, leaves, normal
from tdscaling.values.generate import words

_GENERAL = frozenset(
    "data result results item items record records row rows response list entries values content".split()
)

_MACHINE = re.compile(r"[0-9a-f]{12,}|[0-9a-fA-F-]{32,}|\w+://.*|[A-Za-z0-9+/=_-]{24,}")
"""By what nobody points at a thing."""
_POINTED = re.compile(r"the (?:first |last )?(.+?) (?:whose|listed|you find)\b")


def called(parameter: str, path: str, producer: Tool) -> str:
    """What the things are called that the values of `parameter` name, found at `path` of the producer's result.

    >>> getter = Tool(server="clever", name="getDistrictAdmins")
    >>> called("branch_name", "branches[].name", getter), called("id", "data[].id", getter)
    ('branch', 'district admin')
    """
    last = path.rpartition(".")[2]
    own = noun(parameter) or noun(last)
    if own and own not in ("value", "line"):
        head, _, tail = own.rpartition(" ")
        return f"{head} {singular(tail)}".strip()
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
    pointed = _POINTED.match(phrase)
    if pointed and (end := _ending(asked, pointed[1])):
        return f"{asked.removesuffix(end)}{phrase}"
    return f"{asked} for {phrase}"


def once_for_each(tool: Tool, kind: str, first: str = "") -> str:
    """A request that is made for each of the `first` ("three") things that are listed, for all where it is "".

    >>> getter = Tool(server="clever", name="getSchoolAdmin")
    >>> once_for_each(getter, "school admin", "three")
    'look up each of the first three school admins listed'
    >>> once_for_each(getter, "district")
    'look up the school admin, once for every district there is'
    """
    asked = action(tool)
    many = f"each of the first {first} {plural(kind)} listed" if first else f"every {kind} there is"
    if end := _ending(asked, kind):
        return f"{asked.removesuffix(end)}{many}"
    return f"{asked}, once for {many}"


def _ending(asked: str, kind: str) -> str:
    """The end of a request that is about one thing of this kind, "" where it does not end so."""
    return next((end for end in (f"the {kind}", f"a {kind}", f"an {kind}") if asked.endswith(f" {end}")), "")


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
