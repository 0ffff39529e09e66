"""A tool read as an operation on an entity: from its HTTP path where it has one, else from its name and inputs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tdscaling.environments.simulated.doing import COMPUTES, doing, whose
from tdscaling.environments.simulated.lifecycle import is_step, moves_state
from tdscaling.environments.simulated.model import Kind
from tdscaling.environments.simulated.naming import of_traded
from tdscaling.environments.simulated.schemas import needed_paths, plain, properties_of, required_of
from tdscaling.semantics.fields import Field, Phrase, identifying
from tdscaling.semantics.verbs import is_verb
from tdscaling.semantics.views import ToolView, views
from tdscaling.semantics.words import raw_words, singular, words
from tdscaling.types import JsonObject, Tool

_PARAM = re.compile(r"\{([^{}]+)\}")
_ALONE = (["settings"], ["preferences"])
"""Last words that are plural, though there is one of the thing."""
_VERSION = re.compile(r"v?\d+(?:\.\d+)*|api|rest|public|admin")
_COUNTS = frozenset(("count",))
_LINKS = {"add": "link", "attach": "link", "assign": "link", "link": "link", "invite": "link", "join": "link",
          "remove": "unlink", "detach": "unlink", "unassign": "unlink", "unlink": "unlink",
              "leave": "unlink"}  # fmt: skip
_ROLE_KIND: Mapping[str, Kind] = {
    "create": "create", "list": "list", "search": "list", "get": "get", "update": "update", "delete": "delete",
    "act": "move", "auth": "none",
}  # fmt: skip
_KEY_KINDS = ("id", "", "name", "path", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a tool seems to do. `keys` are the inputs that name the thing itself, `parents` those that name
    the things it lives in, by the entity each names."""

    tool: Tool
    view: ToolView
    kind: Kind
    entity: Phrase
    inputs: JsonObject
    """The input schema made plain."""
    verb: str = ""
    keys: tuple[str, ...] = ()
    parents: tuple[tuple[str, Phrase], ...] = ()
    singleton: bool = False
    reason: str = ""
    structural: bool = False
    """Read from the path: surer than from the name."""


def readings(tools: Sequence[Tool]) -> list[Reading]:
    """All tools of one server, in their order."""
    found = [_read(tool, view) for tool, view in zip(tools, views(tools), strict=True)]
    nouns = {reading.entity for reading in found if reading.kind in ("get", "list", "create", "delete")}
    return [_linked(reading, nouns) for reading in found]


def _read(tool: Tool, view: ToolView) -> Reading:
    inputs = _without_noise(plain(tool.input_schema))
    view = doing(tool, _seen(view, inputs))
    http = tool.annotations.get("x-http")
    if isinstance(http, Mapping) and isinstance(http.get("path"), str):
        structural = _by_path(tool, view, inputs, str(http["path"]), str(http.get("method", "GET")))
        if structural is not None:
            return structural
    return _by_name(tool, view, inputs)


_STARTS = ("get", "create", "list", "update", "delete", "search", "add", "remove", "check", "find", "fetch", "generate")


def _without_noise(schema: JsonObject) -> JsonObject:
    """The inputs without those that a crawler took from prose: names of other tools (`get_profiles`), and, where a
    capitalised verb is among them (`Create a new project`), all bare optional words."""
    needed, properties = required_of(schema), properties_of(schema)
    bare = [name for name, spec in properties.items() if name not in needed and spec == {"type": "string"}]
    prose = any(name[:1].isupper() and name.isalpha() and is_verb(words(name)[0]) for name in bare if words(name))
    noise = {
        name
        for name in bare
        if (len(words(name)) > 1 and words(name)[0] in _STARTS) or (prose and name.isalpha() and len(words(name)) < 2)
    }
    if not noise:
        return schema
    return {**schema, "properties": {name: spec for name, spec in properties.items() if name not in noise}}


def _seen(view: ToolView, inputs: JsonObject) -> ToolView:
    """The view without inputs that are none."""
    known = properties_of(inputs)
    if not known:
        return view
    kept = tuple(field for field in view.inputs if re.split(r"[.\[]", field.path)[0] in known)
    return view if len(kept) == len(view.inputs) else replace(view, inputs=kept)


def _segments(path: str) -> list[tuple[str, bool]]:
    """The parts of a path, and whether each is a parameter; versions and file endings left out."""
    found: list[tuple[str, bool]] = []
    for part in path.strip("/").split("/"):
        match = _PARAM.fullmatch(re.sub(r"\.json$", "", part))
        if match:
            found.append((match[1], True))
        elif part and not _VERSION.fullmatch(part.lower()):
            found.append((re.sub(r"\.(json|xml|php)$", "", part), False))
    return found


def _by_path(tool: Tool, view: ToolView, inputs: JsonObject, path: str, method: str) -> Reading | None:
    """The reading of a path in the manner of REST; None where the path is not of that kind."""
    parts = _segments(path)
    if not parts or all(is_param for _, is_param in parts):
        return None
    parents: list[tuple[str, Phrase]] = []
    for index, (name, is_param) in enumerate(parts):
        noun = next((part for part, other in reversed(parts[:index]) if not other), None)
        if is_param and noun is not None:
            within = index + 1 < len(parts) and parts[index + 1][1]
            parents.append((name, _phrase(name if within else noun)))
    last, ends_in_param = parts[-1]
    if ends_in_param:
        noun = next((part for part, is_param in reversed(parts) if not is_param), "")
        kind = _item_kind(method)
        base = Reading(tool=tool, view=view, kind=kind, entity=_phrase(noun), inputs=inputs, structural=True)
        return replace(base, keys=(last,), parents=tuple(parents[:-1]), verb=_verb(view))
    verbal = any(is_verb(word) for word in raw_words(last)) and not _is_noun(last)
    if "." in last or verbal or (len(parts) > 1 and parts[-2][1] and is_step(last, method)):
        reads = method.upper() in ("GET", "HEAD")
        if not reads:
            return _verbal_tail(tool, view, parts, parents, inputs)
        if len(parts) < 2 or not parts[-2][1]:
            return None
    entity = _phrase(last)
    said = raw_words(last)[-1:] not in _ALONE and (_plural(last) or view.role in ("list", "search"))
    many = said or _lists(view)
    kind = _collection_kind(method, many, view)
    keyed = (parents[-1][0],) if kind in ("get", "update", "delete") and parents and not many else ()
    if keyed:
        entity = (*parents[-1][1], *entity)[-4:]
    if kind == "delete" and not keyed:
        return Reading(
            tool=tool, view=view, kind="none", entity=entity, inputs=inputs, reason="deletes without saying which"
        )
    return Reading(
        tool=tool, view=view, kind=kind, entity=entity, inputs=inputs, keys=keyed, parents=tuple(parents),
            structural=True,
        verb=_verb(view), singleton=kind in ("get", "update") and not keyed,
    )  # fmt: skip


def _verbal_tail(
    tool: Tool, view: ToolView, parts: Sequence[tuple[str, bool]], parents: list[tuple[str, Phrase]], inputs: JsonObject
) -> Reading | None:
    """`/orders/{id}/cancel` moves an order; other paths that end in a verb are read by name."""
    tail = parts[-1][0]
    verb = next((word for word in words(tail) if is_verb(word)), "") or (tail if moves_state(tail) else "")
    if len(parts) > 2 and parts[-2][1] and not parts[-3][1] and verb:
        entity = _phrase(parts[-3][0])
        return Reading(
            tool=tool, view=view, kind="move", entity=entity, inputs=inputs, verb=verb, keys=(parts[-2][0],),
            parents=tuple(parents[:-1]), structural=True,
        )  # fmt: skip
    return None


def _is_noun(segment: str) -> bool:
    """`orders`, `comments` or `messages` are things, though `order` and `comment` may be verbs."""
    return raw_words(segment)[-1] != singular(raw_words(segment)[-1])


def _item_kind(method: str) -> Kind:
    kinds: dict[str, Kind] = {"GET": "get", "HEAD": "get", "DELETE": "delete"}
    return kinds.get(method.upper(), "update")


def _collection_kind(method: str, many: bool, view: ToolView) -> Kind:
    method = method.upper()
    if method in ("GET", "HEAD"):
        return "list" if many else "get"
    if method == "DELETE":
        return "delete"
    return "create" if method == "POST" or (many and view.role == "create" and _verb(view) in _MAKES) else "update"


_MAKES = frozenset(("create", "add", "insert", "register"))


def _lists(view: ToolView) -> bool:
    return bool(view.outputs) and sum("[]" in field.path for field in view.outputs) > 0.8 * len(view.outputs)


def _plural(segment: str) -> bool:
    found = raw_words(segment)
    return bool(found) and singular(found[-1]) != found[-1]


def _phrase(segment: str) -> Phrase:
    return tuple(word for word in words(segment) if not word.isdigit())[-3:] or ("item",)


def _verb(view: ToolView) -> str:
    begun = [word for word in view.text[:4] if word != "return"]
    said = [word for word in (*words(view.key.name), *begun) if is_verb(word) or moves_state(word)]
    return said[0] if said else ""


def _by_name(tool: Tool, view: ToolView, inputs: JsonObject) -> Reading:
    kind = _ROLE_KIND[view.role]
    said = set(words(tool.name))
    base = Reading(tool=tool, view=view, kind=kind, entity=view.noun, inputs=inputs, verb=_verb(view))
    if view.role == "auth":
        return replace(base, kind="none", reason="logs in: there is nobody to be in a simulated service")
    if kind in ("get", "list", "move") and said & _COUNTS and kind != "move":
        noun = tuple(word for word in view.noun if word not in _COUNTS)
        return replace(base, kind="count", entity=noun or view.noun)
    keys = _own_keys(view, inputs)
    makes = view.role == "create" and bool(_MAKES & {*words(tool.name)[:2]})
    if said & COMPUTES and (kind in ("get", "list") or not keys) and not makes:
        return replace(base, kind="none", reason="works something out that its schema does not define")
    parents = tuple((field.path, field.entity) for field in view.inputs if _names_other(field, view, keys))
    singleton = kind in ("get", "update") and not keys
    if keys and base.verb in words(tool.name)[:2] and moves_state(base.verb) and kind != "list":
        kind, singleton = "move", False
    if kind == "delete" and not keys:
        return replace(base, kind="none", reason="deletes without saying which")
    if kind == "move" and not keys:
        kind = "create"
    entity = whose(view) if kind == "update" and keys else view.noun
    return replace(base, kind=kind, entity=entity, keys=keys, parents=parents, singleton=singleton)


_SECRET = frozenset("token secret password auth authorization credential apikey".split())
_SHAPES = frozenset("format output include includes verbose style detail language lang locale unit timezone".split())
"""First or last words of what only says how an answer looks."""


def _own_keys(view: ToolView, inputs: JsonObject) -> tuple[str, ...]:
    """The inputs that name the one thing a tool is about: required before optional, ids before names."""
    if view.role in ("list", "search", "auth", "create"):
        return ()
    top = needed_paths(inputs)
    fields = [
        field
        for field in view.inputs
        if "[]" not in field.path
        and field.type not in ("boolean", "object")
        and (not _SECRET & {*field.words} or of_traded(field.words) or _handle(field, view))
        and not _SHAPES & {*field.words[:1], *field.words[-1:]}
    ]
    own = [field for field in fields if field.entity == view.noun and field.kind in ("id", "")]
    own += [field for field in fields if field.entity and field.entity[-1:] == view.noun[-1:] and field.kind == "id"]
    own += [field for field in fields if field.entity == view.noun and field.kind in ("name", "path", "email")]
    own += [field for field in fields if field.words in (("id",), ("uuid",), ("slug",), ("key",))]
    if not own:
        own = [field for field in fields if field.path in top and field.kind in ("id", "name", "path", "email")]
    if not own and view.role in ("get", "delete"):
        own = [field for field in fields if field.path in top and field.type in ("string", "integer", "number", "")]
    needed = [field for field in own if field.path in top]
    around = all(identifying(field) and field.entity != view.noun for field in view.inputs if field.path in top)
    chosen = needed or (own if view.role != "get" or around else [])
    return (chosen[0].path,) if chosen else ()


def _handle(field: Field, view: ToolView) -> bool:
    """Whether a token names the thing itself: it is called after it, or is all that a deleting tool takes."""
    named = field.words[-2:-1] == view.noun[-1:] and len(field.words) > 1
    alone = view.role == "delete" and len(view.inputs) == 1
    return field.words[-1:] == ("token",) and field.required and (named or alone)


def _names_other(field: Field, view: ToolView, keys: Sequence[str]) -> bool:
    names = identifying(field) and (field.kind == "id" or field.type != "number")
    return names and field.path not in keys and field.entity != view.noun and "[]" not in field.path


def _linked(reading: Reading, nouns: set[Phrase]) -> Reading:
    """`add_card_to_dashboard(card_id, dashboard_id)` joins two things there are already."""
    if reading.structural or reading.verb not in _LINKS:
        return reading
    top = required_of(reading.tool.input_schema)
    ids = [
        (field.path, field.entity)
        for field in reading.view.inputs
        if field.path in top and field.kind == "id" and any(_same(field.entity, noun) for noun in nouns)
    ]
    if len(ids) != 2 or ids[0][1] == ids[1][1]:
        return reading
    kind: Kind = "link" if _LINKS[reading.verb] == "link" else "unlink"
    own = reading.entity[-1:]
    ordered = sorted(ids, key=lambda item: item[1][-1:] == own)
    entity = (*ordered[0][1], *ordered[1][1])[-4:]
    return replace(reading, kind=kind, entity=entity, keys=(), parents=tuple(ordered), singleton=False)


def _same(one: Phrase, two: Phrase) -> bool:
    return bool(one) and one[-1:] == two[-1:]
