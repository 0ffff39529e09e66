"""Texts that match a simple pattern: literals, classes, `\\d` and `\\w`, with counts; what is beyond that gives
None.
"""

import re
from random import Random

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_PART = re.compile(r"(\[[^\]\\^]+\]|\\[dw.\-_/]|[A-Za-z0-9_\-/ :@#])(\{\d+(?:,\d*)?\}|[+*?])?")


def matching(pattern: str, rng: Random) -> str | None:
    """A text for the pattern, None where it is not of the simple kind.

    >>> matching("^[A-Z]{3}[0-9]{2}$", Random(1)), matching("(a|b)", Random(1))
    ('SZY41', None)
    """
    rest = pattern.removeprefix("^").removesuffix("$")
    found: list[str] = []
    place = 0
    while place < len(rest):
        part = _PART.match(rest, place)
        if part is None:
            return None
        letters = _letters(part[1])
        low, high = _count(part[2] or "")
        found.extend(rng.choice(letters) for _ in range(rng.randint(low, high)))
        place = part.end()
    return "".join(found)


def _letters(part: str) -> str:
    if part.startswith("\\"):
        return {"d": _DIGITS, "w": _LOWER + _DIGITS}.get(part[1], part[1])
    if not part.startswith("["):
        return part
    inner = re.sub(r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1)))[:200], part[1:-1])
    return inner or "x"


def _count(text: str) -> tuple[int, int]:
    if not text or text == "?":
        return 1, 1
    if text in "+*":
        return 4, 8
    low, comma, high = text[1:-1].partition(",")
    least = min(int(low), 200)
    return least, max(least, min(int(high), least + 6)) if high else least + (4 if comma else 0)
