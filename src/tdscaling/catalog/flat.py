"""One node of a schema, with what it refers to and its `allOf` stack merged into it.

Where two merged schemas disagree the first word wins, so a node accepts whatever the original accepts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from tdscaling.catalog.keywords import clean, is_regex
from tdscaling.catalog.openapi_refs import BrokenReferenceError
from tdscaling.types import JsonObject, JsonValue

MAX_PARTS = 400
"""Schemas merged into one node through `allOf` and references; the rest is left out."""


class Part(NamedTuple):
    """A raw schema and the references that enclose it; `marks` are keywords of our own beside it."""

    raw: JsonValue
    within: frozenset[str] = frozenset()
    marks: tuple[tuple[str, str], ...] = ()


Parts = tuple[Part, ...]


@dataclass(slots=True)
class Flat:
    """One node after merging: its plain keywords, and its children still as raw parts."""

    keywords: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    properties: dict[str, Parts] = field(default_factory=dict[str, Parts])
    patterns: dict[str, Parts] = field(default_factory=dict[str, Parts])
    items: Parts = ()
    prefix: list[Parts] = field(default_factory=list[Parts])
    additional: Parts = ()
    union: list[Parts] = field(default_factory=list[Parts])
    cut: str = ""

    @property
    def required(self) -> list[str]:
        names = self.keywords.get("required")
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


class Flattener:
    """Merges raw schemas of one specification; `unresolved` gathers broken references with the reason."""

    def __init__(self, resolve: Callable[[str], JsonValue]) -> None:
        self._resolve = resolve
        self.unresolved: dict[str, str] = {}
        self._cleaned: dict[int, tuple[JsonObject, dict[str, JsonValue]]] = {}

    def flatten(self, *parts: Part) -> Flat:
        """Merges the parts, what they refer to and their `allOf` members into one node."""
        flat = Flat()
        seen: set[str] = set()
        stack = list(reversed(parts))
        for _ in range(MAX_PARTS):
            if not stack:
                return flat
            raw, within, marks = stack.pop()
            flat.keywords.update(marks)
            if not isinstance(raw, dict):
                continue
            _merge_plain(flat, self._clean(raw))
            stack.extend(_members(raw, within))
            ref = raw.get("$ref")
            if isinstance(ref, str) and ref not in seen:
                seen.add(ref)
                target = self._target(flat, ref, within)
                if target is not None:
                    stack.append(target)
            _merge_children(flat, raw, within)
        flat.cut = "size" if stack else flat.cut
        return flat

    def _clean(self, raw: dict[str, JsonValue]) -> dict[str, JsonValue]:
        """The plain keywords of a node; a shared component is cleaned once. Not to be changed."""
        known = self._cleaned.get(id(raw))
        if known is None:  # the raw node is held, so that its id is not given to another
            known = self._cleaned[id(raw)] = (raw, clean(raw))
        return known[1]

    def _target(self, flat: Flat, ref: str, within: frozenset[str]) -> Part | None:
        try:
            raw = self._resolve(ref)
        except BrokenReferenceError as exc:
            self.unresolved.setdefault(ref, str(exc))
            flat.cut = "unresolved"
            return None
        name = _component(ref)
        if name:
            flat.keywords.setdefault("x-schema", name)
        if ref not in within:
            return Part(raw, within | {ref})
        flat.cut = "recursion"
        if isinstance(raw, dict):
            _merge_plain(flat, {key: value for key, value in self._clean(raw).items() if key != "required"})
            if "properties" in raw:
                flat.keywords.setdefault("type", "object")
        return None


CLOSED = Part(False)


def _component(ref: str) -> str:
    """The name that a reference gives to what it stands for; "" for a place inside something else.

    >>> [_component(ref) for ref in ("#/components/schemas/Pet", "models/cat.yaml", "#/paths/~1a/get", "#")]
    ['Pet', 'cat', '', '']
    """
    file, _, pointer = ref.partition("#")
    if not pointer:
        return file.rpartition("/")[2].partition(".")[0]
    steps = pointer.split("/")[1:]
    named = len(steps) <= 3 and steps[0] in ("components", "definitions", "$defs", "schemas")
    return steps[-1] if named or (file and len(steps) == 1) else ""


def _members(raw: JsonObject, within: frozenset[str]) -> list[Part]:
    """`allOf` members and the branch of a union of one, last first."""
    members: list[JsonValue] = []
    for name in ("allOf", "anyOf", "oneOf"):
        given = raw.get(name)
        if isinstance(given, list) and (name == "allOf" or len(given) == 1):
            members.extend(given)
    return [Part(member, within) for member in reversed(members[:MAX_PARTS])]


def _merge_plain(flat: Flat, new: dict[str, JsonValue]) -> None:
    if "required" in new and flat.required:
        more = Flat(keywords=new).required
        flat.keywords["required"] = list(dict.fromkeys([*flat.required, *more]))
    for name, value in new.items():
        flat.keywords.setdefault(name, value)


def _merge_children(flat: Flat, raw: JsonObject, within: frozenset[str]) -> None:
    properties = raw.get("properties")
    if isinstance(properties, dict):
        for name, child in properties.items():
            flat.properties[name] = (*flat.properties.get(name, ()), Part(child, within))
    patterns = raw.get("patternProperties")
    if isinstance(patterns, dict):
        for name, child in patterns.items():
            if is_regex(name):
                flat.patterns[name] = (*flat.patterns.get(name, ()), Part(child, within))
    items = raw.get("items")
    if isinstance(items, dict):
        flat.items = (*flat.items, Part(items, within))
    prefix = raw.get("prefixItems", items)
    if isinstance(prefix, list) and not flat.prefix:
        flat.prefix = [(Part(child, within),) for child in prefix]
    _merge_additional(flat, raw, within)
    _merge_union(flat, raw, within)


def _merge_additional(flat: Flat, raw: JsonObject, within: frozenset[str]) -> None:
    additional = raw.get("additionalProperties")
    if additional is False and not flat.additional and "allOf" not in raw and "$ref" not in raw:
        flat.additional = (CLOSED,)
    elif isinstance(additional, dict) and additional and (not flat.additional or flat.additional == (CLOSED,)):
        flat.additional = (Part(additional, within),)


def _merge_union(flat: Flat, raw: JsonObject, within: frozenset[str]) -> None:
    for name in ("oneOf", "anyOf"):
        branches = raw.get(name)
        if isinstance(branches, list) and len(branches) > 1 and not flat.union:
            flat.union = [(Part(branch, within),) for branch in branches]
            if raw.get("nullable") is True and "type" not in raw:
                flat.union.append((Part({"type": "null"}),))
