"""Where a value first occurs in texts people wrote, whatever its case, spacing, number or date format."""

import re
from functools import lru_cache

from tdscaling.metrics.numbers import PLAIN, numbers
from tdscaling.metrics.scripts import spaced, words
from tdscaling.metrics.signs import says_sign
from tdscaling.values import normal
from tdscaling.values.shortened import shortened

NEVER = 1 << 60
"""The index of a message that does not exist: later than all others."""

MAX_CACHED = 4_000
"""Characters of a text that may be kept: prompts and prose that many dialogues share."""
MAX_PROMPT = 100_000
"""The same of long texts, of which only a few are kept."""

_NO_FORMS: frozenset[str] = frozenset()
_DIGIT = re.compile(r"\d")
_SUFFIXED = re.compile(
    r"(?<![\w.,$€£¥-])(\d+(?:\.\d+)?)(?=(?:st|nd|rd|th|kg|km|m|cm|mm|g|l|ml|h|hrs?|min|mins|s|gb|mb|x)\b)"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]{0,6}"
_DATE = re.compile(
    rf"\b\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}\b|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b\.?,?(?: \d{{4}}\b)?"
    rf"|\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}}\b)?"
)
_CLOCK = re.compile(r"\b\d{1,2}(?::\d{2})? ?[ap]\.?m\b\.?|\b\d{1,2}:\d{2}\b")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?")
_ISO = re.compile(r"\d{4}(-\d{2}-\d{2})")
_COUNTS = {
    word: str(number)
    for number, word in enumerate("zero one two three four five six seven eight nine ten eleven twelve".split())
}


@lru_cache(maxsize=65536)
def tokens(norm: str) -> tuple[str, ...]:
    """The words of a normalised value.

    >>> tokens("ord-77 x_1")
    ('ord', '77', 'x', '1')
    """
    return tuple(words(norm))


class TextIndex:
    """Messages in order, and for every value the first of them that says it. Adding is linear in the text.

    >>> index = TextIndex()
    >>> index.add(1, "Move it to March 5th, 2026 at 3 pm for $1,250.00, order ORD-77.")
    >>> [index.first(normal(value)) for value in ("2026-03-05", "15:00", 1250, "ord-77", "2026-03-05T15:00")]
    [1, 1, 1, 1, 1]
    >>> index.first("ord-78") == NEVER
    True
    >>> index.add(2, "请问北京今天天气怎么样？")
    >>> index.first("北京"), index.first("天北") == NEVER
    (2, True)
    >>> index.add(3, "Thanks 👍")
    >>> index.first("👍"), index.first(".") == NEVER
    (3, True)
    """

    __slots__ = ("_first", "_formed", "_forms", "_found", "_padded", "_read", "_texts")

    def __init__(self) -> None:
        self._read: list[tuple[int, frozenset[str]]] = []
        self._texts: list[tuple[int, str]] = []
        self._padded: dict[int, str] = {}
        self._found: dict[str, int] = {}
        self._first: dict[str, int] | None = None
        self._formed: dict[str, int] | None = None
        self._forms: dict[int, frozenset[str]] = {}

    def add(self, message: int, text: str, forms: bool = True) -> None:
        """Adds what message number `message` says; numbers must not fall. `forms`: also look for dates and numbers
        written in another way, and for values without words."""
        held, padded = _cached(text)
        self._read.append((message, held))
        self._padded[message] = self._padded.get(message, "") + padded
        if forms:
            self._texts.append((message, text))
        if self._found:
            self._found = {}
        self._first = self._formed = None

    def first(self, norm: str) -> int:
        """The first message that says the value, NEVER if none does."""
        found = self._found.get(norm)
        if found is None:
            found = self._found[norm] = self._search(norm)
        return found

    def holds(self, message: int, norm: str) -> bool:
        """Whether this message says the value."""
        phrase = tokens(norm)
        if not phrase:
            return any(at == message and says_sign(text.casefold(), norm) for at, text in self._texts)
        if f" {' '.join(phrase)} " in self._padded.get(message, "") and not self._is_number(norm):
            return True
        if not _may_be_form(norm):
            return False
        self._form("")
        if norm in self._forms.get(message, ()) or (
            _ISO.fullmatch(norm) and "-" + norm[4:] in self._forms.get(message, ())
        ):
            return True
        match = _MOMENT.fullmatch(norm)
        return bool(match) and self.holds(message, match[1]) and self.holds(message, match[2])

    def _search(self, norm: str) -> int:
        phrase = tokens(norm)
        if not phrase:
            return next((at for at, text in self._texts if says_sign(text.casefold(), norm)), NEVER)
        found = NEVER if self._is_number(norm) else self._phrase(phrase)
        if not _may_be_form(norm):
            return found
        found = min(found, self._form(norm))
        return found if found < NEVER or not norm[0].isdigit() else self._moment(norm)

    def _is_number(self, norm: str) -> bool:
        """Whether the value is a number, which is looked for as a whole where texts are read for other forms."""
        return bool(self._texts) and PLAIN.fullmatch(norm) is not None

    def _phrase(self, phrase: tuple[str, ...]) -> int:
        if self._first is None:
            self._first = {}
            for message, held in reversed(self._read):
                self._first.update(dict.fromkeys(held, message))
        start = 0
        for word in phrase:
            at = self._first.get(word)
            if at is None:
                return NEVER
            start = max(start, at)
        if len(phrase) == 1:
            return start
        wanted = f" {' '.join(phrase)} "
        return next((at for at, text in self._padded.items() if at >= start and wanted in text), NEVER)

    def _form(self, norm: str) -> int:
        """The first message that says the value in another form. These are read when one is asked for."""
        if self._formed is None:
            self._formed = {}
            for message, text in reversed(self._texts):
                found = _cached_forms(text)
                self._forms[message] = self._forms.get(message, _NO_FORMS) | found
                self._formed.update(dict.fromkeys(found, message))
        return self._formed.get(norm, NEVER)

    def _moment(self, norm: str) -> int:
        if _ISO.fullmatch(norm):
            return self._form("-" + norm[4:])
        match = _MOMENT.fullmatch(norm)
        return max(self.first(match[1]), self.first(match[2])) if match else NEVER


def _may_be_form(norm: str) -> bool:
    """Whether a value is one that texts write in several ways: they all begin with a digit or a sign."""
    return norm[:1].isdigit() or norm[:1] in ("-", "+")


def _words(text: str) -> tuple[frozenset[str], str]:
    """The words of a text, and the same in order between blanks."""
    found = words(text.casefold())
    return frozenset(found), f" {' '.join(found)} "


def _other_forms(text: str) -> frozenset[str]:
    return frozenset(_forms(spaced(text.casefold()), _cached(text)[0]))


_kept_words = lru_cache(maxsize=1024)(_words)
_kept_prompts = lru_cache(maxsize=16)(_words)
_kept_forms = lru_cache(maxsize=1024)(_other_forms)


def _cached(text: str) -> tuple[frozenset[str], str]:
    if len(text) <= MAX_CACHED:
        return _kept_words(text)
    return _kept_prompts(text) if len(text) <= MAX_PROMPT else _words(text)


def _cached_forms(text: str) -> frozenset[str]:
    return _kept_forms(text) if len(text) <= MAX_CACHED else _other_forms(text)


def _forms(folded: str, held: frozenset[str]) -> set[str]:
    """Canonical numbers, dates and clock times of a text, beside the plain words."""
    forms = {_COUNTS[word] for word in _COUNTS.keys() & held}
    if not _DIGIT.search(folded):
        return forms
    forms |= numbers(folded)
    forms.update(normal(text) for text in _SUFFIXED.findall(folded))
    forms |= shortened(folded)
    for text in _DATE.findall(folded):
        forms.add(_date(text))
    if ":" in folded or "m" in folded:
        forms.update(normal(text.rstrip(".")) for text in _CLOCK.findall(folded))
    return forms


def _date(text: str) -> str:
    """A date as ISO; without a year as `--MM-DD`.

    >>> _date("5th of march 2026"), _date("march 5")
    ('2026-03-05', '--03-05')
    """
    plain = text.replace(" of ", " ").rstrip(".,")
    found = normal(plain)
    if _ISO.fullmatch(found):
        return found
    yearless = normal(f"{plain} 2000")
    return "-" + yearless[4:] if _ISO.fullmatch(yearless) else found
