"""What the arms that are done say, whichever way it falls: the verdict, every axis, every comparison."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tdscaling.scaling.document import Part, Picture, Section, Table
from tdscaling.scaling.plots import plot
from tdscaling.scaling.results import BASE, Result, by_name
from tdscaling.scaling.statistics import (
    CALL,
    LOSS,
    MEASURES,
    SUCCESS,
    TOOL,
    TRIES,
    Comparison,
    Counts,
    Curve,
    Figure,
    Measure,
    adjusted,
    compared,
    counts,
    figure,
    gains_compared,
    saturating,
)

TITLE = "The fixed-budget experiment"
QUANTITY, DIVERSITY = "quantity", "diversity by "
JUDGED = (CALL, TOOL, LOSS)
"""What the verdict is on, of unseen services; the first decides."""
PLAYED = (
    "Held-out plans that the model plays with the procedural user in their simulated worlds, and code tasks that "
    "hidden tests judge: the share in which every check passed. Beside it how much more that is than of the untrained "
    "model; less on code tasks is forgetting."
)
SEEDS = 3
"""Fewer are an indication, no verdict."""


@dataclass(slots=True)
class Findings:
    """Results by arm, and how they are read."""

    results: Sequence[Result]
    arms: Mapping[str, list[Result]] = field(init=False)

    def __post_init__(self) -> None:
        self.arms = by_name([one for one in self.results if one.name != BASE])

    def counts(self, name: str, measure: Measure, group: str = "unseen") -> Counts:
        return counts(self.arms[name], measure, group)

    def axis(self, name: str) -> dict[float, str]:
        """Arms of an axis by what grows along it, in that order."""
        on = [runs[0] for runs in self.arms.values() if name in runs[0].axes]
        found = {float(one.n if name == QUANTITY else one.kinds): one.name for one in on}
        return dict(sorted(found.items()))

    def axes(self) -> list[str]:
        named = {axis for runs in self.arms.values() for axis in runs[0].axes}
        return sorted(axis for axis in named if axis == QUANTITY or axis.startswith(DIVERSITY))

    def common(self, names: Sequence[str]) -> set[int]:
        """Seeds that all of these arms have."""
        every = {one.seed for runs in self.arms.values() for one in runs}
        return every.intersection(*([one.seed for one in self.arms[name]] for name in names))

    def pairs(self) -> Iterator[tuple[str, str, str]]:
        """Arms that are set against one another, and the held-out set that this is about."""
        for axis in self.axes():
            names = list(self.axis(axis).values())
            if len(names) > 1:
                yield names[-1], names[0], "unseen"
            if axis != QUANTITY and (volume := list(self.axis(QUANTITY).values())) and volume[-1] != names[-1]:
                yield names[-1], volume[-1], "unseen"
        if {"select", "random"} <= set(self.arms):
            yield "select", "random", "unseen"
        plain = [name for name, runs in self.arms.items() if "code" in runs[0].axes and not runs[0].share]
        for name, runs in self.arms.items():
            if runs[0].share and plain:
                yield name, plain[0], "code"


def sections(results: Sequence[Result]) -> list[Section]:
    """The report. `results` are of one experiment, some arms may be missing."""
    found = Findings(results)
    parts = [Section("Verdict", tuple(verdict(found))), Section("Arms", (_told(found), _arms(found)))]
    parts += [_axis(found, axis) for axis in found.axes() if len(found.axis(axis)) > 1]
    if pairs := list(dict.fromkeys(found.pairs())):
        parts.append(_comparisons(found, pairs))
    if any(one.played for one in results):
        some = Findings([one for one in results if one.played])
        parts.append(Section("Played by the model itself", (PLAYED, _played(some))))
    return [*parts, Section("Every held-out set", (_sets(found),))]


def verdict(found: Findings) -> Iterator[str]:
    """A sentence for each measure and axis of diversity; the first decides."""
    volume = list(found.axis(QUANTITY).values())
    wide = {axis: list(found.axis(axis).values()) for axis in found.axes() if axis != QUANTITY}
    ready = {axis: names for axis, names in wide.items() if len(names) > 1 and len(volume) > 1}
    if not ready:
        yield "No verdict: it takes the two ends of the axis of quantity and of one of diversity, in the same seeds."
        return
    for axis, names in ready.items():
        arms = [names[0], names[-1], volume[0], volume[-1]]
        seeds = found.common(arms)
        if not seeds:
            yield f"{axis}: no verdict, its ends have no seed in common with those of quantity."
            continue
        if len(seeds) < SEEDS:
            yield f"Over {len(seeds)} of at least {SEEDS} seeds, so this is an indication and no verdict."
        for measure in JUDGED:
            narrow, widest, few, many = (found.counts(name, measure) for name in arms)
            yield _sentence(axis, measure, arms, gains_compared((narrow, widest), (few, many)))


def _sentence(axis: str, measure: Measure, arms: Sequence[str], gain: Figure) -> str:
    low, high = gain.interval
    if measure is LOSS:
        low, high = -high, -low
    said = "no difference can be told"
    if low > 0:
        said = "diversity buys more than volume"
    elif high < 0:
        said = "volume buys more than diversity"
    return (
        f"{measure.title.capitalize()}, unseen services, {axis}: {said}. From “{arms[0]}” to “{arms[1]}” the gain is "
        f"{_signed(gain, measure)} more than from “{arms[2]}” to “{arms[3]}”."
    )


def _told(found: Findings) -> str:
    done = [one for runs in found.arms.values() for one in runs]
    tokens = [one.tokens for one in done]
    apart = f"; tokens of {min(tokens)} to {max(tokens)}, {1 - min(tokens) / max(tokens):.2%} apart" if tokens else ""
    seconds = sum(one.seconds for one in done)
    return (
        f"{len(done)} trainings of {len(found.arms)} arms, seeds {sorted({one.seed for one in done})}{apart}; "
        f"{seconds / 3600:.1f} h of training. Intervals hold 95 % of {TRIES} draws of seeds and dialogues."
    )


def _arms(found: Findings) -> Table:
    head = ("arm", "seeds", "trajectories", "cells", "passes", *(f"unseen: {one.name}" for one in MEASURES))
    rows: list[tuple[str, ...]] = []
    for name, runs in _with_base(found).items():
        figures = [_shown(figure(counts(runs, one, "unseen")), one) for one in MEASURES]
        one = runs[0]
        rows.append((name, str(len(runs)), str(one.n), str(one.cells), f"{one.passes:.1f}", *figures))
    return Table(head, tuple(rows))


def _played(found: Findings) -> Table:
    base = [one for one in found.results if one.name == BASE]
    groups = dict.fromkeys(row.group for one in found.results for row in one.played)
    rows: list[tuple[str, ...]] = []
    for name, runs in _with_base(found).items():
        for group in groups:
            mine = counts(runs, SUCCESS, group)
            told = "none"
            if base and name != BASE:
                before = counts(base, SUCCESS, group).repeated(mine.seeds)
                told = _signed(compared(mine, before).difference, SUCCESS)
            tried = f"{mine.right.sum():.0f} of {mine.of.sum():.0f}"
            rows.append((name, group, str(len(runs)), tried, _shown(figure(mine), SUCCESS), told))
    return Table(("arm", "set", "seeds", "passed", "share", "more than untrained"), tuple(rows))


def _sets(found: Findings) -> Table:
    rows: list[tuple[str, ...]] = []
    for name, runs in _with_base(found).items():
        for group in dict.fromkeys(score.group for score in runs[0].scores):
            rows.append((name, group, *(_shown(figure(counts(runs, one, group)), one) for one in MEASURES)))
    return Table(("arm", "set", *(one.name for one in MEASURES)), tuple(rows))


def _axis(found: Findings, axis: str) -> Section:
    arms = found.axis(axis)
    across = "trajectories" if axis == QUANTITY else f"{axis.removeprefix(DIVERSITY)}s"
    if seeds := found.common(list(arms.values())):
        found = Findings([one for one in found.results if one.seed in seeds])
    told = f"Over seeds {sorted(seeds)}, which all its arms have." if seeds else "Its arms have no seed in common."
    parts: list[Part] = [told]
    for measure in JUDGED:
        points = {x: figure(found.counts(name, measure)) for x, name in arms.items()}
        curve = saturating({x: point.value for x, point in points.items()})
        parts.append(f"{measure.title.capitalize()}: {_told_of(curve, across, len(points))}")
        file = f"{axis.replace(' ', '-')}-{measure.name}.svg"
        title = f"{measure.title}, unseen services, by {across}"
        parts.append(Picture(file, title, plot(points, curve, across, measure.name)))
    return Section(f"Axis: {axis}", tuple(parts))


def _told_of(curve: Curve | None, across: str, points: int) -> str:
    if curve is None:
        return "too few points for a curve."
    if not curve.bends:
        return f"no limit in sight over {points} points, the best curve is all but a straight line."
    return (
        f"limit {curve.limit:.3f}, scale {curve.scale:.1f} {across}, {max(0.0, curve.explained):.0%} of the variance "
        f"explained by three parameters on {points} points."
    )


def _comparisons(found: Findings, pairs: Sequence[tuple[str, str, str]]) -> Section:
    tested: list[tuple[str, str, str, Measure, Comparison]] = []
    for one, other, group in pairs:
        if found.common((one, other)):
            for measure in JUDGED:
                first, second = found.counts(one, measure, group), found.counts(other, measure, group)
                tested.append((one, other, group, measure, compared(first, second)))
    holm = adjusted([row[-1].p for row in tested])
    rows = tuple(
        (
            one,
            other,
            group,
            measure.name,
            _signed(test.difference, measure),
            str(test.seeds),
            f"{test.p:.4f}",
            f"{p:.4f}",
        )
        for (one, other, group, measure, test), p in zip(tested, holm, strict=True)
    )
    head = ("arm", "against", "set", "measure", "difference", "seeds", "p, paired", "p after Holm")
    note = "p is of a sign-flip test over dialogues, two-sided; of the loss a negative difference is the better."
    return Section("Comparisons", (note, Table(head, rows)))


def _with_base(found: Findings) -> dict[str, list[Result]]:
    base = [one for one in found.results if one.name == BASE]
    return {**({BASE: base} if base else {}), **found.arms}


def _shown(found: Figure, measure: Measure) -> str:
    if math.isnan(found.value):
        return "none"
    low, high = found.interval
    if measure is LOSS:
        return f"{found.value:.3f} [{low:.3f}, {high:.3f}]"
    return f"{found.value:.1%} [{low:.1%}, {high:.1%}]"


def _signed(found: Figure, measure: Measure) -> str:
    low, high = found.interval
    if measure is LOSS:
        return f"{found.value:+.3f} [{low:+.3f}, {high:+.3f}]"
    return f"{100 * found.value:+.1f} points [{100 * low:+.1f}, {100 * high:+.1f}]"
