"""Schemas checked in bounded time: schema and value may both be a server's, and made to keep us busy."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any, TypeAlias, cast

from jsonschema import validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import Draft202012Validator, validator_for
from jsonschema_specifications import REGISTRY  # pyright: ignore[reportMissingTypeStubs]
from pydantic_core import SchemaError, SchemaValidator, core_schema
from referencing import Registry
from referencing.exceptions import Unresolvable

from tdscaling.types import JsonObject, JsonValue

WORK = 100_000
"""Keywords looked at in one check; a reference counts more, and a long list or text by its length."""
OF_SCHEMA = 1_000_000
"""The same in a look at a schema itself: two hundred for each part of one that is as large as may be."""
FOLLOWING = 10
"""What a reference costs, or a part in another dialect."""
MATCHING = 2_000
"""What a pattern costs that has to be compiled for linear matching."""
SHORT, LONG, MOST_REPEATS = 128, 10_000, 128
"""Characters matched by Python's engine, characters matched at all, copies that a pattern asks for."""
UNSURE = (Unresolvable, RecursionError, re.error, LookupError, ValueError, TypeError, ArithmeticError)

_ASIDE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*+\]|\(\?(?:[:=!]|<[=!])", re.DOTALL)
_REPEATS = re.compile(r"[*+?]|\{\d*,\d*\}")
_COUNTS = re.compile(r"\{(\d*)(?:,(\d*))?\}")
_Keyword: TypeAlias = Callable[[Any, Any, Any, Any], "Iterator[ValidationError] | None"]


class TooMuchError(ValueError):
    """A check takes more work than it may."""


class _Work(threading.local):
    left = WORK
    patterns: frozenset[str] = frozenset()


_WORK = _Work()


def first_error(
    validator: Validator, value: JsonValue, *, unsure: bool = True, work: int = WORK
) -> ValidationError | None:
    """What a validator made by `bounded` has against a value first; that it can't be checked counts as an error, unless
    `unsure` is false, and that it takes too much work always does.

    Not checked: patterns that take exponential time in Python's engine and that a linear engine does not know
    (look-around, back references), that ask for more than MOST_REPEATS copies, or against more than LONG characters;
    `unevaluatedProperties` beside `patternProperties`. No reference is fetched.
    """
    _WORK.left, _WORK.patterns = work, frozenset()
    try:
        return next(iter(validator.iter_errors(value)), None)
    except TooMuchError:
        return ValidationError("it takes too much work to check", instance=value)
    except UNSURE as exc:
        return ValidationError(f"it can't be checked: {type(exc).__name__}", instance=value) if unsure else None


def bounded(schema: JsonObject) -> Validator:
    """A validator for `first_error`; Draft 2020-12 where the schema names no dialect."""
    made = _made(validator_for(schema, default=Draft202012Validator), "patternProperties" in repr(schema))
    return made(schema, registry=Registry())  # pyright: ignore[reportCallIssue]


def schema_error(schema: JsonObject) -> ValidationError | None:
    """What the schema of its dialect has against a schema first, or that it takes too much work to find out.

    >>> schema_error({"type": "object"}), schema_error({"minLength": "x"}).message
    (None, "'x' is not of type 'integer'")
    """
    try:
        dialect = validator_for(schema, default=Draft202012Validator)
    except (TypeError, ValueError, AttributeError):  # of what is no text, or no address
        return ValidationError("the $schema names no dialect", instance=schema)
    made = _made(dialect, by_pattern=False)
    checker = made(dialect.META_SCHEMA, registry=REGISTRY, format_checker=dialect.FORMAT_CHECKER)  # pyright: ignore[reportCallIssue]
    return first_error(checker, schema, work=OF_SCHEMA)


@cache
def _made(dialect: type[Validator], by_pattern: bool) -> type[Validator]:
    keywords: dict[str, _Keyword] = {
        name: _counted(check, FOLLOWING if name.endswith("Ref") or name == "$ref" else 1)
        for name, check in dialect.VALIDATORS.items()
    }
    for name, check in (("pattern", _pattern), ("patternProperties", _pattern_properties), ("uniqueItems", _unique)):
        keywords[name] = _counted(check)
    if by_pattern:
        keywords["additionalProperties"] = _counted(_additional(dialect.VALIDATORS["additionalProperties"]))
        if "unevaluatedProperties" in keywords:
            keywords["unevaluatedProperties"] = _unchecked
    made: Any = cast("Any", validators).extend(dialect, validators=keywords)
    evolve: Callable[..., Any] = made.evolve

    def bounded_evolve(self: Any, **changes: Any) -> Any:
        """A part of a schema may name another dialect, which is bounded as well."""
        found = evolve(self, **changes)
        kind = cast("type[Validator]", type(found))
        if kind is made:
            return found
        _spend(FOLLOWING)
        other: Any = _made(kind, by_pattern)
        formats = found.format_checker
        return other(found.schema, registry=found._registry, _resolver=found._resolver, format_checker=formats)

    made.evolve = bounded_evolve
    return cast("type[Validator]", made)


def _unchecked(validator: Any, rule: Any, value: Any, schema: Any) -> None:
    return None


def _counted(check: _Keyword, cost: int = 1) -> _Keyword:
    def counted(validator: Any, rule: Any, value: Any, schema: Any) -> Iterator[ValidationError] | None:
        _spend(cost + (_size(rule) if isinstance(rule, list) else 0) + _size(value))
        return check(validator, rule, value, schema)

    return counted


def _spend(work: int) -> None:
    _WORK.left -= work
    if _WORK.left < 0:
        raise TooMuchError


def _size(value: Any) -> int:
    """A look at a value as a whole, in keywords."""
    if isinstance(value, str):
        return len(value) >> 6
    return len(cast("list[Any]", value)) >> 2 if isinstance(value, list | dict) else 0


def _pattern(_: Any, rule: str, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and not matches(rule, value):
        yield ValidationError(f"{value!r} does not match {rule!r}")


def _pattern_properties(validator: Any, rule: Mapping[str, Any], value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for pattern, part in rule.items():
            for name, item in cast("dict[str, Any]", value).items():
                if matches(pattern, name, unknown=False):
                    yield from validator.descend(item, part, path=name, schema_path=pattern)


def _additional(check: _Keyword) -> _Keyword:
    """The names that a pattern speaks of, and those that can't be matched, are taken as named."""

    def additional(validator: Any, rule: Any, value: Any, schema: Any) -> Iterator[ValidationError] | None:
        patterns = cast("dict[str, Any]", schema.get("patternProperties", {}))
        if not isinstance(value, dict) or not patterns:
            return check(validator, rule, value, schema)
        names = cast("dict[str, Any]", value)
        named = {name: True for name in names if any(matches(pattern, name) for pattern in patterns)}
        return check(validator, rule, value, {"properties": {**schema.get("properties", {}), **named}})

    return additional


def _unique(_: Any, rule: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if rule and isinstance(value, list):
        items = cast("list[JsonValue]", value)
        if len({_spelled(item) for item in items}) < len(items):
            yield ValidationError(f"{value!r} has non-unique elements")


def _spelled(value: JsonValue) -> str:
    """One spelling for what JSON Schema holds equal: 1 and 1.0 are, 1 and true are not."""
    _spend(1)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name!r}:{_spelled(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_spelled, value)) + "]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return hex(value) if isinstance(value, int) and not isinstance(value, bool) else repr(value)


def matches(pattern: str, text: str, *, unknown: bool = True) -> bool:
    """Whether a pattern is found in a text; `unknown` where nothing finds that out in bounded time.

    >>> matches("^[a-z]+$", "abc"), matches("^(a+)+$", "a" * 40 + "!"), matches("^(?=a)(a+)+$", "a!")
    (True, False, True)
    """
    _spend(1 + (len(text) >> 4))
    if len(text) <= SHORT and _plain(pattern):
        return re.search(pattern, text) is not None
    if len(text) > LONG or len(pattern) > LONG:
        return unknown
    if pattern not in _WORK.patterns:
        _spend(MATCHING)
        _WORK.patterns |= {pattern}
    found = _linear(pattern)
    return unknown if found is None else found.isinstance_python(text.encode("utf-8", "replace").decode())


def matches_alone(pattern: str, text: str) -> bool:
    """`matches`, asked about one text outside of a check."""
    _WORK.left, _WORK.patterns = WORK, frozenset()
    try:
        return matches(pattern, text)
    except TooMuchError:
        return True


@lru_cache(maxsize=4096)
def _plain(pattern: str) -> bool:
    """Whether Python's engine needs few steps on a short text: at most two repeats, none of a group, no reference."""
    if len(pattern) > LONG or re.search(r"\\[1-9]|\(\?P", pattern):
        return False
    rest = _ASIDE.sub(lambda found: "(" if found[0][0] == "(" else "x", pattern)
    return re.search(r"\)[*+?{]", rest) is None and len(_REPEATS.findall(rest)) <= 2 and _is_pattern(pattern)


def _is_pattern(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


@lru_cache(maxsize=4096)
def _linear(pattern: str) -> SchemaValidator | None:
    copies = 1
    for low, high in _COUNTS.findall(pattern):
        copies *= max(1, min(int((high or low or "1")[:9]), MOST_REPEATS + 1))
    if copies > MOST_REPEATS:
        return None
    try:
        return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
    except SchemaError:
        return None
