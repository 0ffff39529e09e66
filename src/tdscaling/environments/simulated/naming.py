"""Names of one thing in different tools: `projectId`, `project_id` and, of a project, `id` are the same field."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from tdscaling.environments.simulated.model import Entity
from tdscaling.semantics.fields import Phrase, split
from tdscaling.semantics.words import words

IDS = ("id", "uuid", "sid", "gid", "uid", "guid", "key", "slug", "code", "number", "no", "name", "login", "path")
"""What an identifier is called, likeliest first."""
TITLES = ("name", "title", "subject", "label", "headline", "summary", "login", "username", "filename")
CREATED = ("created at", "created", "create time", "date created", "created date", "creation date", "created time",
           "creation time", "created on", "create date", "inserted at", "time created")  # fmt: skip
UPDATED = ("updated at", "updated", "update time", "date updated", "modified", "modified at", "last modified",
           "updated date", "modified date", "last updated", "updated time", "modification time", "modified time",
           "updated on", "last modified at", "last modified date", "time updated")  # fmt: skip


@lru_cache(maxsize=100_000)
def canonical(name: str, entity: Phrase) -> str:
    """A field's name without the entity's own, as words; what names the entity alone is its `id`.

    >>> canonical("projectId", ("project",)), canonical("project", ("project",)), canonical("customer_id", ("order",))
    ('id', 'id', 'customer id')
    """
    parts = words(name.rpartition(".")[2])
    if "or" in parts[1:]:
        parts = parts[: parts.index("or")]
    for size in range(len(entity), 0, -1):
        head = entity[-size:]
        if parts[:size] == head:
            rest = parts[size:]
            return " ".join(rest) if rest else "id"
    if parts in (("state",), ("lifecycle", "state")):
        return "status"
    return " ".join(parts) or name


def canonical_fields(entity: Entity) -> dict[str, str]:
    """The names of an entity's fields by canonical name."""
    phrase = tuple(entity.name.split(" "))
    found = {canonical(name, phrase): name for name in entity.fields}
    return {**found, canonical(entity.identifier, phrase): entity.identifier}


def parent_name(name: str, parent: Phrase, own: Phrase) -> str:
    """What the thing that a path's parameter names is called in what lives in it: `{id}` of a school is a
    student's `school_id`.

    >>> parent_name("id", ("school",), ("student",)), parent_name("owner", ("repo",), ("issue",))
    ('school_id', 'owner')
    """
    return f"{'_'.join(parent)}_{name}" if parent and canonical(name, own) in IDS else name


def identifier_like(name: str) -> bool:
    """Whether a canonical name is what identifiers are called."""
    return name.split(" ")[-1] in ("id", "uuid", "sid", "gid", "uid", "guid")


_OF_TOKENS = frozenset("address symbol name amount count decimal contract mint".split())


def of_traded(parts: Sequence[str]) -> bool:
    """Whether words speak of a token that is traded, not of one that lets a caller in.

    >>> of_traded(["token", "address"]), of_traded(["access", "token"])
    (True, False)
    """
    return len(parts) > 1 and parts[0] == "token" and parts[-1] in _OF_TOKENS


def referred(name: str, entities: Iterable[Phrase], own: Phrase) -> Phrase | None:
    """The entity that a field's value identifies, None for none.

    >>> referred("customer_id", [("customer",), ("order",)], ("order",))
    ('customer',)
    """
    parts = words(name.rpartition(".")[2])
    phrase, kind = split(parts)
    if kind not in ("id", "") or not phrase:
        return None
    found = best(phrase, entities)
    return found if found is not None and found != own else None


def referring(name: str) -> bool:
    """Whether a parameter names some thing.

    >>> referring("location_id"), referring("repo"), referring("start_date")
    (True, True, False)
    """
    phrase, kind = split(words(name.rpartition(".")[2]))
    return bool(phrase) and kind in ("id", "", "name") and not {"start", "end", "range"} & {*phrase}


def best(phrase: Phrase, entities: Iterable[Phrase]) -> Phrase | None:
    """The entity of that name: the same phrase, else the only one that ends in the same word."""
    known = sorted(set(entities))
    if phrase in known:
        return phrase
    alike = [entity for entity in known if entity[-1:] == phrase[-1:]]
    longer = [entity for entity in alike if phrase[-len(entity) :] == entity or entity[-len(phrase) :] == phrase]
    return longer[0] if len(longer) == 1 else None


def first(names: Iterable[str], known: Mapping[str, object]) -> str | None:
    """The first of `names` that is known."""
    return next((name for name in names if name in known), None)
