"""What a text may hold that UTF-8, a shell or a file can't, and how what is too long for a line is said."""

from collections.abc import Sequence


def whole(text: str) -> str:
    """The text with halves of characters, which JSON can spell and UTF-8 can't, as question marks.

    >>> whole("a\\ud800"), whole("ä")
    ('a?', 'ä')
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def sayable(text: str) -> bool:
    """Whether a shell and a file can take the text: no null byte, no half of a character.

    >>> sayable("ä"), sayable("a\\0"), sayable("\\ud800")
    (True, False, False)
    """
    return "\0" not in text and whole(text) == text


def cut(text: str, most: int) -> str:
    """The text, or its first letters and how many were left out.

    >>> cut("abc", 3), cut("a" * 1_005, 2)
    ('abc', 'aa … and 1,003 letters more')
    """
    return text if len(text) <= most else f"{text[:most]} … and {len(text) - most:,} letters more"


def first_of(names: Sequence[str], most: int) -> str:
    """The first names in words, and how many there are beside.

    >>> first_of(["a", "b"], 2), first_of(["a", "b", "c"], 2)
    ('a, b', 'a, b and 1 more')
    """
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
