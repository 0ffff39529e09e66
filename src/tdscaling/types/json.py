"""JSON as Python sees it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

JsonScalar: TypeAlias = str | int | float | bool | None
if TYPE_CHECKING:
    JsonValue: TypeAlias = "JsonScalar | Sequence[JsonValue] | Mapping[str, JsonValue]"
else:
    JsonValue = object  # pydantic passes it through as it is: it can't resolve a recursive alias of this form
JsonObject: TypeAlias = Mapping[str, JsonValue]
