"""Lists inside other records: `describe_workbook` publishes `sheets[].name`, so it feeds what takes a sheet.

Specifications rarely show them as producers, since they list things on their own; where nothing else is known to list
the wanted thing, such an output is the way to it.
"""

import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tdscaling.graph.bitsets import Floats
from tdscaling.graph.offers import Offer
from tdscaling.graph.signals import NAMES
from tdscaling.semantics.words import words

SCORE = 0.6
"""Of such an edge at least; chosen, not fitted."""
_ASSERTED = 0.5
_RECORD = re.compile(r"([^.\[\]]+)\[\]\.[^.\[\]]+$")
_ENTITY, _NEEDS, _MAKES = NAMES.index("entity"), NAMES.index("needs_it_too"), NAMES.index("makes")


def lists_its_entity(offer: Offer) -> bool:
    """Whether an offer is the key of the records of a list that goes by the name of their entity."""
    match = _RECORD.search(offer.field.path)
    keyed = offer.source == "schema" and not offer.field.own and offer.field.kind in ("id", "name")
    return match is not None and keyed and words(match[1]) == offer.field.entity


def raised(score: Floats, values: Floats, embedded: npt.NDArray[np.bool_], starts: Sequence[int]) -> Floats:
    """The scores of pairs with those of embedded lists raised to SCORE, for wants that only what creates the thing is
    asserted for. `values` are the signals, `embedded` flags the pairs, `starts` are the first rows of the wants.
    """
    chosen = embedded & (values[:, _ENTITY] > 0) & (values[:, _NEEDS] == 0)
    if not chosen.any():
        return score
    known = np.maximum.reduceat(np.where(values[:, _MAKES] > 0, 0, score), starts)
    lengths = np.diff(np.append(starts, len(score)))
    chosen &= np.repeat(known < _ASSERTED, lengths)
    return np.where(chosen, np.maximum(score, np.float32(SCORE)), score)
