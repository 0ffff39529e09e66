"""Strategies, the watch over collapse and the stop rule."""

from collections import Counter

import pytest
from tests.evolution.worlds import CLUSTERS, MODES, kept, play

from tdscaling.config.evolution import EvolutionSettings, Strategy
from tdscaling.evolution import Course, Told, Watch
from tdscaling.evolution.baselines import FEW, PATIENCE
from tdscaling.types import BANDS, Cell, Target

STRATEGIES: tuple[Strategy, ...] = ("evolution", "uniform", "quantity")


def course(strategy: Strategy = "evolution", seed: int = 3, **settings: float) -> Course:
    return Course.of("business", strategy, CLUSTERS, MODES, seed, {}, EvolutionSettings.model_validate(settings))


def cells(targets: list[Target]) -> Counter[Cell]:
    return Counter(Cell(target.domain, target.mode, target.band) for target in targets)


@pytest.mark.requirement("evolution.strategies")
def test_the_strategies_spread_as_their_names_say() -> None:
    spread = {name: len(cells([*play(course(name), lambda t, _: kept(t), 120).targets])) for name in STRATEGIES}
    assert spread["quantity"] == FEW
    assert spread["evolution"] > spread["uniform"] > 4 * spread["quantity"]


@pytest.mark.requirement("evolution.strategies")
def test_uniform_draws_every_cell_alike_whatever_comes_of_it() -> None:
    asked = play(course("uniform"), lambda t, _: Told() if t.mode == "direct" else kept(t), 4800)
    counts = cells([*asked.targets])
    assert len(counts) == len(CLUSTERS) * len(MODES) * len(BANDS)
    assert max(counts.values()) < 3 * min(counts.values())


@pytest.mark.requirement("evolution.strategies")
def test_quantity_gives_the_place_of_a_barren_cell_to_another() -> None:
    asked = play(course("quantity"), lambda t, _: Told() if t.mode in ("direct", "parallel") else kept(t), 400)
    counts = cells([*asked.last(100)])
    assert len(counts) == FEW
    assert not {cell for cell in counts if cell.mode in ("direct", "parallel")}
    barren = [count for cell, count in cells([*asked.targets]).items() if cell.mode in ("direct", "parallel")]
    assert not barren or max(barren) < PATIENCE + 6


@pytest.mark.requirement("evolution.strategies", "evolution.seeded")
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_course_is_the_same_for_the_same_seed_and_another_for_another(strategy: Strategy) -> None:
    one, two, other = (play(course(strategy, seed), lambda t, _: kept(t), 60).targets for seed in (1, 1, 2))
    assert one == two != other


def planted(target: Target, number: int) -> Told:
    """From the 180th target on, one cell costs a tenth of what the others of its band cost."""
    cheap = number >= 180 and (target.domain, target.mode, target.band) == ("retail", "direct", 1)
    return kept(target, 2 if cheap else 20)


@pytest.mark.requirement("evolution.collapse")
@pytest.mark.parametrize("seed", range(2))
def test_a_cell_that_becomes_ten_times_cheaper_collapses_the_run_and_this_is_undone_within_a_window(seed: int) -> None:
    made = course(seed=seed, window=60, fall=0.1)
    calm = course(seed=seed, window=60, fall=0.1)
    play(made, planted, 480)
    play(calm, lambda t, _: kept(t), 480)
    assert not calm.report().events
    events = made.report().events
    fallen = [event for event in events if not event.over]
    assert fallen, "the collapse was detected"
    assert all(event.at > 180 for event in events)
    assert "retail/direct/band 1" in fallen[0].cause
    assert len(fallen) < 5, "it does not come again and again"
    for event in fallen:
        if event.at > 420:
            continue  # the course ends before the window does
        back = [other.at for other in events if other.over and other.of == event.of and other.at > event.at]
        assert back, f"{event} was undone"
        assert back[0] - event.at <= 60


@pytest.mark.requirement("evolution.collapse")
def test_the_watch_says_what_fell_and_when_it_is_back() -> None:
    watch = Watch(domains=2, window=12, fall=0.2)
    for number in range(24):
        watch.see(Cell(("a", "b")[number % 2], MODES[number % 6], 0))
    assert not watch.events
    for _ in range(8):
        watch.see(Cell("a", "direct", 1))
    assert sorted((event.of, event.over) for event in watch.events) == [("domain", False), ("mode", False)]
    assert watch.collapsed
    mode = next(event for event in watch.events if event.of == "mode")
    most = mode.cause.split()[3]
    assert mode.cause == (
        f"mode direct holds {most} of the last 12, {mode.at - 24 + 4} of all {mode.at};"
        f" {mode.at - 24} of them lie in a/direct/band 1"
    )
    for number in range(24):
        watch.see(Cell(("a", "b")[number % 2], MODES[number % 6], 0))
    assert sorted(event.of for event in watch.events if event.over) == ["domain", "mode"]
    assert not watch.collapsed


@pytest.mark.requirement("evolution.stop")
def test_a_course_ends_when_a_window_brings_nothing_new_and_says_so() -> None:
    made = course("uniform", window=40, least_gain=0.05)
    asked = play(made, lambda t, _: kept(t), 5000)
    assert 120 < len(asked.targets) < 1000, "it did not end while there were empty cells to fill"
    assert made.ask(5) == []
    assert made.report().stopped.endswith("of the last 40 kept came into empty cells")
    endless = course("uniform", window=40)
    assert len(play(endless, lambda t, _: kept(t), 2000).targets) >= 2000
