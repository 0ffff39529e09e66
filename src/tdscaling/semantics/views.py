"""A tool as the graph reads it: role, noun, input and output fields, words."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tdscaling.semantics.fields import Field, Phrase, described, entities, identifying, place, read
from tdscaling.semantics.hints import hints
from tdscaling.semantics.schema import SchemaLeaf, leaves
from tdscaling.semantics.verbs import Role, is_verb, verbal
from tdscaling.semantics.words import text_words, words
from tdscaling.types import Tool, ToolKey

MAX_INPUTS = 120
MAX_OUTPUTS = 400
_LISTED = re.compile(r"\w*\[\]")
_PROSE = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class ToolView:
    """`inferred`: the tool publishes no output fields, so what it returns is read from its name and text. `returned`
    are the words of its description that speak of what it returns. `needed` and `taken` are the places (see `fields`)
    of the identifying inputs that it requires and accepts, `heads` the head nouns of all inputs. `record` is the name
    of the schema component that it publishes, `published` are the names of the fields near the top of that record.
    `method` and `route` are those of an HTTP operation, "" where the catalogue does not say."""

    key: ToolKey
    role: Role
    noun: Phrase
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    inferred: bool
    words: frozenset[str]
    returned: frozenset[str]
    text: tuple[str, ...]
    needed: frozenset[str]
    taken: frozenset[str]
    heads: frozenset[str]
    record: str = ""
    published: frozenset[str] = frozenset()
    method: str = ""
    route: str = ""


def views(tools: Sequence[Tool]) -> list[ToolView]:
    """Views of the tools of one server (or any group read together), in their order."""
    prefix = common_words(tools)
    return _told([_view(tool, prefix) for tool in tools], tools)


def common_words(tools: Sequence[Tool]) -> frozenset[str]:
    """The word that starts nearly all names of a group and so says nothing.

    >>> sorted(common_words([Tool(server="s", name=f"git_{n}") for n in ("log", "show", "add")]))
    ['git']
    """
    if len(tools) < 3:
        return frozenset()
    firsts = Counter(found[0] for tool in tools if len(found := words(tool.name)) > 1)
    return frozenset(word for word, count in firsts.items() if count >= 0.7 * len(tools) and not is_verb(word))


def _view(tool: Tool, prefix: frozenset[str]) -> ToolView:
    read_as = verbal(tool, prefix)
    mistaken = _mistaken(tool)
    wanted = [leaf for leaf in leaves(tool.input_schema, MAX_INPUTS) if leaf.path not in mistaken]
    said = hints(tool.name, wanted)
    inputs = tuple(read(leaf, read_as.noun, said.get(leaf.path, ())) for leaf in wanted)
    noun = _without_parents(read_as.noun, inputs)
    if noun != read_as.noun:
        inputs = tuple(read(leaf, noun, said.get(leaf.path, ())) for leaf in wanted)
    published = leaves(tool.output_schema, MAX_OUTPUTS) if tool.output_schema else []
    outputs = tuple(read(leaf, noun) for leaf in published if _ENVELOPE.isdisjoint(leaf.containers))
    text = tuple(text_words(tool.description, 40))
    method, route = _http(tool)
    role = read_as.role
    if role == "get" and _many(outputs) and not _of_one(noun, inputs):
        role = "list"
    elif role == "create" and read_as.words[:1] == ("post",) and _of_one(noun, inputs):
        role = "update"
    if read_as.of and role in ("list", "search", "create"):
        inputs = tuple(_owned(field, read_as.of) for field in inputs)
    inputs = _pathed(inputs, noun)
    return ToolView(
        key=tool.key,
        role=role,
        noun=noun,
        inputs=inputs,
        outputs=outputs,
        inferred=not any(identifying(field) for field in outputs),
        words=frozenset(read_as.words),
        returned=_returned(text),
        text=text,
        needed=frozenset(place(field) for field in inputs if field.required and identifying(field)),
        taken=frozenset(place(field) for field in inputs if identifying(field)),
        heads=frozenset(field.head for field in inputs),
        record=_record(published),
        method=method,
        route=route,
        published=frozenset(leaf.name for leaf in published if len(leaf.containers) < 2),
    )


def _http(tool: Tool) -> tuple[str, str]:
    http = tool.annotations.get("x-http")
    if not isinstance(http, Mapping):
        return "", ""
    return str(http.get("method", "")).upper(), str(http.get("path", "")).rstrip("/")


def _record(published: Sequence[SchemaLeaf]) -> str:
    """The component of the shallowest published fields that have one, "" for none."""
    named = [(len(leaf.containers), index, leaf.component) for index, leaf in enumerate(published) if leaf.component]
    return min(named)[2] if named else ""


def _without_parents(noun: Phrase, inputs: Sequence[Field]) -> Phrase:
    """The noun without the things that the tool is given: `company webhook` of a given company is a webhook."""
    given = {phrase for field in inputs if identifying(field) for phrase in entities(field)}
    for size in range(len(noun) - 1, 0, -1):
        if noun[:size] in given:
            return noun[size:]
    return noun


def _of_one(noun: Phrase, inputs: Sequence[Field]) -> bool:
    """Whether a tool is about one thing that exists: it requires the id of its own noun."""
    return any(
        field.required and field.entity == noun and not field.also and (field.words[-1:] in _IDS or not field.own)
        for field in inputs
        if field.kind in ("id", "")
    )


def _owned(field: Field, of: Phrase) -> Field:
    """The id that `list_grades_for_student` takes is a student's."""
    if field.own and field.required and field.kind == "id" and not field.also:
        return field._replace(also=of)
    return field


def _told(views: list[ToolView], tools: Sequence[Tool]) -> list[ToolView]:
    """The views with the bare ids that are of what a description says: "related to a given entry id" asks for the id
    of an entry, where other tools list or make entries and none lists or makes what the tool is named after.
    """
    made = Counter(view.noun for view in views if view.role in ("list", "search", "create"))
    return [_told_one(view, tool, made) for view, tool in zip(views, tools, strict=True)]


def _told_one(view: ToolView, tool: Tool, made: Mapping[Phrase, int]) -> ToolView:
    bare = [field for field in view.inputs if field.own and field.required and field.kind == "id" and not field.depth]
    itself = int(view.role in ("list", "search", "create"))
    if len(bare) != 1 or bare[0].also or made.get(view.noun, 0) > itself:
        return view
    said = described(tool.description[:_SAID])
    if said == view.noun or said not in made:
        return view
    inputs = tuple(field._replace(also=said) if field is bare[0] else field for field in view.inputs)
    return replace(view, inputs=inputs, heads=view.heads | {said[-1]})


def _pathed(inputs: tuple[Field, ...], noun: Phrase) -> tuple[Field, ...]:
    """The bare path that is all a tool can't do without leads to what the tool is about."""
    needed = [field for field in inputs if field.required and identifying(field)]
    if len(needed) != 1 or needed[0].words != ("path",) or needed[0].also or not _FILES.isdisjoint(noun):
        return inputs
    return tuple(field._replace(also=noun) if field is needed[0] else field for field in inputs)


_SAID = 300
"""Characters of a description that are looked at for whose id a tool takes."""
_FILES = frozenset(("file", "directory", "folder", "path"))
_IDS = (("id",), ("uuid",), ("sid",), ("gid",), ("guid",))
_ENVELOPE = frozenset(("error", "errors", "meta", "_links", "links", "pagination", "paging"))
"""Containers of an answer that are not about the thing."""


def _many(outputs: Sequence[Field]) -> bool:
    """Whether an output is a list of records, bare or under one name."""
    listed = sum(1 for field in outputs if _LISTED.match(field.path))
    return bool(outputs) and listed >= 0.6 * len(outputs)


def _returned(text: Sequence[str]) -> frozenset[str]:
    """The words after "return" (or at the head of the description, which says what a reader shows)."""
    found = set(text[:8])
    for index, word in enumerate(text):
        if word in ("return", "返回", "output", "yield"):
            found.update(text[index + 1 : index + 11])
    return frozenset(found)


def _mistaken(tool: Tool) -> frozenset[str]:
    """Input names that a crawler took from the prose: "Create a table" read as fields Create, a and table."""
    properties = tool.input_schema.get("properties")
    if not isinstance(properties, Mapping):
        return frozenset()
    prose = _PROSE.findall(tool.description[:300])
    bare = {name for name, schema in properties.items() if isinstance(schema, Mapping) and "description" not in schema}
    found = bare & {tool.name}
    if found or (prose and prose[0][:1].isupper() and prose[0] in bare):
        found |= bare & set(prose)
    required = tool.input_schema.get("required")
    kept = required if isinstance(required, list | tuple) else ()
    return frozenset(name for name in found if name not in kept)
