"""Recovering: after an error, another way to the same aim that works."""

import re
from collections.abc import Iterator

from tdscaling.metrics.modes.hit import ModeHit, of_action
from tdscaling.metrics.modes.questions import asks
from tdscaling.metrics.trace import Action, Trace
from tdscaling.metrics.words import nouns

_FALLBACK = re.compile(r"\b(?:or|otherwise|if|else|fall ?back|alternatively|failing that|try)\b", re.IGNORECASE)
RETRIES = 3
"""The same call again counts at most this often."""
MAX_OPEN = 20
"""Errors waiting for their recovery; older ones are given up."""


def recovering(trace: Trace) -> Iterator[ModeHit]:
    """The first successful call for the aim of a failed one: the same tool with other arguments, another tool of
    the same kind, or the same call within three tries.

    A user message ends the search, unless the assistant asked for something to go on with.
    """
    failed: list[Action] = []
    repeats: dict[int, int] = {}
    turn = -1
    for action in trace.actions:
        user = trace.last_user(action.message)
        if user != turn:
            failed = failed if _continues(trace, user) else []
            turn = user
        error = _cause(failed, repeats, action, trace)
        if error is not None and action.succeeded:
            yield of_action("recovering", action, f"after the error of {error.call.name}")
            failed = [other for other in failed if other is not error and not _got_over(other, error, action, trace)]
        elif action.failed and not any(other.same_call(action) for other in failed):
            failed = [*failed[-MAX_OPEN:], action]


def _continues(trace: Trace, user: int) -> bool:
    """Whether the user message answers a question of the assistant."""
    previous = trace.messages[user - 1] if user > 0 else None
    return previous is not None and previous.role == "assistant" and asks(previous.content)


def _cause(failed: list[Action], repeats: dict[int, int], action: Action, trace: Trace) -> Action | None:
    """The error of this very call, as far as it may be repeated, else the last one whose aim it has."""
    known = [error for error in reversed(failed) if error.result < action.message]
    for error in known:
        if error.same_call(action):
            repeats[error.ordinal] = repeats.get(error.ordinal, 0) + 1
            if repeats[error.ordinal] <= RETRIES:
                return error
    return next((one for one in known if not one.same_call(action) and _same_aim(one, action, trace)), None)


def _got_over(other: Action, error: Action, action: Action, trace: Trace) -> bool:
    """Whether the call that got over `error` got over this one as well: it has its aim, and was first tried when that
    had failed already. What failed beside a call that is only made again waits for its own."""
    tried = error if error.same_call(action) else action
    return other.result < tried.message and _same_aim(other, action, trace)


def _same_aim(error: Action, action: Action, trace: Trace) -> bool:
    if error.call.name == action.call.name:
        return not _next_item(error, action, trace)
    if error.sandbox != action.sandbox or error.read_only != action.read_only:
        return False
    values = {argument.norm for argument in error.arguments if argument.telling}
    if any(argument.norm in values for argument in action.arguments if argument.telling):
        return True
    return bool(nouns(error.call.name) & nouns(action.call.name))


def _next_item(error: Action, action: Action, trace: Trace) -> bool:
    """Whether the call is the next of several things that one user message asked for, no fallback among them."""
    old = {argument.path: argument for argument in error.arguments}
    changed = [a for a in action.arguments if a.path in old and old[a.path].norm != a.norm]
    for argument in changed:
        user = trace.user.first(argument.norm)
        if user < error.message and trace.user.holds(user, old[argument.path].norm):
            return not _FALLBACK.search(trace.messages[user].content)
    return False
