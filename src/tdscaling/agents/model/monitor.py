"""What a simulated user must not do, found by rules."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tdscaling.outcome_checks import told
from tdscaling.types import Fact, JsonScalar
from tdscaling.values import normal
from tdscaling.values.shortened import shortened

LONGEST = 1500
"""Characters of a user's message."""

_IDENTIFIER = re.compile(
    r"(?<![\w.])(?=[\w./:@-]*\d)(?=[\w./:@-]*[A-Za-z_])[\w][\w./:@-]{3,}|(?<![\w.,])\d{4,}(?![\w,])"
)
_TIME = re.compile(r"\d{1,2}(?:st|nd|rd|th|am|pm|h|s|min)?|\d{1,2}:\d{2}(?:am|pm)?|\d{4}-\d{2}-\d{2}", re.IGNORECASE)
_JOB = re.compile(
    r"```|<tool_call>|\{\s*\"|\bas an ai\b|\b(?:how (?:can|may) i (?:help|assist)|i(?:'ll| will) (?:look|check|fetch"
    r"|retrieve|call|run|create|update|delete|search) (?:that|it|this|them|the)|let me (?:check|look|search|fetch|do)"
    r"|here (?:is|are) (?:the|your)|i(?:'ve| have) (?:found|created|updated|deleted|retrieved|completed))\b",
    re.IGNORECASE,
)
_LEAVES = re.compile(
    r"\b(?:goodbye|good bye|bye|that(?:'s| is) (?:all|it|everything)|nothing (?:else|more)|have a (?:nice|good|great)"
    r"|no further|i(?:'m| am) done)\b|###",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"\W*(?:thanks?(?: you)?(?: so much| a lot)?|ok(?:ay)?|great|perfect|sounds good|sure|yes|got it|alright|cool"
    r"|awesome|excellent|wonderful|that works|please do|go ahead|much appreciated|[\s,.!-])+\W*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a user's next message is for. `answering`: the assistant has asked; else a request is due, in whose words
    `must` stand. `may` are the facts the user knows, `must_not` those it keeps until it is asked for them.
    """

    answering: bool
    must: Sequence[Fact]
    must_not: Sequence[Fact]
    may: Sequence[Fact]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing a user's message does wrong: its kind, as the run counts it, and what the user is told."""

    kind: str
    detail: str


def faults(text: str, due: Due, heard: str, tools: Collection[str]) -> list[Fault]:
    """All that is wrong with a user's message, what it does before what it leaves out. `heard` is the dialogue's text
    so far, `tools` are the tools' names.

    Kinds: `leak` (a tool's name, an identifier it can't know), `contradiction` (an identifier or number in the place
    of a fact), `forgot` (a value that is due), `too_early` (a value that was to be asked for), `early_stop`,
    `agrees_and_leaves`, `agents_job`, `too_long`.
    """
    found = _leaks(text, due, heard, tools)
    if _JOB.search(text):
        found.append(Fault("agents_job", "you are the user: you ask, you don't do the work, and you write no code"))
    if not due.answering and _AGREES.fullmatch(text):
        found.append(Fault("agrees_and_leaves", "you have not made your request"))
    elif not due.answering and _LEAVES.search(text):
        found.append(Fault("early_stop", "the conversation is not over: make your request and nothing else"))
    if len(text) > LONGEST:
        found.append(Fault("too_long", f"say it in fewer than {LONGEST} characters"))
    return [*found, *_values(text, due)]


def _leaks(text: str, due: Due, heard: str, tools: Collection[str]) -> list[Fault]:
    known, folded = " ".join(_said(fact) for fact in due.may), text.casefold()
    found: list[Fault] = []
    for name in sorted(tools):
        if name.isalpha() or name.casefold() not in folded or name.casefold() in known:
            continue
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            found.append(Fault("leak", f"you can't know the name {name}"))
    spoken = f"{known} {heard.casefold()}"
    for match in _IDENTIFIER.finditer(text):
        word = match[0].strip(".:,-/")
        if _TIME.fullmatch(word) or word.casefold() in spoken or normal(word) in spoken:
            continue
        if any(number in spoken for number in shortened(text[max(0, match.start() - 1) : match.end()].casefold())):
            continue
        kind = "contradiction" if due.must and not all(told_in(fact, text) for fact in due.must) else "leak"
        found.append(Fault(kind, f"you said {word}, which you don't know"))
    return found


def _values(text: str, due: Due) -> list[Fault]:
    found = [Fault("forgot", f"say the {fact.label}, exactly: {fact.value}") for fact in due.must
             if not told_in(fact, text)]  # fmt: skip
    found += [
        Fault("too_early", f"don't say the {fact.label} before you are asked for it")
        for fact in due.must_not
        if told_in(fact, text) and not any(told_in(fact, str(other.value)) for other in due.must)
    ]
    return found


def told_in(fact: Fact, text: str) -> bool:
    """Whether a text holds a fact's value; of a list, every item."""
    if isinstance(fact.value, bool):
        return True  # people don't say "true"
    if isinstance(fact.value, str | int | float):
        return told(fact.value, text)
    if isinstance(fact.value, Sequence):
        return all(told(one, text) if isinstance(one, str | int | float) else True for one in fact.value)
    return True


def _said(fact: Fact) -> str:
    values = fact.value if isinstance(fact.value, list | tuple) else [fact.value]
    scalars = [value for value in values if isinstance(value, str | int | float)]
    return " ".join(f"{_text(value)} {normal(value)}" for value in scalars)


def _text(value: JsonScalar) -> str:
    return str(value).casefold()
