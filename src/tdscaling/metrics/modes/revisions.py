"""Revising: the user replaces a value or the goal of a call, and a later call follows."""

import re
from collections.abc import Iterator

from tdscaling.metrics.modes.hit import ModeHit, of_action
from tdscaling.metrics.trace import Action, Argument, Trace
from tdscaling.metrics.words import nouns, parts, singular

_CUE = re.compile(
    r"\b(?:actually|instead|rather|scratch that|never ?mind|on second thou?ghts?|change (?:my mind|it|that|the"
    r"|this)|changed my mind"
    r"|make (?:it|that|this)|i meant|i mean|sorry|correction|oops|better|wait|no,|not the|not that|switch|swap|replace"
    r"|wrong|mistake|mixed up"
    r"|should (?:have been|be|read)|was supposed to|prefer|forget|don't|do not|move (?:it|that|this)"
    r"|let's (?:go with|do|make|use|take|try))"
    r"|\b(?:raise|lower|increase|reduce|bump|push|extend|shorten|widen|mistyped) (?:it|that|this|the)\b|\bmistyped\b"
    r"|\b(?:doch (?:lieber|besser|nicht|auf|für)|lieber|eigentlich|stattdessen|falsch|ich meinte|nein)\b"
    r"|\b(?:mejor|perd[oó]n\w*|en realidad|en vez|en lugar|quise decir|cambia\w*|me equivoqu[ée])\b"
    r"|\b(?:plutôt|finalement|en fait|pardon|je voulais dire|à la place)\b"
    r"|\b(?:na verdade|melhor|em vez|desculp\w+|quis dizer)\b"
    r"|\bnot\b.{1,40}\bbut\b|^no\b|\bupdate (?:it|that)\b",
    re.IGNORECASE,
)
_IN_CUES = (
    "actually|instead|rather|scratch|mind|second thou|change |i mean|make |sorry|correction|oops|better|wait|no,|not "
    "|switch|swap|replace|wrong|mistake|mixed|should |supposed|prefer|forget|don't|do not|move |let's |raise |lower "
    "|increase |reduce |bump |push |extend |shorten |widen |mistyped|update |doch |lieber|eigentlich|stattdessen|falsch"
    "|ich meinte|nein|mejor|perd|en realidad|en vez|en lugar|quise decir|cambia|me equivoqu|plutôt|finalement|en fait"
    "|pardon|je voulais|à la place|na verdade|melhor|em vez|desculp|quis dizer"
).split("|")
"""One of these is in every text with a cue, but for those that begin with "no"; they are found far sooner."""
_GOAL = re.compile(
    r"\b(?:instead|rather|scratch that|never ?mind|change[d]? my mind|on second thou?ghts?|forget|don't|do not"
    r"|actually, no|hold on)\b"
    r"|^(?:actually|no|wait)\b",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"\b(?:also|as well|too(?=\s*(?:[,.!?;)]|$|please\b))|in addition"
    r"|additionally|another|besides|one more|plus|next|and (?:now|then))\b",
    re.IGNORECASE,
)
MAX_BACK = 20
"""Calls before the user message that it may revise."""


def revising(trace: Trace) -> Iterator[ModeHit]:
    """A user message after a call with a new value or goal for it, and a later call with the new one instead.

    What the user adds ("also", "another") replaces nothing.
    """
    for user, before, after in _turns(trace):
        text = trace.messages[user].content.replace("’", "'")
        if not before or not after or not _cued(text):
            continue
        found = next((hit for action in after if (hit := _revision(trace, user, text, before, action))), None)
        if found is not None:
            yield found


def _cued(text: str) -> bool:
    lower = text.lower()
    return (lower.startswith("no") or any(part in lower for part in _IN_CUES)) and bool(_CUE.search(text))


def _turns(trace: Trace) -> Iterator[tuple[int, list[Action], list[Action]]]:
    """Each user message with the last calls before it and those after it up to the next change of subject."""
    position = 0
    actions = trace.actions
    for user in trace.users:
        while position < len(actions) and actions[position].message < user:
            position += 1
        yield user, actions[max(0, position - MAX_BACK) : position], actions[position : position + MAX_BACK]


def _revision(trace: Trace, user: int, text: str, before: list[Action], action: Action) -> ModeHit | None:
    for old in reversed(before):
        replaced = _replaced(trace, user, text, old, action)
        if replaced is not None:
            return of_action("revising", action, f"{replaced[0]!r} became {replaced[1]!r}")
    if _GOAL.search(text) and not _ADDS.search(text) and _new_goal(trace, user, text, before, action):
        return of_action("revising", action, "another goal")
    return None


def _replaced(trace: Trace, user: int, text: str, old: Action, new: Action) -> tuple[str, str] | None:
    """The value of the old call and the one that the user message put in its place."""
    adds = bool(_ADDS.search(text))
    for argument in new.arguments:
        if not trace.user.holds(user, argument.norm) or isinstance(argument.value, bool):
            continue
        for former in old.arguments:
            if not _same_role(former, argument) or former.norm == argument.norm:
                continue
            if any(kept.norm == former.norm and kept.path == argument.path for kept in new.arguments):
                continue
            if adds and not trace.user.holds(user, former.norm):
                continue
            if old.call.name == new.call.name or _continues(old, new):
                return former.norm, argument.norm
    return None


def _same_role(former: Argument, argument: Argument) -> bool:
    one, two = _role(former.key), _role(argument.key)
    return one == two or (len(one) > 0 and one[-1:] == two[-1:])


def _role(key: str) -> tuple[str, ...]:
    return tuple(part for part in parts(key) if part not in ("new", "old", "updated", "to"))


def _continues(old: Action, new: Action) -> bool:
    """Whether another tool's call is about the same thing: a shared identifier or noun."""
    if new.read_only != old.read_only:
        return False
    values = {a.norm for a in old.arguments if a.telling} | {p.norm for p in old.produced if p.identifier}
    if any(argument.telling and argument.norm in values for argument in new.arguments):
        return True
    return bool(nouns(old.call.name) & nouns(new.call.name))


def _new_goal(trace: Trace, user: int, text: str, before: list[Action], action: Action) -> bool:
    """Whether the call does something else, which the user names, to what an earlier call of this aim was about."""
    words = {singular(word) for word in re.findall(r"[a-z]+", text.casefold())}
    named = {singular(part) for part in parts(action.call.name)} & words
    if not named:
        return False
    values = {argument.norm for argument in action.arguments}
    last = before[-1].message
    for old in before:
        if old.call.name == action.call.name or old.message < trace.last_user(last):
            continue
        shares = any(a.norm in values for a in old.arguments if a.telling)
        shares = shares or any(p.norm in values for p in old.produced if p.identifier)
        if shares or (nouns(old.call.name) & nouns(action.call.name)):
            return True
    return False
