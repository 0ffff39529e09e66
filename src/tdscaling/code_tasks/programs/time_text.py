"""Durations from text."""

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(text: str, default_unit: str = "s") -> int:
    """The seconds of a text like "1h 30m"; a number without a unit has the default one. ValueError otherwise.

    >>> parse_duration("1h 30m"), parse_duration("45"), parse_duration("2d")
    (5400, 45, 172800)
    """
    total = 0
    digits = ""
    for sign in text.lower():
        if sign.isdigit():
            digits += sign
        elif sign in UNITS and digits:
            total += int(digits) * UNITS[sign]
            digits = ""
        elif not sign.isspace():
            raise ValueError(f"{sign!r} in {text!r}")
    if digits:
        total += int(digits) * UNITS[default_unit]
    return total
