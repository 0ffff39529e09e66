"""Abstaining: a request, or a separable part of one, that the assistant turns down with a reason, untried."""

import re
from collections.abc import Iterator

from tdscaling.metrics.modes.hit import ModeHit
from tdscaling.metrics.modes.questions import SENTENCE, asks
from tdscaling.metrics.trace import Action, Trace
from tdscaling.metrics.words import VERBS, nouns, parts, singular

_REFUSES = re.compile(
    r"\b(?:i|we)(?:'m| am|'re| are)? (?:also |currently |unfortunately |sorry, but i )?(?:can't|cannot|can not"
    r"|won't|will not|must not|may not"
    r"|unable to|not able to|not (?:allowed|permitted|authori[sz]ed)|do not have|don't have|have no|lack"
    r"|must decline|have to decline"
    r"|am afraid i can't)\b"
    r"|\b(?:there is|there's|there are) no (?:\w+ ){0,3}(?:tools?|functions?|way|means|capability|option)\b"
    r"|\bnone of (?:the|my|these) (?:\w+ ){0,2}(?:tools?|functions?)\b|\bno (?:available )?(?:tools?|function) "
    r"|\b(?:isn't|is not|aren't|are not|not) (?:something i|possible|supported|available|permitted|allowed)\b"
    r"|\b(?:outside|beyond) (?:of )?(?:my|what|the)\b|\bcan(?:not|'t| not) be (?:\w+)\b|\bforbid(?:s|den)?\b"
    r"|\bprohibit|\b(?:nobody|no one|no-one) (?:can|could)\b"
    r"|\b(?:ich kann|kann ich|ich darf|darf ich)\b[^.!?]*\bnicht\b|\bich habe (?:nur|kein\w*)\b"
    r"|\b(?:no puedo|no podemos|no me es posible|no tengo (?:permiso|acceso|forma))\b"
    r"|\bje ne (?:peux|suis)\b[^.!?]*\b(?:pas|autoris\w+)\b|\b(?:não posso|não tenho (?:permissão|acesso|como))\b",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\b(?:tools?|functions?|polic(?:y|ies)|permission|permitted|authori[sz]\w*|allowed|access|rules?|forbid\w*"
    r"|prohibit\w*"
    r"|capabilit\w+|support(?:ed|s)?|only (?:able|have|handle|help|work)|because|since|as (?:it|the|this|your"
    r"|you)|without"
    r"|no way|against|abilit\w+|not available|available|outside|beyond|within \d+|requires?|restricted|read-only|unless"
    r"|limited|anyone"
    r"|nobody|no one|unknown|scope|until"
    r"|werkzeug\w*|weil|denn|nur|richtlinie\w*|erlaub\w*|berechtigung\w*|herramientas?|porque|permis[oa]s?|permiso|pol[íi]tica"
    r"|s[óo]lo|outils?|parce|car|autoris\w+|droits?|seulement|ferramentas?|permissão|apenas)\b",
    re.IGNORECASE,
)
_IDLE = re.compile(
    r"\bcan(?:'t|not) (?:wait|go wrong|thank|stress|emphasi[sz]e|recommend|imagine|believe|complain)\b"
    r"|\b(?:couldn't|could not|can't|cannot|unable to|not able to) (?:find|locate|see)\b"
    r"|\bhave no (?:doubt|problem|idea)\b|\b(?:if|when) (?:i|we|you) (?:can't|cannot)\b|\bdon't have to\b"
    r"|\bno (?:problem|worries)\b|\bdon't have any (?:other )?questions\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]{3,}")
_LACKS = re.compile(r"\b(?:tools?|functions?|capabilit\w+|abilit\w+)\b", re.IGNORECASE)
_CAPABILITY = re.compile(
    r"\b(?:tools?|functions?|polic(?:y|ies)|permission|permitted|authori[sz]\w*|allowed|access|rules?|forbid\w*"
    r"|prohibit\w*|abilit\w+"
    r"|capabilit\w+|scope|support(?:ed|s)?|outside|beyond|restricted|read-only)\b",
    re.IGNORECASE,
)


def abstaining(trace: Trace) -> Iterator[ModeHit]:
    """A refusal with its reason, in a turn in which no call tried what it refuses. A question for a missing value
    is no refusal, and neither is a report of what a call could not find or do."""
    start = 0
    for end in [*trace.users[1:], len(trace.messages)] if trace.users else []:
        yield from _turn(trace, start, end)
        start = end


def _turn(trace: Trace, start: int, end: int) -> Iterator[ModeHit]:
    actions: list[Action] = []
    for index in range(start, end):
        message = trace.messages[index]
        if message.role != "assistant":
            continue
        actions.extend(trace.at.get(index, ()))
        if message.tool_calls or not message.content:
            continue
        found = refusal(message.content)
        if found is not None and not asks(message.content) and not _tried(found, actions):
            yield ModeHit(mode="abstaining", message=index, reason=" ".join(found.split())[:80])
            return


def refusal(text: str) -> str | None:
    """The sentence of a text that turns something down, if the text also says why.

    >>> refusal("I can't wire money: none of my tools can do that.") is not None
    True
    >>> refusal("Sorry, I can't do that."), refusal("I can't wait to help!")
    (None, None)
    """
    text = text.replace("’", "'")
    if not _REFUSES.search(text):
        return None
    sentences = SENTENCE.split(text)
    for position, sentence in enumerate(sentences):
        if _REFUSES.search(sentence) and not _IDLE.search(sentence):
            near = " ".join(sentences[max(0, position - 1) : position + 2])
            if _WHY.search(near):
                return near
    return None


def _tells(action: Action, words: set[str]) -> bool:
    """Whether the sentence tells what a result says is not so: that is an answer."""
    return action.succeeded and any(
        produced.value is False and words & {singular(part) for part in parts(produced.key)}
        for produced in action.produced
    )


def _tried(sentence: str, actions: list[Action]) -> bool:
    """Whether a call of the turn was an attempt at what the sentence refuses."""
    words = {singular(word) for word in _WORD.findall(sentence.casefold())}
    if any(_tells(action, words) for action in actions):
        return True
    for action in actions:
        verbs = {part for part in parts(action.call.name) if part in VERBS}
        about = nouns(action.call.name)
        if action.failed and (not _LACKS.search(sentence) or verbs & words or about & words):
            return True
        if not action.read_only and verbs & words and (not about or about & words):
            return not action.failed or bool(verbs & words)
    return bool(actions) and not _CAPABILITY.search(sentence)
