"""Where a value first occurs in texts people wrote, whatever its case, spacing, number or date format."""

import re
from functools import lru_cache

from tdscaling.values import normal

NEVER = 1 << 60
"""The index of a message that does not exist: later than all others."""

MAX_CACHED = 4_000
"""Characters of a text that may be kept: prompts and prose that many dialogues share."""

_NO_FORMS: frozenset[str] = frozenset()
_DIGIT = re.compile(r"\d")
_TOKEN = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")
_SUFFIXED = re.compile(
    r"(?<![\w.,-])(\d+(?:\.\d+)?)(?=(?:st|nd|rd|th|k|kg|km|m|cm|mm|g|l|ml|h|hrs?|min|mins|s|gb|mb|x)\b)"
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
    """The alphanumeric runs of a normalised value.

    >>> tokens("ord-77 x_1")
    ('ord', '77', 'x', '1')
    """
    return tuple(_TOKEN.findall(norm))


class TextIndex:
    """Messages in order, and for every value the first of them that says it. Adding is linear in the text.

    >>> index = TextIndex()
    >>> index.add(1, "Move it to March 5th, 2026 at 3 pm for $1,250.00, order ORD-77.")
    >>> [index.first(normal(value)) for value in ("2026-03-05", "15:00", 1250, "ord-77", "2026-03-05T15:00")]
    [1, 1, 1, 1, 1]
    >>> index.first("ord-78") == NEVER
    True
    """

    __slots__ = ("_first", "_forms", "_found", "_padded")

    def __init__(self) -> None:
        self._found: dict[str, int] = {}
        self._first: dict[str, int] = {}
        self._padded: dict[int, str] = {}
        self._forms: dict[int, set[str]] = {}

    def add(self, message: int, text: str, forms: bool = True) -> None:
        """Adds what message number `message` says; numbers must not fall. `forms`: also look for dates and numbers
        written in another way."""
        words, padded, found = _read(text, forms)
        self._found.clear()
        first = self._first
        for word in words:
            if word not in first:
                first[word] = message
        self._padded[message] = self._padded.get(message, "") + padded
        if found:
            self._forms.setdefault(message, set()).update(found)
            for form in found:
                if form not in first:
                    first[form] = message

    def first(self, norm: str) -> int:
        """The first message that says the value, NEVER if none does."""
        found = self._found.get(norm)
        if found is None:
            found = self._found[norm] = self._search(norm)
        return found

    def _search(self, norm: str) -> int:
        found = self._first.get(norm)
        phrase = tokens(norm)
        if len(phrase) > 1 or found is None:
            found = min(NEVER if found is None else found, self._phrase(phrase))
        if found < NEVER or not norm[:1].isdigit():
            return found
        return self._moment(norm)

    def holds(self, message: int, norm: str) -> bool:
        """Whether this message says the value."""
        phrase = tokens(norm)
        if phrase and f" {' '.join(phrase)} " in self._padded.get(message, ""):
            return True
        forms = self._forms.get(message)
        if not forms:
            return False
        if norm in forms or ("-" + norm[4:] in forms and _ISO.fullmatch(norm)):
            return True
        match = _MOMENT.fullmatch(norm)
        return bool(match) and self.holds(message, match[1]) and self.holds(message, match[2])

    def _phrase(self, phrase: tuple[str, ...]) -> int:
        if not phrase:
            return NEVER
        start = 0
        for word in phrase:
            at = self._first.get(word)
            if at is None:
                return NEVER
            start = max(start, at)
        wanted = f" {' '.join(phrase)} "
        return next((at for at, text in self._padded.items() if at >= start and wanted in text), NEVER)

    def _moment(self, norm: str) -> int:
        if _ISO.fullmatch(norm):
            return self._first.get("-" + norm[4:], NEVER)
        match = _MOMENT.fullmatch(norm)
        return max(self.first(match[1]), self.first(match[2])) if match else NEVER


def _read(text: str, forms: bool) -> tuple[list[str], str, frozenset[str]]:
    """The words of a text, the same between blanks, and what else it says in another form."""
    return _kept(text, forms) if len(text) <= MAX_CACHED else _prepared(text, forms)


def _prepared(text: str, forms: bool) -> tuple[list[str], str, frozenset[str]]:
    folded = text.casefold()
    words = _TOKEN.findall(folded)
    return words, f" {' '.join(words)} ", frozenset(_forms(folded, words)) if forms else _NO_FORMS


_kept = lru_cache(maxsize=1024)(_prepared)


def _forms(folded: str, words: list[str]) -> set[str]:
    """Canonical numbers, dates and clock times of a text, where the plain words don't show them."""
    forms = {_COUNTS[word] for word in _COUNTS.keys() & words}
    if not _DIGIT.search(folded):
        return forms
    for text in _NUMBER.findall(folded):
        if "," in text or "." in text:
            forms.add(normal(text))
    forms.update(normal(text) for text in _SUFFIXED.findall(folded))
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
