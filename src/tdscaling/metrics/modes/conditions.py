"""Conditional: a call made on one value of an earlier result, where another value asks for another action."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tdscaling.metrics.modes.branching import QUOTED, Branch, branches, stem, words
from tdscaling.metrics.modes.hit import ModeHit, of_action
from tdscaling.metrics.produced import Produced
from tdscaling.metrics.texts import NEVER
from tdscaling.metrics.trace import Action, Trace
from tdscaling.metrics.words import parts
from tdscaling.types import Message
from tdscaling.values import normal

OTHERWISE = "*"
MAX_RESULTS = 40
"""Earlier results that a condition is looked up in, the latest ones."""

_OVER = re.compile(
    r"(?:over|above|more than|greater than|at least|exceed(?:s|ing)?|older than|longer than|higher than"
    r"|>=?)\D{0,6}(\d[\d,.]*)"
)
_UNDER = re.compile(
    r"(?:under|below|less than|fewer than|at most|cheaper than|lower than|shorter than|up to|<=?)\D{0,6}(\d[\d,.]*)"
)
_WORD = re.compile(r"[^\W_]+")
_NEGATED = re.compile(r"\b(?:not|n't|no|never|without)\b|n't\b")


_STANDING = re.compile(
    r"\b(?:whenever|always|(?:every|each) time|from now on|for (?:any|all|every|each))\b", re.IGNORECASE
)
_STATES = (("status",), ("state",), ("phase",), ("condition",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a blueprint says: for each value of a result's `field` ("" is any field), the offered tool to call.

    The value OTHERWISE stands for all others, the tool "" for no call.
    """

    branches: tuple[tuple[str, str], ...]
    field: str = ""


def conditional(trace: Trace, conditions: Sequence[Condition]) -> Iterator[ModeHit]:
    """Calls that a blueprint's condition, or a conditional sentence of a user or the system, chose by a result.

    What a plan says is done with after the message that carries it out, what a user asked for once when the user
    speaks again after that.
    """
    told = _told(trace)
    if not told and not conditions:
        return
    plans = list(enumerate(conditions, start=len(trace.messages)))
    seen: list[Action] = []
    waiting: list[Action] = []
    served: dict[int, int] = {}
    for action in trace.actions:
        while waiting and waiting[0].result < action.message:
            seen.append(waiting.pop(0))
        turn, latest = trace.last_user(action.message), seen[-MAX_RESULTS:]
        due = [one for one in plans if served.get(one[0], action.message) == action.message]
        open_plans = [one for one in due if _told_of(trace, one[1], action)]
        open_told = [one for one in told if served.get(one[0], turn) == turn]
        reasons = [*_planned(open_plans, action, latest), *_spoken(trace, open_told, action, latest)]
        if reasons:
            yield of_action("conditional", action, reasons[0][1])
        for number, _ in reasons:
            if number >= len(trace.messages):
                served[number] = action.message
            elif not _stands(trace.messages[number]):
                served[number] = turn
        if action.succeeded:
            waiting.append(action)


def _told_of(trace: Trace, condition: Condition, action: Action) -> bool:
    """Whether the values that the plan names have been told when the call is made, as far as they ever are."""
    said = (trace.said(normal(value)) for value, _ in condition.branches if value != OTHERWISE)
    return all(first == NEVER or first < action.message for first in said)


def _stands(message: Message) -> bool:
    """Whether what it says of conditions is meant for the whole dialogue."""
    return message.role == "system" or bool(_STANDING.search(message.content))


def _told(trace: Trace) -> list[tuple[int, tuple[Branch, ...]]]:
    found: list[tuple[int, tuple[Branch, ...]]] = []
    for index, message in enumerate(trace.messages):
        if message.role in ("user", "system") and message.content:
            told = branches(message.content)
            if told:
                found.append((index, told))
    return found


def _planned(
    conditions: Sequence[tuple[int, Condition]], action: Action, seen: list[Action]
) -> Iterator[tuple[int, str]]:
    """The first condition of the plan that chose the call, by its number, with the reason."""
    for number, condition in conditions:
        named = [value for value, tool in condition.branches if tool == action.call.name]
        others = {tool for _, tool in condition.branches} - {action.call.name}
        if not named or not others:
            continue
        values = {normal(value) for value, _ in condition.branches if value != OTHERWISE}
        for produced in (p for earlier in seen for p in earlier.produced):
            if condition.field and produced.key != condition.field:
                continue
            if produced.norm in {normal(value) for value in named} or (
                OTHERWISE in named and produced.norm not in values
            ):
                yield number, f"planned for {produced.norm!r}"
                return


def _spoken(
    trace: Trace, told: list[tuple[int, tuple[Branch, ...]]], action: Action, seen: list[Action]
) -> Iterator[tuple[int, str]]:
    """The first message that chose the call, with the reason."""
    if not seen or not told:
        return
    names = frozenset(stem(part) for part in parts(action.call.name))
    values = frozenset(word for argument in action.arguments for word in words(argument.norm))
    tool = trace.tool(action.call.name)
    described = words(tool.description[:200]) if tool is not None else frozenset[str]()
    for index, options in told:
        if index > action.message:
            break
        chosen = _chosen(options, names, values, described)
        if chosen is not None and _holds(chosen, options, seen):
            yield index, f"chosen by message {index}"
            return


def _chosen(
    options: tuple[Branch, ...], names: frozenset[str], values: frozenset[str], described: frozenset[str]
) -> Branch | None:
    """The one branch that the call carries out."""
    ranked = sorted(
        (
            (2 * len(b.action & names) + 2 * len(b.action & values) + len(b.action & described), -i)
            for i, b in enumerate(options)
        ),
        reverse=True,
    )
    best, runner = ranked[0], ranked[1]
    return options[-best[1]] if best[0] >= 2 and best[0] > runner[0] else None


def _holds(chosen: Branch, options: tuple[Branch, ...], seen: list[Action]) -> bool:
    """Whether the earlier results allow the branch: its condition is not seen to fail, nor another's to hold."""
    if chosen.condition:
        return _truth(chosen.condition, seen) is not False
    return not any(_truth(branch.condition, seen) for branch in options if branch.condition)


def _truth(condition: str, seen: list[Action]) -> bool | None:
    """Whether results meet a condition in words; None when they don't tell."""
    wanted = words(condition)
    quoted = {normal(next(filter(None, groups))) for groups in QUOTED.findall(condition)}
    if quoted:
        around = QUOTED.sub(" ", condition)
        return _shows(quoted, around, seen) != bool(_NEGATED.search(around))
    for pattern, above in ((_OVER, True), (_UNDER, False)):
        match = pattern.search(condition)
        if match:
            return _compare(float(match[1].strip(",.").replace(",", "")), above, wanted, seen)
    latest = seen[-1].produced
    met = any(wanted & words(p.norm) for p in latest if isinstance(p.value, str) and len(p.norm) < 80)
    if met:
        return not _NEGATED.search(condition)
    flags = [p for p in latest if isinstance(p.value, bool) and wanted & {stem(part) for part in parts(p.key)}]
    if flags:
        return bool(flags[-1].value) != bool(_NEGATED.search(condition))
    states = [p for p in latest if isinstance(p.value, str) and parts(p.key)[-1:] in _STATES]
    return bool(_NEGATED.search(condition)) if states else None


def _shows(quoted: Collection[str], condition: str, seen: list[Action]) -> bool:
    """Whether the field that the condition names first holds a quoted value, of the first such where it says "first";
    any field of the latest result where it names none."""
    said = [stem(word) for word in _WORD.findall(condition)]
    for action in reversed(seen):
        named = [(max(map(said.index, key)), p) for p in action.produced if (key := _named(p.key, said))]
        if named:
            place = min(named, key=lambda one: one[0])[0]
            fields = [p for at, p in named if at == place]
            return any(p.norm in quoted for p in (fields[:1] if "first" in said else fields))
    return any(p.norm in quoted for p in seen[-1].produced)


def _named(key: str, said: Sequence[str]) -> list[str]:
    """The words of a field's name where all of them are said."""
    found = [stem(part) for part in parts(key)]
    return found if set(found).issubset(said) else []


def _compare(bound: float, above: bool, wanted: frozenset[str], seen: list[Action]) -> bool | None:
    numbers: list[Produced] = []
    for action in reversed(seen):
        found = [p for p in action.produced if isinstance(p.value, int | float) and not isinstance(p.value, bool)]
        numbers = [p for p in found if wanted & {stem(part) for part in parts(p.key)}] or (
            found if len(found) == 1 else []
        )
        if numbers:
            break
    if not numbers:
        return None
    value = numbers[0].value
    assert isinstance(value, int | float)
    return value >= bound if above else value <= bound
