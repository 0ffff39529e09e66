"""Written dialogues as tokens: which of them the loss falls on, and which make up an action."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tdscaling.scaling.chat import Span, Written

IGNORED = -100
"""The label of a token that the loss does not fall on."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Tokens, and the letters that each stands for."""

    ids: tuple[int, ...]
    letters: tuple[Span, ...]

    def within(self, span: Span) -> tuple[int, ...]:
        """Places of the tokens that hold a letter of the span.

        >>> Encoded((7, 8, 9), (Span(0, 2), Span(2, 5), Span(5, 6))).within(Span(4, 6))
        (1, 2)
        """
        return tuple(place for place, one in enumerate(self.letters) if one.start < span.end and one.end > span.start)

    def labels(self, trained: Sequence[Span]) -> list[int]:
        """The ids where the loss falls, IGNORED elsewhere.

        >>> Encoded((7, 8, 9), (Span(0, 2), Span(2, 5), Span(5, 6))).labels([Span(2, 5)])
        [-100, 8, -100]
        """
        found = [IGNORED] * len(self.ids)
        for span in trained:
            for place in self.within(span):
                found[place] = self.ids[place]
        return found


def encoded(tokenizer: Any, text: Written) -> Encoded:
    """With a fast tokenizer of transformers; nothing is added to the text."""
    found = tokenizer(text.text, add_special_tokens=False, return_offsets_mapping=True)
    return Encoded(tuple(found["input_ids"]), tuple(Span(*pair) for pair in found["offset_mapping"]))
