"""Computational: code in the sandbox that takes earlier results in, or whose output is used."""

import re
from collections.abc import Iterator

from tdscaling.metrics.modes.hit import ModeHit, of_action
from tdscaling.metrics.produced import chunks
from tdscaling.metrics.texts import TextIndex
from tdscaling.metrics.trace import Action, Trace, text_norms
from tdscaling.values import normal

_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
_DECIMAL = re.compile(r"-?\d+\.\d+")
MAX_VALUES = 500
"""Values of one output that are looked for in what follows."""


def computational(trace: Trace) -> Iterator[ModeHit]:
    """A successful call of an interpreter or shell with a value of an earlier result in its code, or whose
    output occurs in a later call's arguments or in the next answer."""
    for action in trace.actions:
        if not action.sandbox or not action.succeeded:
            continue
        taken = trace.flows(action)
        if taken:
            yield of_action("computational", action, f"takes {taken[0][0]!r} from message {taken[0][1]}")
        elif (used := _used(trace, action)) is not None:
            yield of_action("computational", action, used)


def _used(trace: Trace, action: Action) -> str | None:
    outputs = _outputs(action)
    if not outputs:
        return None
    answer = _next_answer(trace, action.result)
    if answer is not None and (found := _in_text(trace.messages[answer].content, outputs)):
        return f"{found!r} is in the answer"
    telling = {norm for norm in outputs if len(norm) >= 3} - {argument.norm for argument in action.arguments}
    for later in trace.actions[action.ordinal + 1 :]:
        if later.message < action.result:
            continue
        for argument in later.arguments:
            found = next((norm for norm in _norms(argument.norm, argument.prose) if norm in telling), None)
            if found is not None:
                return f"{found!r} is in a later call"
        if later.ordinal > action.ordinal + MAX_VALUES:
            break
    return None


def _norms(norm: str, prose: bool) -> tuple[str, ...]:
    return text_norms(norm) if prose else (norm,)


def _outputs(action: Action) -> set[str]:
    found: set[str] = set()
    for produced in action.produced[:MAX_VALUES]:
        if isinstance(produced.value, bool) or produced.value is None or not produced.norm:
            continue
        found.add(produced.norm)
        if isinstance(produced.value, str):
            found.update(normal(number) for number in _NUMBER.findall(produced.value))
            found.update(normal(chunk) for chunk in chunks(produced.value) if any(c.isdigit() for c in chunk))
    return {norm for norm in found if norm not in ("true", "false", "null", "none", "ok", "exit_code")}


def _next_answer(trace: Trace, after: int) -> int | None:
    for index in range(after + 1, len(trace.messages)):
        message = trace.messages[index]
        if message.role == "user":
            return None
        if message.role == "assistant" and message.content.strip() and not message.tool_calls:
            return index
    return None


def _in_text(text: str, outputs: set[str]) -> str | None:
    index = TextIndex()
    index.add(0, text)
    found = next((norm for norm in sorted(outputs) if index.holds(0, norm)), None)
    return found if found is not None else _rounded(text, outputs)


def _rounded(text: str, outputs: set[str]) -> str | None:
    """An output number that the text gives with fewer decimals."""
    numbers = [norm for norm in outputs if _DECIMAL.fullmatch(norm)]
    for shown in _NUMBER.findall(text):
        decimals = len(shown.partition(".")[2])
        plain = shown.replace(",", "")
        for norm in numbers:
            if f"{float(norm):.{decimals}f}" == plain:
                return norm
    return None
