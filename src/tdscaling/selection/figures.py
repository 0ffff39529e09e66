"""What a part of a data set is worth in numbers, to set it beside another part."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.metrics import Entropy, entropy
from tdscaling.metrics.modes import NONE
from tdscaling.metrics.similarity import vendi_of
from tdscaling.metrics.spread import SAMPLE, embedded, first_request
from tdscaling.metrics.summary import STEP, quantiles
from tdscaling.selection.objective import Columns, value
from tdscaling.types import MODES, Descriptor, Dialogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of `n` trajectories: `value` is F, the entropies are normalised by the domains of the whole pool and by the
    twelve modes, `cac` maps a percentile to its value, `vendi` is that of `measure`, over at
    most SAMPLE first requests."""

    n: int
    tokens: int
    value: float
    domain_entropy: Entropy
    mode_entropy: Entropy
    cells: int
    cac: Mapping[int, float]
    vendi: float


def figures(columns: Columns, items: Sequence[int], where: Sequence[Descriptor], vendi: float) -> Figures:
    """The figures of some items of a pool; `where` are the descriptors of all of it."""
    held = [where[item] for item in items]
    part = columns.taken(items)
    modes = Counter(one.primary_mode for one in held if one.primary_mode != NONE)
    return Figures(
        n=len(held),
        tokens=int(part.tokens.sum()),
        value=value(part),
        domain_entropy=entropy(Counter(one.domain for one in held), len({one.domain for one in where})),
        mode_entropy=entropy(modes, len(MODES)),
        cells=len({one.cell for one in held if one.primary_mode != NONE}),
        cac=quantiles(Counter(round(one.cac * STEP) for one in held)),
        vendi=vendi,
    )


class Requests:
    """The first requests of a part, by row: those of a seeded sample are kept when they pass by."""

    def __init__(self, rows: Collection[int], seed: int) -> None:
        ordered = sorted(rows)
        self._rows = set(ordered if len(ordered) <= SAMPLE else Random(f"requests {seed}").sample(ordered, SAMPLE))
        self._texts: list[str] = []

    def add(self, row: int, dialogue: Dialogue) -> None:
        """Takes note of a row if it is in the sample."""
        if row in self._rows:
            self._texts.append(first_request(dialogue))

    def vendi(self) -> float:
        """The Vendi score of those noted, in [1, n]; 0 for none."""
        return vendi_of(embedded(self._texts))
