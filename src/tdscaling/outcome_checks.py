"""Whether what came out is what was asked for: the same checks judge a rollout and the plan's own controls."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tdscaling.types import Blueprint, Check, JsonValue, StateDiff
from tdscaling.values import normal
from tdscaling.values.shortened import shortened

ANY = "*"
"""In expected effects: a value that differs from run to run (a commit's hash, a time stamp)."""

_REFUSES = re.compile(
    r"\b(?:can(?:no|')t|can not|unable|not able|not allowed|not permitted|none of|no tool|do(?:n't| not) have"
    r"|have to stop|not possible|forbid|won't be able|must not|isn't something|outside what)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an episode left behind: the state it changed, and the last assistant text of each turn."""

    effects: StateDiff
    answers: tuple[str, ...]


def outcome_checks(blueprint: Blueprint, outcome: Outcome) -> list[Check]:
    """The checks `effects`, `answer_facts` and `refusal`, in this order.

    The last is there only where the blueprint has a request that must be turned down.
    """
    checks = [_effects(blueprint.effects, outcome.effects), _answers(blueprint, outcome.answers)]
    if any(request.refusal for turn in blueprint.turns for request in turn.requests):
        checks.append(_refusals(blueprint, outcome.answers))
    return checks


def same_effects(expected: StateDiff, found: StateDiff) -> bool:
    """Whether the same pieces of state changed in the same way, to the same values where these repeat.

    >>> from tdscaling.types import Change
    >>> same_effects((Change("a", "changed", ANY),), (Change("a", "changed", "7"),))
    True
    """
    return len(expected) == len(found) and all(
        (one.path, one.kind) == (two.path, two.kind) and one.value in (ANY, two.value)
        for one, two in zip(expected, found, strict=True)
    )


def _effects(expected: StateDiff, found: StateDiff) -> Check:
    if same_effects(expected, found):
        return Check(name="effects", passed=True, detail=f"{len(found)} changes")
    want, have = {change.path for change in expected}, {change.path for change in found}
    missing, extra = sorted(want - have)[:3], sorted(have - want)[:3]
    detail = f"missing {missing}, not expected {extra}" if missing or extra else "other values than expected"
    return Check(name="effects", passed=False, detail=detail)


def _answers(blueprint: Blueprint, answers: Sequence[str]) -> Check:
    missing: list[str] = []
    for index, turn in enumerate(blueprint.turns):
        text = answers[index] if index < len(answers) else ""
        missing.extend(fact.label for fact in turn.answer if not told(fact.value, text))
    return Check(name="answer_facts", passed=not missing, detail=f"not told: {missing[:3]}" if missing else "")


def told(value: JsonValue, text: str) -> bool:
    """Whether a text holds a value, as a whole word or number, whatever its case, spacing or number format; 5k
    tells the number 5000, not a text of these digits.

    >>> told("main", "The branch is Main."), told(7, "There are 17."), told(1000.5, "It costs 1,000.50 in all.")
    (True, False, True)
    """
    if not isinstance(value, str | int | float):
        return False
    wanted = normal(value)
    folded = " ".join(text.split()).casefold()
    if _stands_in(wanted, folded):
        return True
    if isinstance(value, str) and (plain := " ".join(value.split()).casefold()) != wanted:
        return plain in folded
    if not isinstance(value, str) and wanted in shortened(folded):
        return True
    return wanted in {normal(word.strip(".,;:!?()[]\"'“”")) for word in folded.split()}


def _stands_in(words: str, text: str) -> bool:
    """Whether words stand in a text and no longer word begins before them or goes on after them.

    >>> _stands_in("a b", "xa b, a b"), _stands_in("7", "17 77"), _stands_in("", "")
    (True, False, True)
    """
    place = text.find(words)
    while place >= 0:
        before, after = text[place - 1 : place] if place else "", text[place + len(words) : place + len(words) + 1]
        if not any(one.isalnum() or one == "_" for one in (before, after)):
            return True
        place = text.find(words, place + 1)
    return False


def _refusals(blueprint: Blueprint, answers: Sequence[str]) -> Check:
    for index, turn in enumerate(blueprint.turns):
        text = answers[index] if index < len(answers) else ""
        if any(request.refusal for request in turn.requests) and not _REFUSES.search(text):
            return Check(name="refusal", passed=False, detail=f"turn {index + 1} does not turn the request down")
    return Check(name="refusal", passed=True)
