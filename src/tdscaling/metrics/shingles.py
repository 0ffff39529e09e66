"""The sets that similarity compares: 3-grams of tool calls and of the user's words."""

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

from tdscaling.metrics.scripts import words
from tdscaling.types import Dialogue

SIZE = 3


class Shingles(NamedTuple):
    """Hashes (32 bits) of the 3-grams of a dialogue's (tool, argument names) sequence and of its user words."""

    calls: frozenset[int]
    words: frozenset[int]


def shingles(dialogue: Dialogue) -> Shingles:
    """The two sets of a dialogue. Where users say no word at all, what they write between blanks stands for words.

    >>> from tdscaling.types import Message
    >>> one, two = (shingles(Dialogue(messages=(Message(role="user", content=text),))) for text in ("👍", "🎉🎉"))
    >>> one.words == two.words, len(one.words)
    (False, 1)
    """
    calls = [f"{call.name}({','.join(sorted(map(str, call.arguments)))})" for _, call in dialogue.calls()]
    texts = [message.content.casefold() for message in dialogue.messages if message.role == "user"]
    said = [word for text in texts for word in words(text)] or [sign for text in texts for sign in text.split()]
    return Shingles(_hashed(calls), _hashed(said))


def _hashed(items: Sequence[str], size: int = SIZE) -> frozenset[int]:
    """The hashes of the runs of `size` items; a shorter sequence that is not empty is one run.

    By hand: a, b, c, d hold the runs abc and bcd.

    >>> [len(_hashed(items)) for items in ("abcd", "ab", "")]
    [2, 1, 0]
    """
    whole = "\x1f".join(items).encode("utf-8", "surrogatepass")
    if len(items) <= size:
        return frozenset((crc32(whole),) if items else ())
    words = whole.split(b"\x1f")
    runs = {b"\x1f".join(run) for run in zip(*(words[start:] for start in range(size)), strict=False)}
    return frozenset(map(crc32, runs))


def jaccard(one: frozenset[int], two: frozenset[int]) -> float:
    """Shared members over all members; two empty sets are equal.

    By hand: {1, 2, 3} and {2, 3, 4} share 2 of 4.

    >>> jaccard(frozenset({1, 2, 3}), frozenset({2, 3, 4})), jaccard(frozenset(), frozenset())
    (0.5, 1.0)
    """
    if not one and not two:
        return 1.0
    shared = len(one & two)
    return shared / (len(one) + len(two) - shared)
