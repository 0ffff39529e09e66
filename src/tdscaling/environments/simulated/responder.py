"""Who phrases what a new record shows and nobody gave: by rule here, or a model behind the same seam.

Whatever is phrased goes into the store before it is shown, so that no two calls contradict each other.
"""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Protocol

from tdscaling.environments.simulated.makers import Maker, well
from tdscaling.environments.simulated.model import Entity, FieldModel
from tdscaling.semantics.words import words
from tdscaling.types import JsonObject, JsonValue


class Responder(Protocol):
    """Completes a record that is about to be created."""

    def complete(
        self,
        entity: Entity,
        record: JsonObject,
        missing: Sequence[FieldModel],
        makers: Mapping[str, Maker],
        rng: Random,
    ) -> Mapping[str, JsonValue]:
        """Values for the missing fields; those without one may be left out."""
        ...


_ZERO = frozenset("count total minute paid logged used balance remaining version usage size invoiced spent".split())


class ProceduralResponder:
    """Numbers that count something begin at zero, flags are down, the rest is made up by the field's own maker."""

    def complete(
        self,
        entity: Entity,
        record: JsonObject,
        missing: Sequence[FieldModel],
        makers: Mapping[str, Maker],
        rng: Random,
    ) -> Mapping[str, JsonValue]:
        found: dict[str, JsonValue] = {}
        for spec in missing:
            kind = spec.schema.get("type")
            low = spec.schema.get("minimum", 0)
            if (
                kind in ("integer", "number")
                and {*words(spec.name)} & _ZERO
                and isinstance(low, int | float)
                and low <= 0
            ):
                found[spec.name] = 0
            elif kind == "boolean" and "enum" not in spec.schema and "const" not in spec.schema:
                found[spec.name] = bool(well(spec.name, spec.schema))
            elif spec.name in makers and not spec.refers:
                found[spec.name] = makers[spec.name](rng)
        return found
