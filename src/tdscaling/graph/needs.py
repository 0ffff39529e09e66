"""Whether a tool takes itself the value that it would supply, for many pairs of tools and wants at once."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from tdscaling.graph.columns import Flags, Ints, Numbers
from tdscaling.graph.offers import Want
from tdscaling.semantics.fields import Field
from tdscaling.semantics.views import ToolView

_ANY, _SOME = "any", "some"


class Needs:
    """A sorted table of (what a value is, tool that takes it)."""

    def __init__(self, views: Sequence[ToolView], wants: Sequence[Want]) -> None:
        numbers: Numbers[tuple[object, ...]] = Numbers(())
        asked = [numbers.of(_asked(want.field)) for want in wants]
        self._asked = np.array(asked, dtype=np.int64).reshape(len(wants), 4)
        known = numbers.table
        held: list[int] = sorted(
            {
                known[key] << 32 | index
                for index, view in enumerate(views)
                for field in view.inputs
                for key in _held(field)
                if key in known
            }
        )
        self._held: npt.NDArray[np.int64] = np.array(held, dtype=np.int64)

    def of(self, tool: Ints, want: Ints) -> Flags:
        """Whether each tool takes what the want beside it asks for."""
        found = np.zeros(len(tool), dtype=np.bool_)
        if len(self._held) == 0:
            return found
        for column in range(4):
            code: npt.NDArray[np.int64] = self._asked[want, column] << 32 | tool
            place: npt.NDArray[np.int64] = np.searchsorted(self._held, code)
            at = np.minimum(place, len(self._held) - 1)
            found |= self._held[at] == code
        return found


def _asked(field: Field) -> tuple[tuple[object, ...], ...]:
    kind = field.kind or _SOME
    entity, name = ("entity", field.entity), ("name", field.name, field.head)
    return ((*entity, kind), (*entity, _ANY), (*name, kind), (*name, _ANY))


def _held(field: Field) -> Iterator[tuple[object, ...]]:
    """Under what a want may ask for a field: its kind, some kind, and any kind where it has none itself."""
    if not field.entity:
        return
    for place in (("entity", field.entity), ("name", field.name, field.head)):
        yield (*place, field.kind or _ANY)
        yield (*place, _SOME)
