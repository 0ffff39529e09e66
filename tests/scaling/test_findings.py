"""What arms of known scores lead to: figures, comparisons, a verdict that can fall either way, the report's files."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.scaling.test_command import configured, ran

from tdscaling.errors import ConfigError, DataError
from tdscaling.scaling.findings import Findings, sections, verdict
from tdscaling.scaling.reporting import write_report
from tdscaling.scaling.results import BASE, Result, save
from tdscaling.scaling.scoring import Score
from tdscaling.scaling.statistics import CALL, LOSS, Counts, compared, counts, figure, gains_compared, saturating

DIALOGUES = 40
ARMS = (
    ("n 4, 2 cells", 4, 2, ("quantity",)),
    ("n 8, 2 cells", 8, 2, ("quantity",)),
    ("n 16, 2 cells", 16, 2, ("quantity", "diversity by cell")),
    ("n 16, 4 cells", 16, 4, ("diversity by cell",)),
    ("n 16, 8 cells", 16, 8, ("diversity by cell",)),
)


def result(
    name: str, n: int, kinds: int, axes: tuple[str, ...], seed: int, share: float, dialogues: int = DIALOGUES
) -> Result:
    """Four calls a dialogue, a share of them right, spread unevenly; the loss falls as it rises."""
    rng = np.random.default_rng(seed)
    right = rng.binomial(4, share, dialogues).tolist()
    scores = tuple(
        Score(
            id=str(place), group="unseen", calls=4, names=count, exact=count, answers=1, answered=1, refusals=0,
            refused=0, tokens=50, loss=2.0 - share,
        )
        for place, count in enumerate(right)
    )  # fmt: skip
    return Result(
        name=name, axes=axes, seed=seed, n=n, kinds=kinds, share=0.0, tokens=1000 + n, steps=5, passes=2.0, cells=kinds,
        loss=1.0, seconds=60.0, scores=scores,
    )  # fmt: skip


def results(share: Callable[[int, int], float], seeds: Sequence[int] = (1, 2, 3)) -> list[Result]:
    untrained = result(BASE, 0, 0, (), 0, 0.05)
    return [untrained, *(result(*arm, seed=seed, share=share(arm[1], arm[2])) for arm in ARMS for seed in seeds)]


def by_diversity(n: int, kinds: int) -> float:
    return 0.1 + 0.08 * kinds


def by_volume(n: int, kinds: int) -> float:
    return 0.1 + 0.04 * n


@pytest.mark.requirement("scaling.verdict")
@pytest.mark.parametrize(
    ("share", "said"),
    [
        (by_diversity, "diversity buys more than volume"),
        (by_volume, "volume buys more than diversity"),
        (lambda n, kinds: 0.3, "no difference can be told"),
    ],
)
def test_the_verdict_falls_as_the_scores_do(share: Callable[[int, int], float], said: str) -> None:
    found = list(verdict(Findings(results(share))))
    assert len(found) == 3
    assert said in found[0]
    assert "From “n 16, 2 cells” to “n 16, 8 cells”" in found[0]
    assert "from “n 4, 2 cells” to “n 16, 2 cells”" in found[0]
    assert found[2].startswith("Mean loss")
    assert said in found[2]


@pytest.mark.requirement("scaling.verdict")
def test_too_few_seeds_are_an_indication_and_without_both_ends_there_is_none() -> None:
    assert next(verdict(Findings(results(by_diversity, (1,))))).startswith("Over 1 of at least 3 seeds")
    half = [one for one in results(by_diversity) if "diversity by cell" not in one.axes]
    assert [*verdict(Findings(half))] == [
        "No verdict: it takes the two ends of the axis of quantity and of one of diversity, in the same seeds."
    ]


@pytest.mark.requirement("scaling.intervals")
def test_an_interval_holds_the_share_and_two_arms_are_compared_in_the_seeds_that_both_have() -> None:
    found = results(by_diversity)
    narrow, wide = (
        counts([one for one in found if one.name == name], CALL, "unseen")
        for name in ("n 16, 2 cells", "n 16, 8 cells")
    )
    share = figure(wide)
    assert share.interval.low < share.value < share.interval.high
    assert share.value == pytest.approx(wide.right.sum() / (3 * DIALOGUES * 4))
    test = compared(wide, narrow.only((2, 3)))
    assert test.seeds == 2
    assert test.difference.value > 0.3
    assert test.difference.interval.low > 0
    assert test.p < 0.001
    same = compared(wide, wide)
    assert (same.difference.value, same.p) == (0.0, 1.0)
    gain = gains_compared((narrow, wide), (narrow, wide))
    assert (gain.value, *gain.interval) == (0.0, 0.0, 0.0)
    nothing = figure(Counts((1,), np.zeros((1, 3)), np.zeros((1, 3))))
    assert np.isnan(nothing.value)


@pytest.mark.requirement("scaling.curve")
def test_a_curve_is_fitted_to_three_points_or_more() -> None:
    points = {float(x): 0.9 - 0.6 * np.exp(-x / 10) for x in (4, 8, 16, 32)}
    curve = saturating(points)
    assert curve is not None
    assert curve.limit == pytest.approx(0.9, abs=0.02)
    assert curve.at(8.0) == pytest.approx(points[8.0], abs=0.01)
    assert saturating({1.0: 0.1, 2.0: 0.2}) is None
    bent, straight = (
        next(str(section.parts[1]) for section in sections(results(share)) if section.title == "Axis: quantity")
        for share in (lambda n, kinds: 0.9 - 0.6 * 2 ** (-n / 4), by_volume)
    )
    assert re.search(r"limit 0\.\d+, scale \S+ trajectories, \d+% of the variance", bent)
    assert "no limit in sight over 3 points" in straight


@pytest.mark.requirement("scaling.curve")
def test_an_axis_is_drawn_over_the_seeds_that_all_its_arms_have() -> None:
    whole, cut = results(by_volume, (2,)), results(by_volume)
    first = [one for one in cut if one.seed in (0, 2) or one.n != 8]
    drawn, lone = (
        next(section for section in sections(found) if section.title == "Axis: quantity") for found in (first, whole)
    )
    assert drawn == lone
    assert drawn.parts[0] == "Over seeds [2], which all its arms have."


@pytest.mark.requirement("scaling.report")
def test_the_report_is_markdown_with_pictures_and_one_page_that_loads_nothing(tmp_path: Path) -> None:
    said = write_report(results(by_diversity), tmp_path)
    told = (tmp_path / "report.md").read_text(encoding="utf-8")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert said[0] in told
    assert said[0] in page
    for picture in re.findall(r"!\[.*\]\((.*)\)", told):
        assert (tmp_path / picture).read_text(encoding="utf-8").startswith("<svg")
    assert page.count("<svg") == 6
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert "| n 16, 8 cells | 3 | 16 | 8 | 2.0 |" in told
    (row,) = [line for line in told.splitlines() if line.startswith("| n 16, 8 cells | n 16, 2 cells | unseen | call")]
    # two pairs of arms in three measures are six tests: six times 1 / 10001, the least p of ten thousand flips
    assert "| 3 | 0.0001 | 0.0006 |" in row


@pytest.mark.requirement("scaling.report")
def test_the_report_can_be_had_while_arms_are_missing_and_not_before_one_is_done(tmp_path: Path) -> None:
    config = configured(tmp_path)
    with pytest.raises(ConfigError, match="ask for one"):
        ran(config, "--report", "--plan")
    with pytest.raises(DataError, match="has no finished arm"):
        ran(config, "--report")
    done = [one for one in results(by_diversity, (1,)) if one.n in (0, 4)]
    for place, one in enumerate(done):
        save(tmp_path / "out" / "arms" / str(place), one)
    told = json.loads(ran(config, "--report", "--json").stdout)
    assert [row["name"] for row in told["results"]] == [BASE, "n 4, 2 cells"]
    assert told["verdict"][0].startswith("No verdict")
    assert (tmp_path / "out" / "report.md").exists()
    assert "No verdict" in ran(config, "--report").stdout


def test_of_the_loss_less_is_better() -> None:
    (arm,) = [one for one in results(by_diversity, (1,)) if one.kinds == 8]
    assert counts([arm], LOSS, "unseen").share == pytest.approx(2.0 - by_diversity(16, 8))
