"""How people point at what a result shows: by what the thing is called, and by a field that tells it from others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tdscaling.agents.deeds import makes
from tdscaling.agents.phrases import action, thing
from tdscaling.agents.planning.worth import rank, tellable
from tdscaling.agents.plurals import plural
from tdscaling.agents.wording import NAMING, enumeration, label, noun
from tdscaling.semantics.words import singular
from tdscaling.types import JsonValue, Tool
from tdscaling.values import Leaf, leaves, normal
from tdscaling.values.generate import words

_GENERAL = frozenset(
    "data result results item items record records row rows response list entries values content value line".split()
)

_MACHINE = re.compile(r"[0-9a-f]{12,}|[0-9a-fA-F-]{32,}|\w+://.*|[A-Za-z0-9+/=_-]{24,}")
"""By what nobody points at a thing."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
"""What somebody points at a thing by where nothing better tells it from others."""
_OBJECT = re.compile(
    r"(?<= )(the|an?) ((?:(?!the |an? |of |for |to |in |from |by |on |at |with |and |or )[\w'-]+ ?)+)$"
)
"""What a request ends in."""
_WRITES = frozenset("update edit modify change set".split())


@dataclass(frozen=True, slots=True)
class Named:
    """What a value of a result names: the `record` that holds it or, where that refers to another thing, this `other`;
    the `role` that a call gives it, where that is not what it is called."""

    record: str
    other: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Pointed:
    """Which one of the things that a call shows: `how` tells it ("whose name is Ann", "first", "" for the only one),
    `within` the call."""

    named: Named
    how: str = ""
    within: str = ""

    def said(self) -> str:
        """
        >>> Pointed(Named("geofence", "calendar"), "whose name is Home").said()
        'the calendar of the geofence whose name is Home'
        >>> Pointed(Named("branch"), "first", " with type all").said()
        'the first branch listed with type all'
        """
        record = self.named.record
        if self.how.startswith("whose "):
            own = f"the {record} {self.how}{f' (listed{self.within})' if self.within else ''}"
        elif self.how:
            own = f"the {self.how} {record} listed{self.within}"
        else:
            own = f"the {record}{self.within or ' you find there'}"
        return f"the {self.named.other} of {own}" if self.named.other else own


def named(parameter: str, path: str, producer: Tool) -> Named:
    """What the values of `parameter` name that stand at `path` of the producer's result.

    >>> admins, fences = (Tool(server="s", name=name) for name in ("getDistrictAdmins", "listGeofences"))
    >>> named("id", "data[].id", admins), named("calendar_id", "[].calendarId", fences)
    (Named(record='district admin', other='', role=''), Named(record='geofence', other='calendar', role=''))
    >>> named("base_branch", "branches[].name", Tool(server="git", name="list_branches"))
    Named(record='branch', other='', role='base branch')
    """
    listing, _, tail = path.rpartition("[]") if "[]" in path else ("", "", path)
    parts = [part for part in tail.split(".") if part]
    record, role = _record(listing, producer), _one(noun(parameter))
    if role and record == "entry":
        record = role
    other = "" if not parts or parts[-1] in NAMING else _one(noun(parts[-1]))
    holders = [part for part in parts[:-1] if part.lower() not in _GENERAL]
    if not other and holders:
        other = _one(" ".join(words(holders[-1])))
    if other in _GENERAL or _head(other) in {singular(word) for word in record.split()}:
        other = ""
    same = _head(role) == _head(other) if other else {*role.casefold().split()} <= {*record.casefold().split()}
    return Named(record, other, "" if same else role)


def _record(listing: str, producer: Tool) -> str:
    """What the things in a list are called."""
    about = thing(producer)
    holder = listing.rpartition(".")[2].replace("[]", "")
    if not holder or holder.lower() in _GENERAL:
        return about
    found = _one(" ".join(words(holder)))
    return about if _head(about) == _head(found) else found


def _one(text: str) -> str:
    head, _, tail = text.rpartition(" ")
    return f"{head} {singular(tail)}".strip()


def _head(text: str) -> str:
    return text.rpartition(" ")[2].casefold()


def aimed(tool: Tool, pointed: Pointed) -> str:
    """A request that is about what is pointed at.

    >>> getter = Tool(server="clever", name="getSchoolAdmin")
    >>> aimed(getter, Pointed(Named("school admin"), "whose email is x"))
    'look up the school admin whose email is x'
    >>> aimed(getter, Pointed(Named("district"), "whose name is y"))
    'look up the school admin for the district whose name is y'
    >>> aimed(Tool(server="git", name="create_branch"), Pointed(Named("branch", role="base branch"), "first"))
    'create a branch with the first branch listed as the base branch'
    """
    asked, about = action(tool), pointed.named
    own = _object(asked)
    if own and _is_about(own, about, exactly=not pointed.how.startswith("whose ")):
        said = replace(pointed, named=about if about.other else replace(about, record=own)).said()
        return f"{asked.removesuffix(own).rstrip().rpartition(' ')[0]} {said}"
    said = pointed.said()
    if about.role:
        return f"{asked} with {said} as the {about.role}"
    return f"{asked} {'with' if about.other and asked.split()[0] in _WRITES else 'for'} {said}"


def _is_about(own: str, about: Named, *, exactly: bool) -> bool:
    if about.other:
        return not about.role and own.casefold() == about.other.casefold()
    if exactly or own.casefold() == about.record.casefold():
        return not about.role and own.casefold() == about.record.casefold()
    if about.role:
        return own == about.role or own.endswith(f" {about.role}")
    return _head(own) in {singular(word) for word in about.record.casefold().split()}


def _object(asked: str) -> str:
    """What a request ends in, where that is there already: "" for what it makes."""
    found = _OBJECT.search(asked)
    return "" if not found or (found[1] != "the" and makes(asked)) else found[2]


def once_for_each(tool: Tool, about: Named, first: str = "", within: str = "") -> str:
    """A request that is made for each of the `first` ("three") things that are listed, for all where it is "".

    >>> getter = Tool(server="clever", name="getSchoolAdmin")
    >>> once_for_each(getter, Named("school admin"), "three")
    'look up each of the first three school admins listed'
    >>> once_for_each(getter, Named("district"))
    'look up the school admin, once for every district there is'
    """
    asked = action(tool)
    own = _object(asked)
    many = f"each of the first {first} {plural(about.record)} listed" if first else f"every {about.record} there is"
    many = f"the {about.other} of {many}" if about.other else many
    many += f" (listed{within})" if within and not first else within
    if own and _is_about(own, about, exactly=True):
        return f"{asked.removesuffix(own).rstrip().rpartition(' ')[0]} {many}"
    return f"{asked}, once {'with' if about.role else 'for'} {many}{f' as the {about.role}' if about.role else ''}"


def told_with(facts: Sequence[tuple[str, str]]) -> str:
    """What a call that lists things is told, as an addition to what it lists: labels and facts.

    >>> told_with([("branch type", "f2")]), told_with([])
    (' with branch type {f2}', '')
    """
    return f" with {enumeration([f'{name} {{{fact}}}' for name, fact in facts])}" if facts else ""


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

    def order(one: tuple[str, list[Leaf]]) -> tuple[bool, bool, int, str]:
        path, found = one
        moment = bool(_MOMENT.fullmatch(str(found[0].value)))
        return moment, _in_a_part(chosen.path) and not _beside(path, chosen.path), rank(path, found[0].value), path

    for _, found in sorted(others.items(), key=order):
        mine = [leaf for leaf in found if leaf.place[:depth] == chosen.place[:depth]]
        if len(mine) == 1 and _tells(mine[0], found) and words(str(mine[0].value)) != words(str(chosen.value)):
            return mine[0]
    return None


def seen_beside(about: Named, path: str, where: str) -> Named:
    """What is named where the field that tells it, at `where`, stands beside it in a part of the record: it is that
    part's own.

    >>> seen_beside(Named("report", "account"), "[].account.id", "[].account.name")
    Named(record='account', other='', role='')
    >>> seen_beside(Named("geofence", "calendar"), "[].calendarId", "[].name")
    Named(record='geofence', other='calendar', role='')
    """
    own = about.other and _in_a_part(path) and _beside(where, path)
    return replace(about, record=about.other, other="") if own else about


def _in_a_part(path: str) -> bool:
    return not path.rpartition(".")[0].endswith("[]")


def _beside(path: str, other: str) -> bool:
    return path.rpartition(".")[0] == other.rpartition(".")[0]


def _tells(leaf: Leaf, among: list[Leaf]) -> bool:
    """Whether a person would say the value, and it is no other record's."""
    if not isinstance(leaf.value, str) or not tellable(leaf.value) or _MACHINE.fullmatch(leaf.value):
        return False
    return sum(normal(other.value) == normal(leaf.value) for other in among) == 1
