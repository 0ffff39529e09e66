"""A data set in one value: shares, entropies, complexity and counts, gathered one trajectory at a time."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeVar

from tdscaling.metrics.entropy import Entropy, bigrams, entropy
from tdscaling.metrics.mixture import PARTS, part_of
from tdscaling.metrics.modes import NONE
from tdscaling.types import BANDS, MODES, Cell, Descriptor, Dialogue

K = TypeVar("K")

QUANTILES = (10, 25, 50, 75, 90, 99)
STEP = 100
"""CAC is counted in hundredths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What `measure` prints of `n` trajectories. Counts are by name, most frequent first.

    `domains` and `primary_modes` count trajectories; `modes` counts those in which the mode occurs at all;
    `cells` holds the non-empty ones, the mode "none" left out. `cac` maps a percentile to its value, `bands` counts
    trajectories by band. `tools` counts all `calls`, those that code made as well, `tool_bigrams` pairs of neighbouring
    calls of the assistant's own. `mixture` counts trajectories by part, see
    `mixture.part_of`.
    """

    n: int
    domains: Mapping[str, int]
    primary_modes: Mapping[str, int]
    modes: Mapping[str, int]
    none_share: float
    domain_entropy: Entropy
    mode_entropy: Entropy
    bigram_entropy: Entropy
    cac_mean: float
    cac: Mapping[int, float]
    bands: tuple[int, ...]
    cells: Mapping[Cell, int]
    tools: Mapping[str, int]
    tool_bigrams: Mapping[tuple[str, str], int]
    servers: Mapping[str, int]
    messages: int
    calls: int
    turns: int
    duplicates: int
    mixture: Mapping[str, int]


@dataclass(slots=True)
class Tally:
    """The counts behind a summary. Memory grows with the distinct names seen, not with the trajectories."""

    n: int = 0
    duplicates: int = 0
    messages: int = 0
    calls: int = 0
    turns: int = 0
    primary: Counter[str] = field(default_factory=Counter[str])
    present: Counter[str] = field(default_factory=Counter[str])
    domains: Counter[str] = field(default_factory=Counter[str])
    servers: Counter[str] = field(default_factory=Counter[str])
    cells: Counter[Cell] = field(default_factory=Counter[Cell])
    bands: Counter[int] = field(default_factory=Counter[int])
    hundredths: Counter[int] = field(default_factory=Counter[int])
    mode_bigrams: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    tools: Counter[str] = field(default_factory=Counter[str])
    tool_bigrams: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    parts: Counter[str] = field(default_factory=Counter[str])

    def add(self, dialogue: Dialogue, descriptor: Descriptor, duplicate: bool = False) -> None:
        """Counts one trajectory."""
        names = [call.name for _, call in dialogue.calls()]
        self.n += 1
        self.duplicates += duplicate
        self.messages += len(dialogue.messages)
        self.calls += descriptor.calls
        self.turns += descriptor.turns
        self.domains[descriptor.domain] += 1
        self.primary[descriptor.primary_mode] += 1
        self.present.update(set(descriptor.modes))
        self.servers.update(descriptor.servers)
        if descriptor.primary_mode != NONE:
            self.cells[descriptor.cell] += 1
        self.bands[descriptor.band] += 1
        self.hundredths[round(descriptor.cac * STEP)] += 1
        self.mode_bigrams.update(bigrams(descriptor.modes))
        self.parts[part_of(dialogue)] += 1
        self.tools.update(names)
        self.tools.update(call.name for call in dialogue.nested())
        self.tool_bigrams.update(pairwise(names))

    def merge(self, other: "Tally") -> None:
        """Adds the counts of another part of the data set. Near-duplicates across the parts are not looked for."""
        self.n += other.n
        self.duplicates += other.duplicates
        self.messages += other.messages
        self.calls += other.calls
        self.turns += other.turns
        for mine, theirs in (
            (self.primary, other.primary),
            (self.present, other.present),
            (self.domains, other.domains),
            (self.servers, other.servers),
            (self.tools, other.tools),
            (self.parts, other.parts),
        ):
            mine.update(theirs)
        self.cells.update(other.cells)
        self.bands.update(other.bands)
        self.hundredths.update(other.hundredths)
        self.mode_bigrams.update(other.mode_bigrams)
        self.tool_bigrams.update(other.tool_bigrams)

    def summary(self, domains: int | None = None) -> Summary:
        """The figures so far. `domains`: how many the catalogue has; None normalises by those seen."""
        primary = {mode: self.primary[mode] for mode in MODES if self.primary[mode]}
        none = self.primary[NONE]
        return Summary(
            n=self.n,
            domains=_ranked(self.domains),
            primary_modes=primary | ({NONE: none} if none else {}),
            modes={mode: self.present[mode] for mode in MODES if self.present[mode]},
            none_share=none / self.n if self.n else 0.0,
            domain_entropy=entropy(self.domains, domains),
            mode_entropy=entropy(primary, len(MODES)),
            bigram_entropy=entropy(self.mode_bigrams, len(MODES) ** 2),
            cac_mean=sum(key * count for key, count in self.hundredths.items()) / (self.n * STEP) if self.n else 0.0,
            cac=quantiles(self.hundredths),
            bands=tuple(self.bands[index] for index in range(len(BANDS))),
            cells=_ranked(self.cells),
            tools=_ranked(self.tools),
            tool_bigrams=_ranked(self.tool_bigrams),
            servers=_ranked(self.servers),
            messages=self.messages,
            calls=self.calls,
            turns=self.turns,
            duplicates=self.duplicates,
            mixture={part: self.parts[part] for part in PARTS if self.parts[part]},
        )


def quantiles(hundredths: Mapping[int, int]) -> dict[int, float]:
    """The percentiles of values counted in hundredths, by nearest rank: the value at rank ceil(p/100 * n).

    By hand: of 1, 2, 3, 4 the median is the second value, p90 the fourth.

    >>> found = quantiles({100: 1, 200: 1, 300: 1, 400: 1})
    >>> found[50], found[90]
    (2.0, 4.0)
    """
    total = sum(hundredths.values())
    if not total:
        return {}
    ranks = {percent: max(1, math.ceil(percent * total / 100)) for percent in QUANTILES}
    found: dict[int, float] = {}
    reached = 0
    for value in sorted(hundredths):
        reached += hundredths[value]
        for percent, rank in ranks.items():
            if percent not in found and rank <= reached:
                found[percent] = value / STEP
    return found


def _ranked(counts: Counter[K]) -> dict[K, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], str(item[0]))))
