"""Whether a text says a value that has no word: an emoji, an operator, a mark."""

import re
from functools import lru_cache
from unicodedata import category

_BESIDE_DIGITS = frozenset("+*=<>^%$#&|~@")
"""Marks that are said beside a digit as well: the others are parts of numbers, dates and times, or end a sentence."""
_QUOTE = "[\"'`“”‘’]"


def says_sign(text: str, norm: str) -> bool:
    """Whether a value without letters and digits stands in a text in lower case. A single mark of ASCII or of
    punctuation has to stand apart: between blanks or ends, in quotes, or, if it is an operator, beside digits.

    By hand: the + of 512+301 adds, that of C++ is a name's; a full stop that ends a sentence is nobody's value.

    >>> says_sign("512+301", "+"), says_sign("c++ it is", "+"), says_sign("it is 3, thanks👍.", "👍")
    (True, False, True)
    >>> says_sign("it is 3.14. thanks.", "."), says_sign("join them by '.', please", ".")
    (False, True)
    """
    if not norm or norm not in text:
        return False
    return len(norm) > 1 or not _is_mark(norm) or _apart(norm).search(text) is not None


def _is_mark(sign: str) -> bool:
    return sign.isascii() or category(sign).startswith("P")


@lru_cache(maxsize=256)
def _apart(mark: str) -> re.Pattern[str]:
    sign, beside = re.escape(mark), r"\d\s" if mark in _BESIDE_DIGITS else r"\s"
    return re.compile(rf"(?<![^{beside}]){sign}(?![^{beside}])|(?<={_QUOTE}){sign}(?={_QUOTE})")
