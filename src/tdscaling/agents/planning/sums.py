"""What is computed over a list of values: in words, as code, and the plan's own way to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean, median, pstdev

from tdscaling.types import JsonScalar, ToolKey
from tdscaling.values import normal

PYTHON = ToolKey("sandbox", "python")
MIN_VALUES = 4


@dataclass(frozen=True, slots=True)
class Computation:
    """What is asked for in words, the code that finds it (`{}` is the list of values), and our own way to it."""

    asked: str
    code: str
    value: Callable[[list[JsonScalar]], str]

    @property
    def over_values(self) -> bool:
        """Whether its code starts from a variable `values`, so that other code can make them."""
        return "values = {}\n" in self.code


def numbers(values: list[JsonScalar]) -> list[float]:
    return [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]


def _texts(values: list[JsonScalar]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _days(values: list[JsonScalar]) -> list[date]:
    return [date.fromisoformat(value[:10]) for value in _texts(values)]


def _tidy(number: float) -> str:
    return f"{number:.2f}"


_ONLY_NUMBERS = "values = {}\nnumbers = [v for v in values if isinstance(v, (int, float))]\n"
OVER_NUMBERS = (
    Computation("the sum of", _ONLY_NUMBERS + 'print(f"{sum(numbers):.2f}")', lambda v: _tidy(sum(numbers(v)))),
    Computation(
        "the mean of",
        "from statistics import mean\n" + _ONLY_NUMBERS + 'print(f"{mean(numbers):.2f}")',
        lambda v: _tidy(mean(numbers(v))),
    ),
    Computation(
        "the median of",
        "from statistics import median\n" + _ONLY_NUMBERS + 'print(f"{median(numbers):.2f}")',
        lambda v: _tidy(median(numbers(v))),
    ),
    Computation(
        "the population standard deviation of",
        "from statistics import pstdev\n" + _ONLY_NUMBERS + 'print(f"{pstdev(numbers):.2f}")',
        lambda v: _tidy(pstdev(numbers(v))),
    ),
)
OVER_DAYS = (
    Computation(
        "the number of days between the earliest and the latest of",
        "from datetime import date\ndays = sorted(date.fromisoformat(v[:10]) for v in {})\n"
        "print((days[-1] - days[0]).days, 'days')",
        lambda v: f"{(max(_days(v)) - min(_days(v))).days} days",
    ),
)
OVER_TEXTS = (
    Computation(
        "the number of characters in all of",
        "values = {}\nprint(sum(len(v) for v in values), 'characters')",
        lambda v: f"{sum(len(text) for text in _texts(v))} characters",
    ),
    Computation(
        "the alphabetically last of",
        "values = {}\nprint(sorted(values, key=str.casefold)[-1])",
        lambda v: sorted(_texts(v), key=str.casefold)[-1],
    ),
    Computation(
        "the longest of",
        "values = {}\nprint(max(sorted(values), key=len))",
        lambda v: max(sorted(_texts(v)), key=len),
    ),
)


def fitting(values: list[JsonScalar]) -> Sequence[Computation]:
    """What can be computed over these values; nothing where they are too few, too much alike or of mixed kinds."""
    if len({normal(value) for value in numbers(values)}) >= MIN_VALUES:
        return OVER_NUMBERS
    texts = _texts(values)
    if len(texts) != len(values) or len(set(texts)) < MIN_VALUES or max(map(len, texts)) > 60:
        return ()
    try:
        _days(values)
    except ValueError:
        return OVER_TEXTS
    return OVER_DAYS
