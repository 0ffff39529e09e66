"""The numbers of a text, each as a whole: with its sign and its decimals."""

import re

from tdscaling.metrics.scripts import words
from tdscaling.values import normal

PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
"""What a canonical value looks like that is a number in digits."""
_MINUS = r"(?<![^\s(\[{<>=:,;$€£¥\"'`])[-−][$€£¥]?"
"""At the beginning or after a blank, a bracket, a quote and the like: that of a date, a range or an id is no sign."""
_WHOLE = re.compile(rf"({_MINUS})?(?<![\w.])\d+(?:,\d{{3}}(?!\d))*(\.\d+)?")
_COMMA = re.compile(rf"(?:{_MINUS})?(?<![\w.,])\d+,(?!\d{{3}}(?!\d))\d+(?!\w|,|\.\d)")
_MORE = re.compile(r"\.\d")
_JOINED = re.compile(r"\w|[-:/]\d")
_MARKS = str.maketrans("−", "-", "$€£¥")
_THOUSANDS = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")


def numbers(folded: str) -> set[str]:
    """The canonical numbers that a text in lower case says in digits. Digits that are a word of their own are one too,
    except those within a number that has a sign or decimals. A comma may part thousands, decimals
    or the items of a list.

    By hand: 3.14 is neither 3 nor 14, and -500 is not 500; the 500 of sku-500 has no sign.

    >>> [sorted(numbers(text)) for text in ("pi is 3.14", "-500 to 1,250.50", "sku-500 of 2026-02-03")]
    [['3.14'], ['-500', '1', '1250.5', '250.5'], ['02', '03', '2026', '500']]
    """
    found: set[str] = set()

    def whole(match: re.Match[str]) -> str:
        minus, decimals = match.groups()
        if not (minus or decimals) or (_MORE if decimals else _JOINED).match(folded, match.end()):
            return match[0]
        if not folded[match.end() : match.end() + 1].isalpha():
            text = match[0].translate(_MARKS)
            found.update(normal(part) for part in {text, *text.split(",")})
        return " "

    rest = _WHOLE.sub(whole, folded)
    found.update(word for word in words(rest) if word.isdecimal())
    found.update(normal(text) for text in _THOUSANDS.findall(rest) if "," in text or "." in text)
    found.update(normal(text.translate(_MARKS).replace(",", ".")) for text in _COMMA.findall(folded))
    return found
