"""The clusters that a run drew to be simulated: how many can serve, and why each of the others can't."""

from collections import Counter
from dataclasses import dataclass

from tdscaling.store import RunReader, decode

DRAWN = "drawn clusters"
"""The key of the store's state that holds them."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A cluster of which no episode can be made; `reason` is one line."""

    cluster: str
    name: str
    reason: str

    def __str__(self) -> str:
        return f"cluster {self.name} ({self.cluster}): {self.reason}"


@dataclass(frozen=True, slots=True)
class Drawn:
    clusters: int
    left_out: tuple[LeftOut, ...] = ()

    @property
    def funnel(self) -> dict[str, int]:
        """drawn = Σ left out + simulated; reasons by how often they hold."""
        reasons = Counter(one.reason for one in self.left_out)
        lost = {f"left out: {why}": n for why, n in sorted(reasons.items(), key=lambda row: (-row[1], row[0]))}
        return {"drawn": self.clusters, **lost, "simulated": self.clusters - len(self.left_out)}

    @property
    def said(self) -> str:
        """The same in one line."""
        if not self.clusters:
            return "no cluster of tools is found in them: three or more, linked by what one gives and another takes"
        counts = "; ".join(f"{count} {name}" for name, count in self.funnel.items() if name.startswith("left out"))
        return f"of {self.clusters} clusters drawn to be simulated, {counts}"


def drawn(reader: RunReader) -> Drawn | None:
    """What the run in this store drew; None where it simulated nothing. Raises StoreError."""
    held = reader.state(DRAWN)
    return decode(Drawn, held) if held else None


def drawn_json(found: Drawn) -> dict[str, object]:
    rows = [{"cluster": one.cluster, "name": one.name, "reason": one.reason} for one in found.left_out]
    return {"funnel": found.funnel, "left_out": rows}
