"""The watch over mode collapse: entropies of the last kept trajectories beside their maximum so far."""

from collections import Counter, deque
from dataclasses import dataclass, field

from tdscaling.metrics.entropy import entropy
from tdscaling.types import MODES, Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A collapse, or the end of one. `at`: trajectories kept by then; `of`: which entropy; `highest` and `now`: its
    normalised maximum so far and its value over the window; `cause`: what fills the window."""

    at: int
    of: str
    highest: float
    now: float
    over: bool = False
    cause: str = ""


@dataclass
class Watch:
    """Sees every kept trajectory's cell. From a fall by more than `fall` until the entropy is back within half of it,
    `collapsed` holds.

    The entropies are those of definitions.md over the last `window` kept: domains normalised by those of the run, modes
    by the twelve. A window with fewer counts for nothing.
    """

    domains: int
    window: int = 60
    fall: float = 0.1
    seen: int = 0
    events: list[Event] = field(default_factory=list[Event])
    last: deque[Cell] = field(default_factory=deque[Cell])
    all: Counter[Cell] = field(default_factory=Counter[Cell])
    _fresh: deque[bool] = field(default_factory=deque[bool])
    _highest: dict[str, float] = field(default_factory=dict[str, float])
    _low: set[str] = field(default_factory=set[str])

    @property
    def collapsed(self) -> bool:
        return bool(self._low)

    @property
    def thrift(self) -> float:
        """How much cost may count: not at all while there is a collapse, and half as much after each as before it."""
        return 0.0 if self.collapsed else 0.5 ** sum(not event.over for event in self.events)

    @property
    def gain(self) -> float:
        """The share of the window that came into empty cells; 1 while the window is not full."""
        return sum(self._fresh) / self.window if len(self._fresh) == self.window else 1.0

    def see(self, cell: Cell) -> None:
        """Takes in the cell of a trajectory that was kept."""
        self.seen += 1
        self.last.append(cell)
        self._fresh.append(not self.all[cell])
        self.all[cell] += 1
        if len(self.last) <= self.window:
            if len(self.last) < self.window:
                return
        else:
            self.last.popleft()
            self._fresh.popleft()
        for name, now in self.entropies().items():
            self._judge(name, now)

    def entropies(self) -> dict[str, float]:
        """The normalised entropies of the window."""
        domains = Counter(cell.domain for cell in self.last)
        modes = Counter(cell.mode for cell in self.last if cell.mode != "none")
        return {
            "domain": entropy(domains, min(self.domains, self.window)).normalised,
            "mode": entropy(modes, len(MODES)).normalised,
        }

    def _judge(self, name: str, now: float) -> None:
        highest = self._highest[name] = max(now, self._highest.get(name, 0.0))
        if name not in self._low and now < highest - self.fall:
            self._low.add(name)
            self.events.append(Event(at=self.seen, of=name, highest=highest, now=now, cause=self._cause(name)))
        elif name in self._low and now >= highest - self.fall / 2:
            self._low.discard(name)
            self.events.append(Event(at=self.seen, of=name, highest=highest, now=now, over=True))

    def _cause(self, name: str) -> str:
        """The value whose share of the window is furthest above its share of the run."""
        place = 0 if name == "domain" else 1
        window, run = Counter(cell[place] for cell in self.last), Counter[object]()
        for cell, count in self.all.items():
            run[cell[place]] += count
        value = max(sorted(window, key=str), key=lambda one: window[one] / len(self.last) - run[one] / self.seen)
        cell, count = Counter(cell for cell in self.last if cell[place] == value).most_common(1)[0]
        return (
            f"{name} {value} holds {window[value]} of the last {len(self.last)}, {run[value]} of all {self.seen};"
            f" {count} of them lie in {cell.domain}/{cell.mode}/band {cell.band}"
        )
