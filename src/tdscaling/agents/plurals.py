"""The plural of what is spoken of."""

from tdscaling.semantics.words import singular


def plural(noun: str) -> str:
    """The plural of an English noun phrase, by rule.

    >>> [plural(noun) for noun in ("entry", "address", "district admin", "tax class", "person", "news")]
    ['entries', 'addresses', 'district admins', 'tax classes', 'people', 'news']
    """
    head, _, last = noun.rpartition(" ")
    return f"{head} {_plural(last)}".strip()


_ODD_PLURALS = {"person": "people", "child": "children", "man": "men", "woman": "women", "foot": "feet",
                "shelf": "shelves", "index": "indexes", "analysis": "analyses", "criterion": "criteria",
                "leave": "leave"}  # fmt: skip
UNCOUNTED = frozenset("news data information media series species equipment staff metadata history".split())


def _plural(word: str) -> str:
    low = word.lower()
    if low in _ODD_PLURALS:
        return _ODD_PLURALS[low]
    if low in UNCOUNTED or (singular(low) != low):
        return word
    if low.endswith("y") and not low.endswith(("ay", "ey", "oy", "uy")):
        return f"{word[:-1]}ies"
    return f"{word}es" if low.endswith(("s", "x", "ch", "sh", "z")) else f"{word}s"
