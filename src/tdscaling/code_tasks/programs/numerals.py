"""Numbers from Roman numerals."""

VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def from_roman(text: str) -> int:
    """The number that a Roman numeral stands for, in either case; ValueError for other characters.

    >>> from_roman("MCMXCIV"), from_roman("xii")
    (1994, 12)
    """
    total = 0
    previous = 0
    for sign in reversed(text.upper()):
        if sign not in VALUES:
            raise ValueError(f"{sign!r} is no Roman sign")
        value = VALUES[sign]
        if value < previous:
            total -= value
        else:
            total += value
        previous = max(previous, value)
    return total
