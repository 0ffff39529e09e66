"""Sentences that name one action for one value and another for another: "if it is sold out, ... otherwise ..."."""

import re
from functools import lru_cache
from typing import NamedTuple

from tdscaling.metrics.words import VERBS, singular

_STOPS = r"(?:[;!?\n]|(?<!\d)\.|\.(?!\d))+"
_SPLIT = re.compile(
    rf"\s*{_STOPS}\s*|\s*(?:(?<!\d)[,:]|[,:](?!\d)|—| - )\s*"
    r"|\b(?=(?:otherwise|or else|else|if|in case|unless|should it|whenever"
    r"|when|wenn|falls|sonst|ansonsten|andernfalls|si no|sinon|si|senão|caso contrário)\b)|\bthen\b|\bdann\b"
)
_ELSE = re.compile(
    r"^(?:sonst|ansonsten|andernfalls|si no|de lo contrario|sinon|senão|caso contrário)\b"
    r"|^(?:and |but )?(?:otherwise|or else|else|if not|if (?:it|that|this)(?:'s| is|) not\b|if (?:it "
    r"|there )?(?:isn't|aren't|doesn't))"
)
_IF = re.compile(
    r"^(?:and |but |or )?(?:only )?(?:if|in case|should it|when|whenever|where|for (?:any|all|every)|wenn|falls|si)\b"
)
_UNLESS = re.compile(r"^(?:and |but |or )?unless\b")
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?")
_STOP = frozenset(
    "the a an it is are be to of for and or in on at by my me i you your we our that this these those there "
    "then if else otherwise "
    "when unless in case not no any has have had with its it's isn't doesn't do does please so just instead let "
    "them they their "
    "as was were will would should can could out up only than from into".split()
)


_MARKED = re.compile(r"\b(?:if|in case|unless|should it|when|whenever|wenn|falls|si)\b")
_CUE = re.compile(
    r"\b(?:if|in case|unless|should it|when|whenever|where|for (?:any|all|every)|wenn|falls|si|otherwise|or else|else"
    r"|sonst|ansonsten|andernfalls|de lo contrario|sinon|senão|caso contrário)\b"
)
_END = re.compile(_STOPS)
QUOTED = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|(?<!\w)['‘]([^'\n]+)'(?!\w)")
"""What stands in quotes: one value, whatever marks and words are in it."""
_HELD = re.compile("\ue000(\\d+)\ue001")
_LONG = 8
"""Sentences from which on only those around a cue are read."""


class Branch(NamedTuple):
    """`condition` is the text after if (empty for otherwise), `action` the words of what to do then."""

    condition: str
    action: frozenset[str]


def words(text: str) -> frozenset[str]:
    """The telling words of a text, crudely stemmed.

    >>> sorted(words("Cancel the orders, then email me"))
    ['cancel', 'email', 'order']
    """
    return frozenset(stem(word) for word in _WORD.findall(text.casefold()) if word not in _STOP)


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Drops the endings of English verbs and plurals.

    >>> [stem(word) for word in ("cancelled", "booking", "orders", "refund")]
    ['cancel', 'book', 'order', 'refund']
    """
    word = singular(word)
    if len(word) > 7 and word.endswith(("ieren", "iere")):
        return word[: word.rindex("ier") + 3]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            word = word[: -len(ending)]
            return word[:-1] if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "s" else word
    return word


@lru_cache(maxsize=1024)
def branches(text: str) -> tuple[Branch, ...]:
    """Two or more branches with different actions, or none.

    >>> [sorted(b.action) for b in branches("If it has shipped, open a return, otherwise cancel it.")]
    [['open', 'return'], ['cancel']]
    >>> branches('If the note says "later, not now.", close it. Otherwise pay 12.50.')[0].condition.strip()
    'the note says "later, not now."'
    >>> branches("If it is raining, tell me.")
    ()
    """
    folded = text.casefold().replace("’", "'")
    if not _MARKED.search(folded):
        return ()
    quotes = [quote[0] for quote in QUOTED.finditer(folded)]
    numbers = iter(range(len(quotes)))
    split = _SPLIT.split(_around_cues(QUOTED.sub(lambda _: f"\ue000{next(numbers)}\ue001", folded)))
    whole = [_HELD.sub(lambda held: quotes[int(held[1])], clause.strip()) for clause in split if clause]
    found = _read([clause for clause in whole if clause])
    telling = [branch for branch in found if branch.action]
    if len(telling) < 2 or len({branch.action for branch in telling}) < 2:
        return ()
    return tuple(telling)


def _around_cues(folded: str) -> str:
    """A text without the sentences that no branch can be made of: a cue takes in one sentence before and its action.

    >>> _around_cues("a. b. c. d. if e, f. g. h. i. j. k").split("\\n")
    [' d', ' if e, f', ' g', ' h', ' i']
    """
    sentences = [sentence for sentence in _END.split(folded) if sentence.strip()]
    if len(sentences) <= _LONG:
        return folded
    kept: set[int] = set()
    for place, sentence in enumerate(sentences):
        if _CUE.search(sentence):
            kept.update(range(max(0, place - 1), min(len(sentences), place + 4)))
    return "\n".join(sentences[place] for place in sorted(kept))


def _read(clauses: list[str]) -> list[Branch]:
    found: list[Branch] = []
    before = ""
    position = 0
    while position < len(clauses):
        clause = clauses[position]
        position += 1
        if _ELSE.match(clause):
            position, action = _action(clauses, position, _ELSE.sub("", clause, count=1))
            found.append(Branch("", words(action)))
        elif _IF.match(clause) or _UNLESS.match(clause):
            condition = re.sub(
                r"^(?:and |but |or |only )*(?:if|in case|unless|should it|whenever|when|wenn|falls|si)\b", "", clause
            )
            position, action = _action(clauses, position, "")
            if not action and not before:
                condition, action = _unmarked(condition)
            found.extend(_both(condition, action, before, bool(_UNLESS.match(clause))))
            before = ""
        else:
            before = clause
    return found


def _unmarked(clause: str) -> tuple[str, str]:
    """A condition and the action that follows it without a comma: from its last verb on.

    >>> _unmarked("a claim is above 500 escalate the claim")
    ('a claim is above 500', 'escalate the claim')
    """
    said = clause.split()
    place = next((index for index in range(len(said) - 1, 1, -1) if said[index] in VERBS), len(said))
    return " ".join(said[:place]), " ".join(said[place:])


def _both(condition: str, action: str, before: str, unless: bool) -> list[Branch]:
    """The branch of an if, and the one that the words before it make where "instead" or "unless" says so."""
    if unless:
        return [Branch("", words(before)), Branch(condition, words(action))]
    if not action:
        return [Branch(condition, words(before))]
    if before and "instead" in action:
        return [Branch("", words(before)), Branch(condition, words(action))]
    return [Branch(condition, words(action))]


def _action(clauses: list[str], position: int, start: str) -> tuple[int, str]:
    """The clauses of an action up to the next mark of a condition: the first and those that "and" or "but" joins to
    it, at most three."""
    taken = [start] if start.strip() else []
    while position < len(clauses) and len(taken) < 3:
        clause = clauses[position]
        if _ELSE.match(clause) or _IF.match(clause) or _UNLESS.match(clause):
            break
        if taken and not clause.startswith(("and ", "but ")):
            break
        taken.append(clause)
        position += 1
    return position, " ".join(taken)
