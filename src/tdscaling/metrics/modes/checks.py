"""Verifying: an unasked read of what was just written."""

import re
from collections.abc import Iterator

from tdscaling.metrics.modes.hit import ModeHit, of_action
from tdscaling.metrics.texts import NEVER
from tdscaling.metrics.trace import Action, Argument, Trace, small
from tdscaling.metrics.words import names_entity, never_entity, nouns, pages, parts, singular

_ASKS = re.compile(
    r"\b(?:show|check|verify|confirm|view|display|list (?:all|the|every|what|them|out)|read (?:it|them|that"
    r"|this|back|the)"
    r"|look (?:it |them )?up|tell me|let me (?:know (?:the|what|how|if|whether)|see)|see (?:the|what|how|if"
    r"|whether|my)"
    r"|send me|give me|make sure|double[- ]check|what(?:'s| is| are| does)|how (?:many|much)|pull up|fetch|retrieve"
    r"|find out|report (?:back|on))\b",
    re.IGNORECASE,
)
_AFTER = re.compile(r"\b(then|after(?:wards| that)?|once|when (?:it|that|you)|finally|and)\b", re.IGNORECASE)
_WAITS = "pending running queued processing in_progress started submitted building scheduled_job".split()
_RUNNING = frozenset(_WAITS) | {word.replace("_", " ") for word in _WAITS}
_POLLS = frozenset("job task status progress poll wait run build operation export import".split())
_OWNERS = frozenset("user account customer session tenant workspace project team org organization company".split())
_PLACES = frozenset("user owner author assignee customer city country airport email phone host hostname mail".split())


def verifying(trace: Trace) -> Iterator[ModeHit]:
    """A read whose identifiers all are those of one entity written since the last user message, which the user
    did not ask for, and which does not wait for something to finish."""
    turn = _Turn(-2, [])
    for action in trace.actions:
        user = trace.last_user(action.message)
        if user != turn.user:
            turn = _Turn(user, _request(trace, user))
        turn.advance(action.message)
        if not action.read_only:
            if action.succeeded and not action.sandbox:
                turn.waiting.append(action)
            continue
        write = _checked(action, turn.written)
        if write is not None and not _polling(trace, write, action) and not turn.asked(write):
            yield of_action("verifying", action, f"reads what {write.call.name} wrote")
        turn.first_read = min(turn.first_read, action.ordinal)


class _Turn:
    """What happened since the last user message: `written` maps identifiers to the call that wrote them."""

    def __init__(self, user: int, request: list[str]) -> None:
        self.user = user
        self.request = request
        self.written: dict[str, Action] = {}
        self.waiting: list[Action] = []
        self.first_read = NEVER

    def advance(self, message: int) -> None:
        while self.waiting and self.waiting[0].result < message:
            write = self.waiting.pop(0)
            self.written.update(dict.fromkeys(_identifiers(write), write))

    def asked(self, write: Action) -> bool:
        """Whether the request asks to see something, and no read before the write has served that."""
        return any(_asks(text, self.first_read < write.ordinal) for text in self.request)


def _request(trace: Trace, user: int) -> list[str]:
    """The last user message, and those before it as long as the assistant only talked between them."""
    if user < 0:
        return []
    texts = [trace.messages[user].content]
    for index in range(user - 1, -1, -1):
        if index in trace.at:
            break
        if trace.messages[index].role == "user":
            texts.append(trace.messages[index].content)
    return texts


def _identifiers(write: Action) -> Iterator[str]:
    for argument in write.arguments:
        if argument.entity and not pages(argument.key):
            yield argument.norm
    for produced in write.produced:
        if names_entity(produced.key) or (produced.key == "" and produced.identifier):
            yield produced.norm
    for argument in write.arguments:
        if isinstance(argument.value, str) and not argument.prose and not never_entity(argument.key):
            yield argument.norm


def _checked(read: Action, written: dict[str, Action]) -> Action | None:
    """The write that all identifiers of the read belong to."""
    found: Action | None = None
    for argument in read.arguments:
        if argument.prose or pages(argument.key) or argument.default or isinstance(argument.value, bool | float):
            continue
        write = written.get(argument.norm)
        if write is None:
            if argument.entity:
                return None
        elif _speaks_of(write, read, argument):
            found = write
    return found


def _speaks_of(write: Action, read: Action, argument: Argument) -> bool:
    """Whether the argument names what was written, and not its owner or place (`list_products(user_id)` after an
    order, the weather of the city where a hotel was booked)."""
    words = parts(argument.key)
    about = nouns(write.call.name)
    if not words or never_entity(argument.key):
        return False
    first = write.arguments[0] if write.arguments else None
    same = first is not None and (first.key, first.norm) == (argument.key, argument.norm)
    if same and not small(argument.norm) and about & nouns(read.call.name):
        return True
    if singular(words[0]) in about:
        return True
    if not argument.entity or (small(argument.norm) and words[-1] not in ("id", "number", "key")):
        return False
    if singular(words[0]) in _OWNERS or words[-1] in _PLACES:
        return bool(about & nouns(read.call.name))
    return True


def _polling(trace: Trace, write: Action, read: Action) -> bool:
    if _running(read) or (_running(write) and _POLLS.intersection(parts(read.call.name))):
        return True
    for other in trace.actions[write.ordinal + 1 : write.ordinal + 20]:
        if other.ordinal != read.ordinal and other.same_call(read):
            return True
    return False


def _running(action: Action) -> bool:
    return action.scalars is not None and not _RUNNING.isdisjoint(action.scalars.norms)


def _asks(text: str, served: bool) -> bool:
    asks = [match.start() for match in _ASKS.finditer(text)]
    if not served:
        return bool(asks)
    after = [match.start() for match in _AFTER.finditer(text)]
    return any(ask > mark for ask in asks for mark in after)
