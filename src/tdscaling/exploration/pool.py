"""Values seen in results, and how much each sounds like a parameter."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.types import FieldRef, JsonScalar, JsonValue, Observation, Tool
from tdscaling.values import leaves, normal, parse
from tdscaling.values.generate import words

_TOO_COMMON = frozenset("get list read show set add create delete name id value the of describe".split())
_IDENTITY = frozenset("name id key title path slug uuid code number line record value".split())
_ID_WORDS = frozenset("id key uuid number code".split())
_WORD = re.compile(r"[A-Za-z]{4,}")
_OPAQUE = re.compile(r"(?=.*\d)[\w-]{6,64}")
MAX_LEAVES = 400


@dataclass(frozen=True, slots=True)
class Seen:
    """A value, the output fields that held it, and the arguments of the calls that showed it."""

    value: JsonScalar
    fields: tuple[FieldRef, ...]
    context: Mapping[str, JsonValue]


@dataclass(slots=True)
class Pool:
    """What reading calls have shown, by canonical text."""

    entries: dict[str, Seen] = field(default_factory=dict[str, Seen])
    vocabulary: Counter[str] = field(default_factory=Counter[str])

    def add(self, observation: Observation) -> None:
        """Takes the scalar leaves of a successful result that could name something, and the words of its texts."""
        for leaf in leaves(parse(observation.result.content), limit=MAX_LEAVES):
            if isinstance(leaf.value, str):
                self.vocabulary.update({word.lower() for word in _WORD.findall(leaf.value)[:40]})
            if not nameable(leaf.value, leaf.path):
                continue
            source = FieldRef(*observation.tool, leaf.path)
            text = normal(leaf.value)
            known = self.entries.get(text)
            if known is None:
                self.entries[text] = Seen(leaf.value, (source,), observation.arguments)
            elif source not in known.fields:
                self.entries[text] = Seen(known.value, (*known.fields, source), known.context)

    def holds(self, value: JsonScalar) -> Sequence[FieldRef]:
        entry = self.entries.get(normal(value))
        return entry.fields if entry else ()

    def same_field(self, value: JsonScalar, limit: int) -> list[Seen]:
        """Other values that stood where this one stood."""
        fields = set(self.holds(value))
        found = [seen for seen in self.entries.values() if fields & set(seen.fields) and seen.value != value]
        return found[:limit]

    def like(self, tool: Tool, name: str, text: bool, limit: int, *, others: bool = True) -> list[Seen]:
        """Values that sound like the parameter, best first; then, with `others`, one per field,
        values that could be identifiers.

        `text`: whether the parameter takes strings (else numbers).
        """
        scored: list[tuple[float, str, Seen]] = []
        rest: dict[str, tuple[int, str, Seen]] = {}
        for key, seen in self.entries.items():
            if isinstance(seen.value, str) != text:
                continue
            score = max(affinity(tool, name, source) for source in seen.fields)
            if score > 0:
                scored.append((-score, key, seen))
            elif any(source.server == tool.server for source in seen.fields) and " " not in key:
                rest.setdefault(seen.fields[0].field, (not _OPAQUE.fullmatch(key), key, seen))
        scored.sort(key=lambda item: item[:2])
        unlike = sorted(rest.values(), key=lambda item: item[:2]) if others else []
        return [seen for _, _, seen in scored[:limit]] + [seen for _, _, seen in unlike][: limit // 2]


def nameable(value: JsonScalar, path: str = "") -> bool:
    """Whether a value could identify something: not a flag, a long text, or a small number that is no id.

    >>> [nameable(v) for v in ("main", 7, 4711, True, "", "x" * 200)], nameable(7, "[].id")
    ([True, False, True, False, False, False], True)
    """
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return abs(value) >= 100 or bool(_ID_WORDS & set(words(path.rpartition(".")[2])))
    return 0 < len(value) <= 120 and "\n" not in value


def affinity(tool: Tool, name: str, source: FieldRef) -> float:
    """How much an output field sounds like a parameter, 0 to about 4: the same name, the same noun with a name or
    id under it, or, for nameless fields, the noun of the tool that gave them."""
    own = _stems(set(words(name)))
    last = _stems(set(words(source.field.rpartition(".")[2])))
    score = 2.0 * len(own & last) / max(1, len(own | last))
    if own & _IDENTITY and last & _IDENTITY and not own - _IDENTITY:
        own = own | _stems(set(words(tool.name)) - _TOO_COMMON)
    if not last - _IDENTITY:
        around = _stems((set(words(source.field)) | set(words(source.tool))) - _TOO_COMMON)
        score += 2.0 * len((own - _IDENTITY) & around) / max(1, len(own - _IDENTITY))
    return score + (0.2 if source.server == tool.server and score else 0.0)


def _stems(names: set[str]) -> set[str]:
    return {name[:-1] if name.endswith("s") and len(name) > 3 else name for name in names}
