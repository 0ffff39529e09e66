"""Bindings resolved: what a step's arguments are, given the user's facts and the results so far."""

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tdscaling.types import Binding, Computed, Constant, FromFact, FromOutput, JsonScalar, JsonValue
from tdscaling.values.leaves import Leaf, at, shared_lists
from tdscaling.values.normal import normal


def within(binding: Binding) -> Iterator[Binding]:
    """The binding itself and all that it is made of: what a record is told by, the inputs of a computation."""
    yield binding
    if isinstance(binding, FromOutput) and binding.equals is not None:
        yield from within(binding.equals)
    elif isinstance(binding, Computed):
        for item in binding.inputs:
            yield from within(item)


class UnresolvedError(LookupError):
    """A binding has no value: its fact is unknown, or its path leads nowhere in the result."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What bindings may refer to: facts by id, and parsed results by step id."""

    facts: Mapping[str, JsonValue]
    outputs: Mapping[str, JsonValue]

    def resolve(self, binding: Binding) -> JsonValue:
        """The value of a binding. Raises UnresolvedError."""
        match binding:
            case Constant(value=value):
                return value
            case FromFact(fact=fact):
                if fact not in self.facts:
                    raise UnresolvedError(f"the fact {fact!r} is not known")
                return self.facts[fact]
            case FromOutput():
                return self._output(binding)
            case Computed(function=function, inputs=inputs):
                if function not in FUNCTIONS:
                    raise UnresolvedError(f"there is no function {function!r}")
                return FUNCTIONS[function]([self._input(function, item) for item in inputs])

    def _input(self, function: str, item: Binding) -> JsonValue:
        """Aggregates take all values at a path, other functions one value."""
        if function in AGGREGATES and isinstance(item, FromOutput):
            return [leaf.value for leaf in self._leaves(item)]
        return self.resolve(item)

    def _output(self, binding: FromOutput) -> JsonScalar:
        found = self._leaves(binding)
        if binding.where is not None and binding.equals is not None:
            wanted = normal(_scalar(self.resolve(binding.equals)))
            shared = shared_lists(binding.path, binding.where)
            others = at(self.outputs[binding.step], binding.where)
            records = {other.place[:shared] for other in others if normal(other.value) == wanted}
            found = [leaf for leaf in found if leaf.place[:shared] in records]
        if not -len(found) <= binding.index < len(found):
            raise UnresolvedError(f"{binding.path!r} has no item {binding.index} in the result of {binding.step!r}")
        return found[binding.index].value

    def _leaves(self, binding: FromOutput) -> list[Leaf]:
        if binding.step not in self.outputs:
            raise UnresolvedError(f"the step {binding.step!r} has no result")
        return at(self.outputs[binding.step], binding.path)


def _scalar(value: JsonValue) -> JsonScalar:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise UnresolvedError("a list or an object stands where one value is needed")


def _numbers(values: Sequence[JsonValue]) -> list[float]:
    flat = values[0] if len(values) == 1 and isinstance(values[0], list | tuple) else values
    found: list[float] = []
    for value in flat:
        try:
            found.append(float(normal(_scalar(value))))
        except ValueError:
            raise UnresolvedError(f"{value!r} is not a number") from None
    if not found:
        raise UnresolvedError("there are no numbers")
    return found


def _tidy(number: float) -> JsonScalar:
    number = round(number, 6)
    return int(number) if number.is_integer() else number


def _closest(values: Sequence[JsonValue]) -> JsonValue:
    """The candidate most like the first input; the candidates are the second input."""
    wanted, candidates = values
    if not isinstance(candidates, list | tuple):
        raise UnresolvedError("there are no candidates")
    names = [item for item in candidates if isinstance(item, str)]
    best = difflib.get_close_matches(str(wanted), names, n=1, cutoff=0.3)
    if not best:
        raise UnresolvedError(f"nothing is like {wanted!r}")
    return best[0]


def _format(values: Sequence[JsonValue]) -> str:
    template, *rest = values
    text = str(template)
    for value in rest:
        text = text.replace("{}", str(value), 1)
    return text


def _code(values: Sequence[JsonValue]) -> str:
    """Code with each `{}` filled in turn with a Python literal.

    >>> _code(["print(max({}))", [1, "a"]])
    "print(max([1, 'a']))"
    """
    template, *rest = values
    text = str(template)
    for value in rest:
        text = text.replace("{}", repr(value), 1)
    return text


def _count(values: Sequence[JsonValue]) -> int:
    first = values[0]
    return len(first) if isinstance(first, list | tuple) else 1


AGGREGATES = frozenset({"sum", "mean", "max", "min", "count", "closest", "code"})
FUNCTIONS: Mapping[str, Callable[[Sequence[JsonValue]], JsonValue]] = {
    "list": list,
    "format": _format,
    "closest": _closest,
    "code": _code,
    "count": _count,
    "sum": lambda values: _tidy(sum(_numbers(values))),
    "mean": lambda values: _tidy(sum(found := _numbers(values)) / len(found)),
    "max": lambda values: _tidy(max(_numbers(values))),
    "min": lambda values: _tidy(min(_numbers(values))),
}
"""What `Computed` can compute: each takes the resolved inputs. `closest(wanted, candidates)` for names
nearly right, `format(template, value…)` fills each `{}` in turn, `code` likewise with
literals of Python, `list` makes a list of its inputs."""
