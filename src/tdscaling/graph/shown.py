"""Values that a reader shows beside what it is about: `describe_workbook` publishes `sheets[].name` and
`sheets[].used_range`, so it feeds what takes a sheet or a range.

Specifications rarely show such values as the source of an input, since they list things on their own. Where no tool
lists the wanted thing and none that publishes it is asserted, what shows it is the way to it.
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tdscaling.graph.bitsets import Floats
from tdscaling.graph.columns import Flags, Ints
from tdscaling.graph.offers import Offer, Want, heads
from tdscaling.graph.signals import NAMES
from tdscaling.semantics.fields import Field
from tdscaling.semantics.views import ToolView
from tdscaling.semantics.words import words

SCORE = 0.6
"""Of such an edge at least; chosen, not fitted."""
_ASSERTED = 0.5
_RECORD = re.compile(r"([^.\[\]]+)\[\]\.[^.\[\]]+$")
_READERS = ("list", "search", "get")
_AT = {name: index for index, name in enumerate(NAMES)}


def lists_its_entity(offer: Offer) -> bool:
    """Whether an offer is the key of the records of a list that goes by the name of their entity."""
    match = _RECORD.search(offer.field.path)
    return match is not None and offer.field.kind in ("id", "name") and words(match[1]) == offer.field.entity


class Shown:
    """The offers and wants of one server, and the words of what its tools list."""

    def __init__(self, views: Sequence[ToolView], offers: Sequence[Offer], wants: Sequence[Want]) -> None:
        self._views, self._offers, self._wants = views, offers, wants
        self._listed = frozenset(
            word for view in views if view.role in ("list", "search") for word in view.words | {*view.noun}
        )

    def raised(self, score: Floats, values: Floats, offer: Ints, want: Ints, starts: npt.NDArray[np.int64]) -> Floats:
        """The scores of pairs of offers and wants with those of shown values raised to SCORE. `values` are the signals,
        `starts` the first rows of the wants.
        """
        rows = np.flatnonzero(_shows(values) & _unknown(score, values, starts) & (score < SCORE))
        chosen = [row for row in rows.tolist() if self._feeds(int(offer[row]), int(want[row]), values[row])]
        if not chosen:
            return score
        found = score.copy()
        found[chosen] = SCORE
        return found

    def _feeds(self, offer: int, want: int, values: Floats) -> bool:
        given, wanted = self._offers[offer], self._wants[want].field
        view = self._views[given.tool]
        if given.field.own or view.role not in _READERS or not heads(wanted).isdisjoint(self._listed):
            return False
        if not values[_AT["same_kind"]] and not lists_its_entity(given):
            return False
        return not any(_asks(field, wanted) for field in view.inputs)


def _shows(values: Floats) -> Flags:
    """Whether a pair's output is published, is of the wanted thing and of its type."""
    named = np.any(values[:, [_AT["entity"], _AT["entity_alias"], _AT["entity_narrower"]]] > 0, axis=1)
    against = ("inferred", "described", "echo", "type_clash")
    return named & ~np.any(values[:, [_AT[name] for name in against]] > 0, axis=1)


def _unknown(score: Floats, values: Floats, starts: npt.NDArray[np.int64]) -> Flags:
    """Whether nothing is asserted for a pair's want but what creates the thing under a name that the caller gives."""
    given = (values[:, _AT["makes"]] > 0) & np.any(
        values[:, [_AT["inferred"], _AT["described"], _AT["echo"]]] > 0, axis=1
    )
    known = np.maximum.reduceat(np.where(given, 0, score), starts)
    return np.repeat(known < _ASSERTED, np.diff(np.append(starts, len(score))))


def _asks(field: Field, wanted: Field) -> bool:
    """Whether a tool that takes a field can't do without the wanted thing."""
    same = field.entity == wanted.entity or (field.name == wanted.name and field.head == wanted.head)
    return field.required and bool(field.entity) and same
