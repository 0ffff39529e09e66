"""Arms and their schedules: equal tokens, equal steps, nested draws, refusals."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scaling.pools import samples

from tdscaling.config.experiment import ArmSettings, GridSettings, TrainingSettings
from tdscaling.errors import DataError
from tdscaling.scaling.arms import Arm, Drawing, designs
from tdscaling.scaling.pool import FAMILIES, Sample
from tdscaling.scaling.schedule import TOLERANCE, filled, scheduled

ARMS = ArmSettings(
    quantity=(2, 4, 8),
    few_cells=2,
    diversity=(2, 4),
    diversity_n=8,
    diversity_by=("cell", "service"),
    grid=GridSettings(n=(4, 8), cells=(2, 4)),
    selection_tokens=800,
    code_shares=(0.0, 0.2, 0.4),
)
TRAINING = TrainingSettings(budget_tokens=12_000, step_tokens=1_000)


def drawing(pool: tuple[Sample, ...], seed: int = 1, settings: ArmSettings = ARMS) -> Drawing:
    return Drawing(pool, settings, TRAINING, seed)


def drawn(pool: tuple[Sample, ...], seed: int = 1) -> dict[str, Arm]:
    return {one.name: drawing(pool, seed).arm(one) for one in designs(ARMS)}


@pytest.mark.requirement("scaling.equal_tokens", "scaling.arms")
def test_every_arm_processes_the_same_tokens_in_the_same_steps(tmp_path: Path) -> None:
    arms = drawn(samples(tmp_path))
    for arm in arms.values():
        tokens = sum(arm.samples[place].tokens for step in arm.schedule.steps for place in step)
        assert tokens == arm.schedule.tokens
        assert abs(tokens - 12_000) <= TOLERANCE * 12_000
        assert len(arm.schedule.steps) == 12
        seen = {place for step in arm.schedule.steps for place in step}
        assert seen == set(range(len(arm.samples)))
    assert {arm.design.axes for arm in arms.values()} >= {("quantity",), ("selection",), ("code",)}


@pytest.mark.requirement("scaling.arms")
def test_quantity_arms_grow_within_the_same_few_cells_and_diversity_arms_at_the_same_n(tmp_path: Path) -> None:
    arms = drawn(samples(tmp_path))
    few = [arms[f"n {n}, 2 cells"] for n in (2, 4, 8)]
    assert [len(arm.samples) for arm in few] == [2, 4, 8]
    assert [arm.cells for arm in few] == [2, 2, 2]
    assert {one.id for one in few[0].samples} < {one.id for one in few[1].samples} < {one.id for one in few[2].samples}
    wide = arms["n 8, 4 cells"]
    assert (len(wide.samples), wide.cells) == (8, 4)
    assert {one.where.cell for one in few[2].samples} < {one.where.cell for one in wide.samples}
    assert wide.design.axes == ("diversity by cell", "grid", "code")


@pytest.mark.requirement("scaling.arms")
def test_code_tasks_take_their_share_of_the_tokens(tmp_path: Path) -> None:
    arms = drawn(samples(tmp_path))
    for share in (0.2, 0.4):
        arm = arms[f"n 8, 4 cells code {share:.0%}"]
        order = [arm.samples[place] for step in arm.schedule.steps for place in step]
        assert sum(one.tokens for one in order if one.code) == pytest.approx(share * 12_000, abs=240)
    assert not any(one.code for one in arms["n 8, 4 cells"].samples)


@pytest.mark.requirement("scaling.arms")
def test_what_select_chooses_reaches_more_domains_than_chance_for_the_same_tokens(tmp_path: Path) -> None:
    arms = drawn(samples(tmp_path))
    chosen, random = arms["select"], arms["random"]
    assert sum(one.tokens for one in chosen.samples) <= 800
    assert sum(one.tokens for one in random.samples) <= 800
    read = FAMILIES["service"]
    assert len({read(one) for one in chosen.samples}) >= len({read(one) for one in random.samples})
    assert len({read(one) for one in chosen.samples}) == 6


@pytest.mark.requirement("scaling.seeded")
def test_the_same_seed_draws_the_same_arms_and_another_seed_others(tmp_path: Path) -> None:
    pool = samples(tmp_path)
    assert drawn(pool) == drawn(pool)
    assert drawn(pool)["n 8, 2 cells"].samples != drawn(pool, 2)["n 8, 2 cells"].samples


@pytest.mark.requirement("scaling.refused")
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (ArmSettings(quantity=(200,)), "have 30 trajectories to train on, 200 are asked for"),
        (ArmSettings(quantity=(), diversity=(40,)), "has 6 cells to train on, 40 are asked for"),
        (ArmSettings(quantity=(30,)), "more than the budget of 500"),
        (ArmSettings(quantity=(1,), few_cells=2), "1 trajectories can't be of 2 cells"),
        (ArmSettings(quantity=(), diversity=(), selection_tokens=50_000), "too few tokens to choose 50000 from"),
    ],
)
def test_a_pool_too_small_is_refused_in_one_line(tmp_path: Path, settings: ArmSettings, said: str) -> None:
    draw = Drawing(samples(tmp_path), settings, TrainingSettings(budget_tokens=500, step_tokens=500), 1)
    with pytest.raises(DataError, match=said) as told:
        draw.arm(designs(settings)[0])
    assert "\n" not in str(told.value)


@pytest.mark.requirement("scaling.refused")
def test_an_arm_that_can_not_be_matched_is_refused() -> None:
    with pytest.raises(DataError, match="900 tokens are the nearest to 1000"):
        filled([300], 1_000, Random(0), "arm")
    with pytest.raises(DataError, match=r"longer than a step of 100 tokens: raise training\.step_tokens"):
        scheduled([350, 50], [0, 1], 4, "arm")


@pytest.mark.requirement("scaling.equal_tokens")
@given(st.lists(st.integers(40, 400), min_size=4, max_size=40), st.integers(0, 5))
def test_any_set_is_filled_to_within_the_tolerance_or_refused(tokens: list[int], seed: int) -> None:
    budget = 2 * sum(tokens) + 777
    try:
        order = filled(tokens, budget, Random(seed), "arm")
    except DataError:
        return
    assert abs(sum(tokens[place] for place in order) - budget) <= TOLERANCE * budget
    counts = [order.count(place) for place in range(len(tokens))]
    assert min(counts) >= 1
