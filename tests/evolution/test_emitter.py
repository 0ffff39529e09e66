"""Targets follow what came of the earlier ones."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import cluster

from tdscaling.evolution import Emitter, Told
from tdscaling.evolution.memory import BANDS_ASKED
from tdscaling.types import Descriptor, Mode, Target

MODES: tuple[Mode, ...] = ("direct", "sequential", "parallel", "abstaining")
CLUSTERS = (
    replace(cluster("stock"), domain="retail"),
    replace(cluster("courier"), domain="transport"),
    replace(cluster("stock"), id="stock again", domain="retail"),
)


def emitter(seed: int = 3) -> Emitter:
    return Emitter(CLUSTERS, MODES, seed)


def landed(target: Target, **other: str | int) -> Descriptor:
    """The descriptor of a trajectory that landed where it was aimed, but for `other`."""
    place: dict[str, str | int] = {"domain": target.domain, "primary_mode": target.mode, "band": target.band, **other}
    return Descriptor(
        domain=str(place["domain"]),
        modes=(str(place["primary_mode"]),),
        primary_mode=str(place["primary_mode"]),
        cac=1.0,
        band=int(place["band"]),
        calls=1,
        turns=1,
        servers=("stock",),
    )


def told(descriptor: Descriptor | None) -> Told:
    """A trajectory that was kept there, or a plan that fell."""
    return Told(kept=descriptor is not None, descriptor=descriptor, messages=6 if descriptor else 0)


def run(
    made: Emitter, outcome: Callable[[Target], Descriptor | None], rounds: int = 25, batch: int = 12
) -> list[Target]:
    """Rounds of asking and telling."""
    asked: list[Target] = []
    for _ in range(rounds):
        targets = made.ask(batch)
        for target in targets:
            made.tell(target, told(outcome(target)))
        asked.extend(targets)
    return asked


@pytest.mark.requirement("evolution.seeded")
@given(st.integers(0, 1000), st.lists(st.sampled_from(["kept", "failed", "elsewhere"]), max_size=30))
def test_the_same_outcomes_give_the_same_targets(seed: int, outcomes: list[str]) -> None:
    def asked() -> list[Target]:
        made, found = emitter(seed), list[Target]()
        for outcome in outcomes:
            target = made.ask(2)[0]
            found.append(target)
            band = landed(target, band=3) if outcome == "elsewhere" else landed(target)
            made.tell(target, told(None if outcome == "failed" else band))
        return [*found, *made.ask(5)]

    assert asked() == asked()


@pytest.mark.requirement("evolution.seeded")
def test_another_seed_gives_other_targets() -> None:
    assert emitter(1).ask(10) != emitter(2).ask(10)


@pytest.mark.requirement("evolution.seeded")
def test_the_order_in_which_clusters_are_given_does_not_count() -> None:
    assert Emitter(CLUSTERS, MODES, 1).ask(20) == Emitter(CLUSTERS[::-1], MODES, 1).ask(20)


@pytest.mark.requirement("evolution.seeded")
def test_no_two_targets_share_a_seed() -> None:
    asked = run(emitter(), landed)
    assert len({target.seed for target in asked}) == len(asked)


@pytest.mark.requirement("evolution.spread")
def test_with_nothing_told_all_are_asked_for_alike() -> None:
    """A domain of two clusters a little more, as either is the thinner."""
    asked = emitter().ask(240)
    for counts in (Counter(t.mode for t in asked), Counter(t.band for t in asked), Counter(t.domain for t in asked)):
        assert min(counts.values()) >= 0.75 * max(counts.values())
    assert {target.band for target in asked} == set(BANDS_ASKED)


@pytest.mark.requirement("evolution.failing")
def test_a_mode_that_always_fails_is_asked_for_ever_less() -> None:
    asked = run(emitter(), lambda target: None if target.mode == "parallel" else landed(target), rounds=100)
    share = [sum(target.mode == "parallel" for target in asked[start : start + 300]) for start in (0, 300, 900)]
    assert share[0] > max(share[1:])
    assert share[0] < 0.5 * 300 / len(MODES)


@pytest.mark.requirement("evolution.failing")
def test_a_cluster_that_always_fails_is_asked_for_less_than_its_like() -> None:
    asked = run(emitter(), lambda target: None if target.cluster == "stock again" else landed(target))
    late = Counter(target.cluster for target in asked[len(asked) // 2 :])
    assert late["stock again"] < 0.5 * late["stock"]


@pytest.mark.requirement("evolution.learned_once")
def test_a_mode_that_can_not_be_made_from_a_cluster_costs_few_targets_over_all_its_bands() -> None:
    """A world in which one mode never comes out of one cluster and all else does."""

    def outcome(target: Target) -> Descriptor | None:
        return None if (target.cluster, target.mode) == ("stock", "parallel") else landed(target)

    for seed in range(5):
        asked = run(emitter(seed), outcome, rounds=25, batch=12)
        wasted = [target for target in asked if outcome(target) is None]
        assert len(wasted) < 0.6 * len(asked) / (len(MODES) * len(CLUSTERS)), "less than a fair share of the targets"
        elsewhere = Counter(target.cluster for target in asked if target.mode == "parallel")
        assert elsewhere["courier"] > 3 * elsewhere["stock"]


@pytest.mark.requirement("evolution.learned_once")
def test_a_mode_that_can_be_made_nowhere_costs_ever_fewer_targets() -> None:
    asked = run(emitter(), lambda target: None if target.mode == "parallel" else landed(target), rounds=50)
    early, late = asked[:300], asked[300:]
    share = [sum(target.mode == "parallel" for target in part) / len(part) for part in (early, late)]
    assert share[1] < share[0] < 0.3 / len(MODES)


@pytest.mark.requirement("evolution.feasible")
def test_a_mode_that_can_not_be_planned_in_a_cluster_is_not_asked_for_there() -> None:
    made = Emitter(CLUSTERS, MODES, 3, {"stock": {"direct", "abstaining"}})
    asked = run(made, landed)
    assert {target.mode for target in asked if target.cluster == "stock"} == {"direct", "abstaining"}
    assert {target.mode for target in asked if target.cluster == "courier"} == set(MODES)
    assert Emitter(CLUSTERS[:1], MODES, 3, {"stock": ()}).ask(3) == []


@pytest.mark.requirement("evolution.never_gives_up")
def test_what_fails_is_still_tried_now_and_then() -> None:
    asked = run(emitter(), lambda target: None if target.mode == "parallel" else landed(target), rounds=60)
    assert any(target.mode == "parallel" for target in asked[-240:])


@pytest.mark.requirement("evolution.thin")
@pytest.mark.parametrize(
    ("field", "full"), [("mode", "direct"), ("domain", "retail"), ("band", 0)], ids=["mode", "domain", "band"]
)
def test_what_is_full_is_asked_for_less_than_what_is_thin(field: str, full: str | int) -> None:
    made = emitter()
    plenty = [target for target in emitter(99).ask(400) if getattr(target, field) == full]
    for target in plenty:
        made.tell(target, told(landed(target)))
    counts = Counter(getattr(target, field) for target in made.ask(48))
    assert all(counts[full] < number for value, number in counts.items() if value != full)
    assert counts[full] < 48 / (len(counts) + 1)


@pytest.mark.requirement("evolution.thin")
def test_while_one_is_not_told_of_the_next_target_is_of_another_domain_or_mode() -> None:
    groups = [(target.domain, target.mode) for target in emitter().ask(8)]
    assert len(set(groups)) == 8


@pytest.mark.requirement("evolution.thin")
def test_a_target_names_the_bands_in_which_there_is_nothing_yet_and_nothing_expected() -> None:
    made, filled, named = emitter(), set[tuple[str, str, int]](), 0
    for _ in range(20):
        targets = made.ask(3)
        for target in targets:
            assert not {(target.domain, target.mode, band) for band in target.free} & filled
            named += len(target.free)
        for target in targets:
            made.tell(target, told(landed(target)))
            filled.add((target.domain, target.mode, target.band))
    assert named > 0
    (first,) = emitter().ask(1)
    assert first.free == BANDS_ASKED


@pytest.mark.requirement("evolution.thin")
def test_a_band_that_no_plan_of_a_mode_can_stop_in_is_not_named_as_free() -> None:
    made, free = emitter(), dict[str, set[int]]()
    for _ in range(120):
        for target in made.ask(1):
            lowest = 2 if target.mode == "parallel" else 0
            band = max(target.band, lowest)
            passed = tuple(range(lowest, band + 1))
            made.tell(target, replace(told(landed(target, band=band)), bands=passed))
            free.setdefault(target.mode, set()).update(target.free)
    later = [target for target in made.ask(40) if target.mode == "parallel"]
    assert free["parallel"] == set(BANDS_ASKED), "nothing was known at first"
    assert not {0, 1} & {band for target in later for band in target.free}


@pytest.mark.requirement("evolution.counted")
def test_a_cell_that_is_aimed_at_and_never_hit_does_not_starve_the_others() -> None:
    """All that is aimed at band 0 is kept, but lands in band 2."""
    asked = run(emitter(), lambda target: landed(target, band=2) if target.band == 0 else landed(target), rounds=50)
    where = Counter(2 if target.band == 0 else target.band for target in asked)
    assert min(where[1], where[3]) > 0.5 * where[2]


@pytest.mark.requirement("evolution.counted")
def test_where_a_trajectory_landed_fills_that_cell() -> None:
    made = emitter()
    target = next(target for target in made.ask(40) if target.band == 0)
    made.tell(target, told(landed(target, band=3)))
    assert list(made.memory.archive.cells) == [landed(target, band=3).cell]


@settings(max_examples=10)
@given(st.lists(st.integers(1, 7), min_size=1, max_size=5))
def test_targets_that_nobody_has_told_of_yet_count_so_asking_in_parts_is_asking_at_once(parts: list[int]) -> None:
    def begun() -> Emitter:
        made = emitter()
        run(made, lambda target: None if target.mode == "parallel" else landed(target), rounds=4, batch=9)
        return made

    one, other = begun(), begun()
    assert [target for part in parts for target in one.ask(part)] == other.ask(sum(parts))


@pytest.mark.requirement("evolution.landing")
def test_a_band_that_is_reached_only_from_above_is_aimed_at_from_there() -> None:
    """What is aimed at band 3 lies in band 1, what is aimed at band 5 in band 3, and nothing else lies there."""
    lies = {3: 1, 5: 3}

    def outcome(target: Target) -> Descriptor:
        return landed(target, band=lies.get(target.band, target.band))

    late = run(emitter(), outcome)[60:]
    aims = Counter(target.band for target in late)
    assert aims[5] > 2 * aims[3]
    bands = Counter(outcome(target).band for target in late)
    assert min(bands[band] for band in (0, 1, 2, 3, 4)) > 0.1 * len(late)


@pytest.mark.requirement("evolution.fitting")
def test_a_mutation_that_a_kept_plan_rules_out_is_not_asked_of_it() -> None:
    made = emitter()
    for _ in range(30):
        for target in made.ask(12):
            keeps = target.band < 3 or bool(target.mutation)
            made.tell(target, replace(told(landed(target) if keeps else None), item="x", fits=frozenset({"merge"})))
    tried = {one.mutation for one in made.ways.successes()}
    assert tried == {"merge"}


@pytest.mark.requirement("evolution.pending")
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4), st.booleans()), max_size=12))
def test_what_is_expected_of_targets_under_way_is_theirs_alone(steps: list[tuple[int, int, bool]]) -> None:
    one, waiting = emitter(), list[Target]()
    for asked, told, kept in steps:
        waiting += one.ask(asked)
        for target in waiting[:told]:
            lies = landed(target) if kept else None
            one.tell(target, Told(item=f"{target.seed}", kept=kept, descriptor=lies, messages=5 * kept))
        del waiting[:told]
        expected = Counter[object]()
        for target in one._open.values():  # pyright: ignore[reportPrivateUsage]
            for cell, parts in target.adds:
                expected[cell] += parts
        assert +one._expected == +expected  # pyright: ignore[reportPrivateUsage]
        assert len(one._open) == len(waiting)  # pyright: ignore[reportPrivateUsage]
