"""Values of the user's variables stay out of what a server says again."""

from collections.abc import Mapping, Sequence

from tdscaling.types import JsonValue
from tdscaling.values.masks import HIDDEN, spellings


class Masking:
    """Puts `[key]` in the place of each of some values, in all their spellings.

    >>> Masking(["hush-hush"]).value({"hush-hush": ["Bearer hush-hush", 1]})
    {'[key]': ['Bearer [key]', 1]}
    """

    def __init__(self, values: Sequence[str]) -> None:
        forms = {form for value in values for form in spellings(value)}
        self._forms = sorted(forms, key=lambda form: (-len(form), form))

    def text(self, text: str) -> str:
        for form in self._forms:
            text = text.replace(form, HIDDEN)
        return text

    def value(self, value: JsonValue) -> JsonValue:
        """The same where there is nothing to mask."""
        if not self._forms:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(name): self.value(inner) for name, inner in value.items()}
        return [self.value(inner) for inner in value] if isinstance(value, Sequence) else value
