"""Brackets that match."""

PAIRS = {")": "(", "]": "[", "}": "{"}


def first_mismatch(text: str) -> int:
    """The place of the first closing bracket that does not match, else of the last one left open, else -1.

    >>> first_mismatch("f(a[1])"), first_mismatch("f(a]"), first_mismatch("((x)")
    (-1, 3, 0)
    """
    opened: list[int] = []
    for place, sign in enumerate(text):
        if sign in "([{":
            opened.append(place)
        elif sign in PAIRS:
            if not opened or text[opened[-1]] != PAIRS[sign]:
                return place
            opened.pop()
    return opened[-1] if opened else -1
