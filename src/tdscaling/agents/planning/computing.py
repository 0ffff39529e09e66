"""Goals that need a computation over a result: tedious by head, and a few lines of code in the sandbox."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean, median, pstdev

from tdscaling.agents.planning.draft import Draft
from tdscaling.agents.planning.fill import fill
from tdscaling.agents.planning.goals import Goal, first_that_works, profiles
from tdscaling.agents.protocols import PlanError
from tdscaling.agents.wording import action, label
from tdscaling.types import AnswerFact, Computed, Constant, FromOutput, JsonScalar, Request, ToolKey, ToolProfile
from tdscaling.values import leaves, normal

PYTHON = ToolKey("sandbox", "python")
MIN_VALUES = 4
_NOT_AMOUNTS = frozenset({"id", "cid", "pk", "notnull"})
"""Fields whose values nobody computes with."""


@dataclass(frozen=True, slots=True)
class Computation:
    """What is asked for in words, the code that finds it (`{}` is the list of values), and our own way to it."""

    asked: str
    code: str
    value: Callable[[list[JsonScalar]], str]


def _numbers(values: list[JsonScalar]) -> list[float]:
    return [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]


def _texts(values: list[JsonScalar]) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def _days(values: list[JsonScalar]) -> list[date]:
    return [date.fromisoformat(value[:10]) for value in _texts(values)]


def _tidy(number: float) -> str:
    return f"{number:.2f}"


_ONLY_NUMBERS = "values = {}\nnumbers = [v for v in values if isinstance(v, (int, float))]\n"
OVER_NUMBERS = (
    Computation("the sum of", _ONLY_NUMBERS + 'print(f"{sum(numbers):.2f}")', lambda v: _tidy(sum(_numbers(v)))),
    Computation(
        "the mean of",
        "from statistics import mean\n" + _ONLY_NUMBERS + 'print(f"{mean(numbers):.2f}")',
        lambda v: _tidy(mean(_numbers(v))),
    ),
    Computation(
        "the median of",
        "from statistics import median\n" + _ONLY_NUMBERS + 'print(f"{median(numbers):.2f}")',
        lambda v: _tidy(median(_numbers(v))),
    ),
    Computation(
        "the population standard deviation of",
        "from statistics import pstdev\n" + _ONLY_NUMBERS + 'print(f"{pstdev(numbers):.2f}")',
        lambda v: _tidy(pstdev(_numbers(v))),
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


async def computational(draft: Draft, tools: Sequence[ToolKey]) -> list[Goal]:
    """A reading call, then code over a list of values in its result; the plan knows the value by itself."""
    if PYTHON not in draft.context.tools:
        raise PlanError("no_interpreter")

    async def attempt(profile: ToolProfile) -> list[Goal]:
        filled = await fill(draft, profile.tool)
        read = await draft.step(profile.tool, filled.arguments)
        path, values = _list(draft, read.id)
        chosen = draft.rng.choice(_fitting(values))
        code = Computed(function="code", inputs=(Constant(value=chosen.code), FromOutput(step=read.id, path=path)))
        compute = await draft.step(PYTHON, {"code": code}, purpose="compute")
        if normal(chosen.value(values)) != normal(str(draft.outputs[compute.id])):
            raise PlanError("computed_otherwise", f"{chosen.asked} {path}")
        name = label(path)
        thing = f"{name} values" if name != "value" else "values"
        text = f"{action(draft.context.tools[profile.tool])} and work out {chosen.asked} the {thing} there"
        answer = AnswerFact(label="result", binding=FromOutput(step=compute.id, path=""), value=chosen.value(values))
        return [Goal((Request(action=text, details=filled.told),), (read, compute), (answer,))]

    suited = profiles(draft, tools, effect="read")
    return await first_that_works(draft, [lambda p=p: attempt(p) for p in suited], limit=8)


def _list(draft: Draft, step: str) -> tuple[str, list[JsonScalar]]:
    """A field of the result with enough values of one kind; fields of numbers first."""
    by_path: dict[str, list[JsonScalar]] = {}
    for leaf in leaves(draft.outputs[step], limit=400):
        by_path.setdefault(leaf.path, []).append(leaf.value)
    named = {path: values for path, values in by_path.items() if "[]" in path and label(path) not in _NOT_AMOUNTS}
    suited = [(path, values) for path, values in sorted(named.items()) if _fitting(values)]
    if not suited:
        raise PlanError("no_list_to_compute_over")
    numeric = [item for item in suited if len(_numbers(item[1])) >= MIN_VALUES]
    return draft.rng.choice(numeric or suited)


def _fitting(values: list[JsonScalar]) -> Sequence[Computation]:
    if len({normal(value) for value in _numbers(values)}) >= MIN_VALUES:
        return OVER_NUMBERS
    texts = _texts(values)
    if len(texts) != len(values) or len(set(texts)) < MIN_VALUES or max(map(len, texts)) > 60:
        return ()
    try:
        _days(values)
    except ValueError:
        return OVER_TEXTS
    return OVER_DAYS
