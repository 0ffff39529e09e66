"""What each parameter of a tool is for: naming the thing, setting a field, filtering, paging, sorting, or nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tdscaling.environments.simulated.entities import naming_schema
from tdscaling.environments.simulated.inputs import context_name, inputs_of, several
from tdscaling.environments.simulated.model import Comparison, Entity, FieldModel, Param
from tdscaling.environments.simulated.naming import (
    CREATED,
    UPDATED,
    canonical,
    canonical_fields,
    first,
    parent_name,
    referring,
)
from tdscaling.environments.simulated.reading import Reading
from tdscaling.environments.simulated.schemas import items_of, properties_of, required_of, scalar
from tdscaling.semantics.words import raw_words, words
from tdscaling.types import JsonObject, JsonValue

_PRESENT = frozenset(
    "format field expand include embed locale verbose pretty projection select view alt callback populate detail "
    "fields expansion rendering envelope encoding timezone lang with_ show hydrate".split()
)
_LIMITS = ("limit", "page size", "per page", "count", "max result", "size", "top", "first", "max", "result",
    "num result",
           "max item", "take", "number", "n", "result per page", "page limit", "rows", "row", "item per page",
           "maximum result")  # fmt: skip
_OFFSETS = ("offset", "skip", "start index", "start at", "from index", "start")
_PAGES = ("page", "page number", "page index", "page num", "current page")
_CURSORS = ("cursor", "page token", "next token", "after", "starting after", "next cursor", "continuation token",
    "token",
            "next page token", "next", "marker", "scroll id", "start cursor", "pagination token", "bookmark",
            "continue")  # fmt: skip
_SORTS = ("sort", "sort by", "order by", "sort field", "orderby", "sort key", "ordering", "sort column")
_DIRECTIONS = ("order", "direction", "sort order", "sort direction", "order direction", "sort dir")
_TEXTS = frozenset("query q search keyword term text pattern searchterm".split())
_LOW = frozenset("after since from min gte gt start minimum begin".split())
_HIGH = frozenset("before until to max lte lt end maximum".split())
_SAYS_LOW = re.compile(
    r"on or after|later than|newer than|\bsince\b|starting from|\bat least\b|greater than|minimum", re.I
)
_SAYS_HIGH = re.compile(r"on or before|earlier than|older than|\buntil\b|up to|\bat most\b|less than|maximum", re.I)
_PARTIAL = re.compile(r"contain|partial|substring|match|search|fuzzy|includes|keyword", re.I)
_EXPRESSION = frozenset("filter where expression condition criteria predicate jql sql".split())


def params_of(reading: Reading, entity: Entity) -> tuple[tuple[Param, ...], Mapping[str, FieldModel]]:
    """The parameters of a tool, and fields that the entity lacks and a filter speaks of, by name."""
    known = canonical_fields(entity)
    extra: dict[str, FieldModel] = {}
    found: list[Param] = []
    taken = {field.path for field in reading.view.inputs}
    for path, schema, required in inputs_of(reading):
        param = _one(reading, entity, path, schema, known, extra)
        mistaken = not any(place == path[0] or place.startswith((f"{path[0]}.", f"{path[0]}[]")) for place in taken)
        if mistaken and not required and properties_of(schema) == {} and scalar(schema):
            param = Param(path=path, role="context")
        if param.role == "value" and any(other.role == "value" and other.field == param.field for other in found):
            own = "_".join(path) if path[1:] else f"{path[-1]}_given"
            param = replace(param, field=_new(reading, own, schema, known, extra))
        found.append(replace(param, required=required, default=_default(param, schema)))
    return tuple(found), extra


_SAYS_DEFAULT = re.compile(r"\bdefault(?:s|ing)?(?: value| is| to| of)*\W{1,4}(\d{1,4})\b|\b(\d{1,4}) by default", re.I)


def _default(param: Param, schema: JsonObject) -> JsonValue:
    """What holds where a parameter is not given: of a page's size what its description says, where its schema is
    silent.

    >>> _default(Param(path=("size",), role="limit"), {"description": "How many; set to 50 by default."})
    50
    """
    said = _SAYS_DEFAULT.search(str(schema.get("description", ""))) if param.role == "limit" else None
    return int(said[1] or said[2]) if said and "default" not in schema else schema.get("default")


def _one(
    reading: Reading, entity: Entity, path: tuple[str, ...], schema: JsonObject,
    known: dict[str, str], extra: dict[str, FieldModel],
) -> Param:  # fmt: skip
    place, name = ".".join(path), canonical(path[-1], reading.entity)
    if place in reading.keys:
        whole = schema.get("type") in ("integer", "number") and name == "id"
        field = known.get(name) if name != "id" or whole else None
        return Param(path=path, role="key", field=field if field in entity.unique else entity.identifier)
    if any(place == parent for parent, _ in reading.parents):
        return _parent(reading, entity, path, schema, known, extra)
    if context_name(path[-1], schema):
        return Param(path=path, role="context")
    match reading.kind:
        case "list" | "count":
            return _listing(reading, path, schema, known, extra)
        case "create" | "update":
            if name not in known or several(reading, path, schema):
                return Param(path=path, role="refused")
            return Param(path=path, role="value", field=known[name])
        case "move":
            return _moving(reading, path, schema, known, extra)
        case _:
            return _selecting(reading, path, schema, known, extra)


def _parent(
    reading: Reading, entity: Entity, path: tuple[str, ...], schema: JsonObject,
    known: dict[str, str], extra: dict[str, FieldModel],
) -> Param:  # fmt: skip
    phrase = dict(reading.parents)[".".join(path)]
    name, parent = parent_name(path[-1], phrase, reading.entity), " ".join(phrase)
    field = known.get(canonical(name, reading.entity)) or _pointing(entity, parent)
    if field is not None and not naming_schema({**entity.fields, **extra}[field].schema, field):
        name, field = name if name not in entity.fields else f"{name}_name", None
    if field is None:
        field = _new(reading, name, schema, known, extra)
        extra[field] = replace(extra[field], refers=parent)
    if reading.kind in ("create", "link"):
        return Param(path=path, role="value", field=field)
    if reading.kind in ("list", "count"):
        many = items_of(schema) is not None
        return Param(path=path, role="filter", field=field, comparison="any" if many else "equal", parent=parent)
    if not scalar(schema):
        return Param(path=path, role="context")
    return Param(path=path, role="key", field=field, parent=parent)


def _pointing(entity: Entity, parent: str) -> str | None:
    """The field of an entity that holds a parent's identifier."""
    return next(
        (name for name, spec in entity.fields.items() if spec.refers == parent and name != entity.identifier), None
    )


def _new(reading: Reading, name: str, schema: JsonObject, known: dict[str, str], extra: dict[str, FieldModel]) -> str:
    """A field that only a parameter speaks of."""
    inner = items_of(schema) if items_of(schema) is not None else schema
    kept = {key: value for key, value in (inner or {}).items() if key not in ("default", "description", "examples")}
    plain_name = name.rpartition(".")[2]
    known[canonical(plain_name, reading.entity)] = plain_name
    extra[plain_name] = FieldModel(name=plain_name, schema=kept or {"type": "string"})
    return plain_name


def _moving(
    reading: Reading, path: tuple[str, ...], schema: JsonObject, known: dict[str, str], extra: dict[str, FieldModel]
) -> Param:
    """What is said with a step of the life cycle is noted under the step's name: `refund_amount`."""
    if set(words(path[-1])) & _PRESENT or schema.get("type") == "boolean":
        return Param(path=path, role="context")
    name = path[-1] if reading.verb in words(path[-1]) else f"{reading.verb}_{path[-1]}"
    key = canonical(name, reading.entity)
    field = known.get(key)
    if field is None:
        field = known[key] = name
        extra[name] = FieldModel(name=name, schema={k: v for k, v in schema.items() if k != "default"}, given=True)
    return Param(path=path, role="value", field=field)


def _selecting(
    reading: Reading, path: tuple[str, ...], schema: JsonObject, known: dict[str, str], extra: dict[str, FieldModel]
) -> Param:
    """Of a tool on one thing: what else must be named tells which one, the rest is presentation or unknown."""
    parts = words(path[-1])
    presents = set(parts) & _PRESENT or " ".join(parts) in (*_LIMITS, *_OFFSETS, *_PAGES, *_CURSORS)
    if presents or schema.get("type") == "boolean":
        return Param(path=path, role="context")
    name = canonical(path[-1], reading.entity)
    needed = path[-1] in required_of(reading.inputs) and schema.get("type") in ("string", "integer", None)
    if needed and (name in known or referring(path[-1])):
        return Param(path=path, role="key", field=known.get(name) or _new(reading, path[-1], schema, known, extra))
    return Param(path=path, role="refused")


def _listing(
    reading: Reading, path: tuple[str, ...], schema: JsonObject, known: dict[str, str], extra: dict[str, FieldModel]
) -> Param:
    parts = words(path[-1])
    whole = " ".join(parts)
    kind = schema.get("type")
    if kind in ("integer", "number", None) or whole in _SORTS or whole in _DIRECTIONS:
        if whole in _LIMITS:
            return Param(path=path, role="limit")
        if whole in _OFFSETS:
            return Param(path=path, role="offset")
        if whole in _PAGES:
            return Param(path=path, role="page")
    if whole in _SORTS:
        return Param(path=path, role="sort")
    if whole in _DIRECTIONS:
        enum = schema.get("enum")
        listed = [str(item).lower() for item in enum] if isinstance(enum, list) else []
        return Param(path=path, role="direction" if not listed or "asc" in listed else "sort")
    if whole in _CURSORS and not _times(schema):
        return Param(path=path, role="cursor")
    return _filtering(reading, path, schema, known, extra)


def _filtering(
    reading: Reading, path: tuple[str, ...], schema: JsonObject, known: dict[str, str], extra: dict[str, FieldModel]
) -> Param:
    parts, kind = words(path[-1]), schema.get("type")
    if (
        kind == "string"
        and parts
        and (set(parts) & _TEXTS)
        and set(parts) <= _TEXTS | {*reading.entity, "string", "full"}
    ):
        return Param(path=path, role="text")
    if set(parts) & _PRESENT:
        return Param(path=path, role="context")
    if (
        set(parts) & _EXPRESSION
        or kind == "object"
        or (items_of(schema) is not None and not scalar(items_of(schema) or {}))
    ):
        return Param(path=path, role="refused")
    ranged = _range(path, schema, known)
    if ranged is not None:
        return ranged
    name = canonical(path[-1], reading.entity)
    field = known.get(name) or _new(reading, path[-1], schema, known, extra)
    plural = kind == "string" and raw_words(path[-1])[-1:] != list(words(path[-1])[-1:]) and path[-1][-1:] == "s"
    if items_of(schema) is not None or (plural and "enum" not in schema):
        return Param(path=path, role="filter", field=field, comparison="any")
    partial = kind == "string" and "enum" not in schema and _PARTIAL.search(str(schema.get("description", "")))
    titled = name.split(" ")[-1] in ("name", "title", "subject")
    return Param(path=path, role="filter", field=field, comparison="contains" if partial and titled else "equal")


def _times(schema: JsonObject) -> bool:
    said = f"{schema.get('format', '')} {schema.get('description', '')}".lower()
    return any(word in said for word in ("date", "time", "iso 8601", "iso8601", "timestamp"))


def _range(path: tuple[str, ...], schema: JsonObject, known: dict[str, str]) -> Param | None:
    """A bound on a time or a number: `created_after`, `min_price`, `since`."""
    if schema.get("type") not in ("string", "integer", "number") or "enum" in schema:
        return None
    parts = words(path[-1])
    bounds = [word for word in parts if word in _LOW | _HIGH]
    if not bounds or len(bounds) > 1:
        return None
    comparison: Comparison = "least" if bounds[0] in _LOW else "most"
    said = str(schema.get("description", ""))
    if _SAYS_LOW.search(said) != _SAYS_HIGH.search(said):
        comparison = "least" if _SAYS_LOW.search(said) else "most"
    rest = " ".join(word for word in parts if word not in bounds and word not in ("than", "or", "on", "equal", "value"))
    field = next((known[name] for name in _candidates(rest, known)), None)
    if field is None:
        return Param(path=path, role="refused")
    return Param(path=path, role="filter", field=field, comparison=comparison)


def _candidates(rest: str, known: Mapping[str, str]) -> Iterator[str]:
    """Fields that a bound may speak of: of that name, beginning with it, else the time of creation."""
    if rest in known:
        yield rest
    yield from (name for name in known if rest and name.startswith(f"{rest} "))
    if rest in ("", "date", "time", "datetime", "timestamp", "day", "created", "creation"):
        for names in (CREATED, ("date", "time", "timestamp"), UPDATED):
            found = first(names, known)
            if found is not None:
                yield found
