"""Equality of values as people write them: case, spacing, number and date format don't count."""

import re
from functools import lru_cache

from tdscaling.types import JsonScalar

_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([eE][-+]?\d{1,3})?")
_ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]{3,9})\.?,? (\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))? ?([ap])\.?m\.?")
_CLOCK_24 = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_MONTH_NAMES = "january february march april may june july august september october november december".split()
_MONTHS = {short: number for number, name in enumerate(_MONTH_NAMES, 1) for short in (name, name[:3])} | {"sept": 9}


def normal(value: JsonScalar) -> str:
    """The canonical text of a scalar; two values are the same if their canonical texts are equal.

    >>> [normal(v) for v in (" Main ", 10.0, "1,000.50", "5 March 2026", "2026/3/5", "2:30 pm", "14:30", True, None)]
    ['main', '10', '1000.5', '2026-03-05', '2026-03-05', '14:30', '14:30', 'true', 'null']
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return normal_number(value)
    return normal_text(value)


def normal_number(value: int | float) -> str:
    """`normal` of a number."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value) if isinstance(value, int) else repr(value)


@lru_cache(maxsize=65536)
def normal_text(value: str) -> str:
    """`normal` of a string."""
    text = " ".join(value.split()).casefold()
    if not text or len(text) > 64:
        return text
    if text[0].isdigit() or text[0] in "+-":
        if _NUMBER.fullmatch(text):
            return _numeric_text(text)
        return _date(text) or _clock(text) or text
    return (text[-1].isdecimal() and _date(text)) or text


def _numeric_text(text: str) -> str:
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit():
        return text  # "007" is a code, not seven
    plain = text.replace(",", "").lstrip("+")
    if "." in plain or "e" in plain:
        return normal_number(float(plain))
    return str(int(plain))


def _date(text: str) -> str | None:
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(text):
        day, month, year = int(match[1]), _MONTHS.get(match[2], 0), int(match[3])
    elif match := _MONTH_FIRST.fullmatch(text):
        month, day, year = _MONTHS.get(match[1], 0), int(match[2]), int(match[3])
    else:
        return None
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else None


def _clock(text: str) -> str | None:
    if match := _CLOCK.fullmatch(text):
        hour = int(match[1]) % 12 + (12 if match[3] == "p" else 0)
        return f"{hour:02}:{match[2] or '00'}"
    if match := _CLOCK_24.fullmatch(text):
        return f"{int(match[1]):02}:{match[2]}"
    return None
