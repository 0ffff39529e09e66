"""Which values the tool messages have given, and in which of them each occurs."""

from tdscaling.metrics.produced import Scalars
from tdscaling.metrics.texts import NEVER, TextIndex, tokens

MAX_SCANNED = 64
"""Up to this many tool messages, those with a value are found by asking each; above that, from a map of all values."""
MAX_UNREAD = 50_000
"""Characters of prose up to which a plain search decides whether its words need an index."""


class ResultIndex:
    """The values of tool messages, in order: messages by canonical value, and the words of prose.

    Building it is linear in the results; nothing is built of those that no call follows.

    >>> index = ResultIndex([(3, Scalars('{"id": "A-1", "note": "of Ada Lee"}')), (5, Scalars('["A-1"]'))])
    >>> index.at("a-1"), index.first("ada lee"), index.first("bo") == NEVER
    ([3, 5], 3, True)
    """

    __slots__ = ("_at", "_first", "_norms", "_prose", "_text", "_unread")

    def __init__(self, results: list[tuple[int, Scalars]]) -> None:
        """`results`: the number of each tool message, rising, with its scalars."""
        self._norms = [(message, scalars.norms) for message, scalars in results]
        self._first: dict[str, int] = {}
        for message, norms in reversed(self._norms):
            self._first.update(dict.fromkeys(norms, message))
        self._at: dict[str, list[int]] = {} if len(results) <= MAX_SCANNED else _postings(self._norms)
        self._unread = [
            (message, " \n ".join(prose))
            for message, scalars in results
            if (prose := [norm for _, _, norm, _ in scalars.found if " " in norm])
        ]
        self._text = "\n".join(text for _, text in self._unread)
        self._prose: TextIndex | None = None

    def at(self, norm: str) -> list[int]:
        """The tool messages with the value as a scalar."""
        first = self._first.get(norm)
        if first is None:
            return []
        found = self._at.get(norm)
        if found is None:
            found = self._at[norm] = [message for message, norms in self._norms if norm in norms]
        return found

    def scalar(self, norm: str) -> int:
        """The first tool message with the value as a scalar, NEVER if none."""
        return self._first.get(norm, NEVER)

    def prose(self, norm: str) -> int:
        """The first tool message whose prose has the value as a whole phrase, NEVER if none; short ones are not
        looked for."""
        if len(norm) <= 2 or not self._unread:
            return NEVER
        if self._prose is None:
            if self._absent(norm):
                return NEVER
            self._prose = TextIndex()
            for message, text in self._unread:
                self._prose.add(message, text, forms=False)
        return self._prose.first(norm)

    def first(self, norm: str) -> int:
        """The first tool message with the value: as a scalar, or as a whole phrase of prose. NEVER if none."""
        return min(self._first.get(norm, NEVER), self.prose(norm))

    def _absent(self, norm: str) -> bool:
        """Whether a word that every form of the value has is nowhere in the prose, if that is cheap to say."""
        words = tokens(norm)
        if not words:
            return True
        word = words[0] if len(words) == 1 or norm[0].isdigit() else max(words, key=len)
        return word not in self._text and len(self._text) <= MAX_UNREAD


def _postings(norms: list[tuple[int, set[str]]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for message, held in norms:
        for norm in held:
            found.setdefault(norm, []).append(message)
    return found
