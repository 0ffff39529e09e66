"""Clarifying: the assistant asks for a value, the user gives it, a call needs it."""

import re
from collections.abc import Iterator

from tdscaling.metrics.modes.hit import ModeHit
from tdscaling.metrics.trace import Action, Trace

SENTENCE = re.compile(r"(?<=[.!?\n])\s+")
_ASKS = re.compile(
    r"\?|\b(?:please|kindly) (?:provide|tell|share|specify|give|send|enter|confirm (?:the|your|which)|state"
    r"|name|let me know)"
    r"|\b(?:could|can|would|will) you (?:please |also )?(?:provide|tell|share|specify|give|send|let me know|clarify)"
    r"|\b(?:tell|give|send) me\b|\blet me know (?:the|your|which|what|when|where|who|how)\b"
    r"|\bi(?:'ll| will|'d| would)?(?: also| just| still)? (?:need|require)\b|\bi (?:am|'m) missing\b"
    r"|\bi(?:'d| would) need\b"
    r"|\bmissing (?:is )?(?:the|your)\b|\bspecify\b"
    r"|\bbitte (?:nennen|geben|sagen|teilen|schicken|senden)\b|\bich (?:brauche|benötige)\b"
    r"|\b(?:indique|indíqueme|necesito|dígame|dime|facilíteme|proporcione)\b"
    r"|\b(?:veuillez|merci de|j'ai besoin|il me faut|indiquez|donnez-moi)\b"
    r"|\b(?:informe|preciso (?:do|da|de)|diga-me)\b",
    re.IGNORECASE,
)
_IN_ASKS = (
    "?|please |kindly |you |tell me|give me|send me|let me know|need|require|missing|specify|bitte |brauche|benötige"
    "|indique|indíqueme|necesito|dígame|dime|facilíteme|proporcione|veuillez|merci de|j'ai besoin|il me faut|donnez-moi"
    "|informe|preciso|diga-me"
).split("|")
"""One of these is in every text that asks; they are found far sooner than what asks."""
_COURTESY = re.compile(
    r"\b(?:would you like me|do you want me|shall i|should i (?:go ahead|proceed|continue|do)|may i proceed"
    r"|can i proceed"
    r"|want me to|is (?:that|this|it) (?:ok|okay|correct|right|fine|all right|alright)|does (?:that"
    r"|this) (?:work|look|sound)"
    r"|sound good|anything else|something else|what else|how (?:can|may) i (?:help|assist)|how (?:can|may) i be of"
    r"|what can i (?:do|help)"
    r"|can i do (?:more|anything|something)|help you with|assist you|would you like to (?:proceed|continue"
    r"|go ahead|know|see"
    r"|hear|try|do)"
    r"|do you (?:confirm|agree|approve)|(?:please|kindly) confirm(?! (?:the|your|which))|\(yes/no\)|if you(?:'d"
    r"| would)? (?:like|need|want|have)"
    r"|\b(?:isn't|aren't|wasn't|weren't|don't you|doesn't)\b[^?]*\?|möchten sie|soll ich|kann ich (?:sonst|noch)"
    r"|desea (?:que|algo)|quiere que|puedo ayudar|souhaitez-vous que|voulez-vous que|puis-je|deseja que|posso ajudar"
    r"|let me know if|feel free|how are you|okay to|ok to|happy to|go ahead\?|proceed\?|ready\?)",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether a message asks for a value; consent, offers and courtesy don't.

    >>> asks("Sure. Which date suits you?"), asks("Please provide the order number."), asks("I need your email first.")
    (True, True, True)
    >>> asks("Shall I proceed?"), asks("Is there anything else?"), asks("Done. Let me know if you need more.")
    (False, False, False)
    """
    lower = text.lower()
    if not any(part in lower for part in _IN_ASKS):
        return False
    return any(_ASKS.search(part) and not _COURTESY.search(part) for part in SENTENCE.split(text))


def clarifying(trace: Trace) -> Iterator[ModeHit]:
    """A question, then a user message that says a value for the first time, then a call that requires it.

    "For the first time": no earlier user or system message says it. The value is that of a required argument.
    """
    answers = _answers(trace)
    if not answers:
        return
    found: set[int] = set()
    for action in trace.actions:
        for argument in action.arguments:
            if not argument.parameter.required or isinstance(argument.value, bool):
                continue
            user = trace.said(argument.norm)
            question = answers.get(user)
            if question is None or user > action.message or question in found:
                continue
            if trace.user.holds(user, argument.norm):
                found.add(question)
                yield _hit(question, action, argument.key)


def _hit(question: int, action: Action, key: str) -> ModeHit:
    return ModeHit(mode="clarifying", message=question, reason=f"asked for {key}, used by {action.call.name}")


def _answers(trace: Trace) -> dict[int, int]:
    """User messages that follow a question without a call, with the index of the question."""
    found: dict[int, int] = {}
    for user in trace.users:
        message = trace.messages[user - 1] if user > 0 else None
        if message is not None and message.role == "assistant" and not message.tool_calls and asks(message.content):
            found[user] = user - 1
    return found
