"""The development set of dependency edges: what the paths and links of OpenAPI specifications say, the paths hidden.

Gold: for an operation with a parameter in its path, `…/things/{thing}`, the operations at `…/things` (GET lists, POST
creates) that publish an output are producers of that parameter. Unjudged: operations elsewhere whose last literal is
the same noun (`/teams/{team}/things`), and those that publish the same record without being given the thing
(`/things/search`); such pairs are mostly right, and count neither way (the strict figures count them as wrong). All
other pairs of the specification are wrong, references from other records among them.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tdscaling.semantics.schema import leaves
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue, Tool

_PARAMETER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Question:
    """One path parameter: who produces it, who may, in a specification of which the other tools do not."""

    server: str
    consumer: str
    field: str
    gold: frozenset[str]
    unjudged: frozenset[str]
    second: bool = False


@dataclass(frozen=True)
class DevSet:
    """Tools with hidden paths, by specification, and the questions about them."""

    tools: Mapping[str, Sequence[Tool]]
    questions: Sequence[Question]


def build(tools: Iterable[Tool], *, outputs: bool = True, second: bool = False) -> DevSet:
    """The development set of all specifications among the tools whose operations have ids of their own.

    `outputs` False: the output schemas are hidden too, as if the tools came from a server that publishes none.
    `second`: also ask of parameters whose collection nothing lists or creates; their gold is what would be unjudged.
    """
    groups: dict[str, list[Tool]] = {}
    for tool in tools:
        if _http(tool) and not _named_by_path(tool):
            groups.setdefault(tool.server, []).append(tool)
    questions: list[Question] = []
    for server in sorted(groups):
        questions.extend(q for q in _questions(server, groups[server]) if second or not q.second)
    hidden = {server: [hide(tool, outputs=outputs) for tool in group] for server, group in sorted(groups.items())}
    return DevSet(hidden, questions)


def hide(tool: Tool, *, outputs: bool = True) -> Tool:
    """The tool without its path, its method, its links, its tags and the marks of path parameters."""
    return replace(
        tool,
        annotations={},
        input_schema=_unmarked(tool.input_schema),
        output_schema=tool.output_schema if outputs else None,
    )


def _unmarked(schema: JsonObject) -> JsonObject:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return schema
    clean: dict[str, JsonValue] = {
        name: {key: value for key, value in one.items() if key != "x-in"} if isinstance(one, Mapping) else one
        for name, one in properties.items()
    }
    return {**schema, "properties": clean}


def _http(tool: Tool) -> JsonObject | None:
    http = tool.annotations.get("x-http")
    return http if isinstance(http, Mapping) else None


def _path(tool: Tool) -> str:
    http = _http(tool)
    return str(http["path"]).rstrip("/") if http else ""


def _method(tool: Tool) -> str:
    http = _http(tool)
    return str(http["method"]).upper() if http else ""


def _named_by_path(tool: Tool) -> bool:
    """Whether the tool's name was made of method and path, which would give the answer away."""
    spoken = re.sub(r"\W+", "_", re.sub(r"\{([^}]*)\}", r"by_\1", f"{_method(tool)}{_path(tool)}")).strip("_").lower()
    return re.sub(r"\W+", "_", tool.name).lower()[:50] == spoken[:50]


class _Group:
    """The operations of one specification, by the shape of their path and by the noun of its last literal."""

    def __init__(self, group: Sequence[Tool]) -> None:
        self.group = group
        self.by_path: dict[str, list[Tool]] = {}
        self.by_last: dict[tuple[str, ...], set[str]] = {}
        self.by_list: dict[tuple[str, ...], set[str]] = {}
        for tool in group:
            shape = _shape(_path(tool))
            self.by_path.setdefault(shape, []).append(tool)
            if not shape.endswith("{}"):
                self.by_last.setdefault(_last(shape), set()).add(tool.name)
            for name in _lists(tool):
                self.by_list.setdefault(words(name), set()).add(tool.name)
        self.by_input: dict[str, set[str]] = {}
        for tool in group:
            for name in _inputs(tool):
                self.by_input.setdefault(name.lower(), set()).add(tool.name)
        self.records = {tool.name: _record(tool) for tool in group}

    def collection(self, shape: str, consumer: str) -> set[str]:
        """The operations that list or create, with an output."""
        made = [tool for tool in self.by_path.get(shape, ()) if _method(tool) in ("GET", "POST") and tool.output_schema]
        return {tool.name for tool in made} - {consumer}

    def others(self, collection: str, item: str, models: Sequence[frozenset[str]]) -> set[str]:
        """What may supply the thing too: the same noun elsewhere, a list of that name inside another record, and the
        same record published without being given the thing."""
        last = _last(collection)
        found = self.by_last.get(last, set()) | self.by_list.get(last, set())
        return found | {
            tool.name
            for tool in self.group
            if not _shape(_path(tool)).startswith(item)
            and any(_alike(self.records[tool.name], model) for model in models)
        }


def _questions(server: str, group: Sequence[Tool]) -> list[Question]:
    known = _Group(group)
    found: list[Question] = []
    for tool in group:
        path = _path(tool)
        for match in re.finditer(r"/\{([^}]*)\}", path):
            collection, item = _shape(path[: match.start()]), _shape(path[: match.end()])
            if collection.endswith("{}") or not collection:
                continue
            gold = known.collection(collection, tool.name)
            named = gold or {one.name for one in known.by_path.get(item, ()) if _method(one) == "GET"}
            same = known.others(collection, item, [known.records[name] for name in sorted(named)]) - {tool.name}
            if len(words(match[1])) > 1:
                same -= known.by_input.get(match[1].lower(), set())
            if gold:
                found.append(Question(server, tool.name, match[1], frozenset(gold), frozenset(same - gold)))
            elif same := same - {one.name for one in known.by_path.get(item, ())}:
                found.append(Question(server, tool.name, match[1], frozenset(same), frozenset(), second=True))
    return found


def _inputs(tool: Tool) -> list[str]:
    properties = tool.input_schema.get("properties")
    return sorted(properties) if isinstance(properties, Mapping) else []


def _shape(path: str) -> str:
    return _PARAMETER.sub("{}", path)


def _last(shape: str) -> tuple[str, ...]:
    return words(shape.rsplit("/", 1)[-1])


def _lists(tool: Tool) -> frozenset[str]:
    """The names of the lists of records that an operation publishes."""
    published = leaves(tool.output_schema, 200) if tool.output_schema else []
    return frozenset(match for leaf in published for match in re.findall(r"([^.\[\]]+)\[\]\.", leaf.path))


def _record(tool: Tool) -> frozenset[str]:
    """The names of the fields near the top of what an operation publishes."""
    if not tool.output_schema:
        return frozenset()
    return frozenset(leaf.name for leaf in leaves(tool.output_schema, 120) if len(leaf.containers) < 3)


def _alike(one: frozenset[str], two: frozenset[str]) -> bool:
    return len(one & two) >= 0.6 * len(one | two) and len(one & two) > 2


def vendor(server: str) -> str:
    """The maker of a specification, so that no vendor is on both sides of a split."""
    return re.split(r"[-_/.:]", server)[0]


def held_out(server: str) -> bool:
    """Whether a specification is of the half of the vendors that nobody looked at while the signals were made."""
    return hashlib.sha1(vendor(server).encode()).digest()[0] % 2 == 1
