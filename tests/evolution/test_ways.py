"""How a target is served, a new plan or a mutation of a kept one, follows from what came of either before."""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from tests.evolution.worlds import CLUSTERS, MODES, kept, play

from tdscaling.config.evolution import EvolutionSettings
from tdscaling.evolution import Archive, Course, Slot, Told, Ways
from tdscaling.evolution.mutations import MUTATIONS
from tdscaling.types import Target


def course(most: float = 0.5, seed: int = 3) -> Course:
    return Course.of("business", "evolution", CLUSTERS, MODES, seed, {}, EvolutionSettings(mutations=most))


def fresh_fails(target: Target, _: int) -> Told:
    """A world in which only mutations reach the upper bands, and of these only one."""
    if target.band > 2 and target.mutation != "deepen":
        return Told(item=str(target.seed))
    return kept(target)


def new_plans_stay_short(target: Target, _: int) -> Told:
    """A world in which only mutations reach the upper bands."""
    return Told(item=str(target.seed)) if target.band > 2 and not target.mutation else kept(target)


@pytest.mark.requirement("evolution.ways")
def test_a_mutation_starts_from_a_kept_item_of_its_cluster_in_the_right_mode_and_band() -> None:
    items: dict[str, Target] = {}
    made = play(course(), new_plans_stay_short, 200).targets
    mutated = 0
    for target in made:
        if target.mutation:
            mutated += 1
            parent, mutation = items[target.parent], MUTATIONS[target.mutation]
            assert parent.cluster == target.cluster
            assert target.mode == (mutation.mode or parent.mode)
            assert (parent.mode == target.mode) == (mutation.mode is None)
            assert mutation.bands[0] <= target.band - parent.band <= mutation.bands[1]
        items[str(target.seed)] = target
    assert 0 < mutated <= 100


@pytest.mark.requirement("evolution.ways")
def test_of_bands_worth_the_same_the_highest_is_aimed_at() -> None:
    slots = [Slot("c0", "retail", "direct", band) for band in range(6)]
    alike, higher = [1.0] * 6, [1.0, 2.0, 2.0, 2.0, 1.0, 1.0]
    chosen = [Ways().choose(slots, Archive(), Random(1), 0.5, worth, alike).slot.band for worth in (alike, higher)]
    assert chosen == [5, 3], "a plan passes the others on its way"


@pytest.mark.requirement("evolution.ways")
def test_without_a_share_for_mutations_all_plans_are_new() -> None:
    assert not any(target.mutation for target in play(course(most=0.0), lambda t, _: kept(t), 200).targets)


@pytest.mark.requirement("evolution.ways")
def test_the_way_that_reaches_a_cell_is_taken_ever_more() -> None:
    asked = play(course(most=0.9), fresh_fails, 500)
    upper = [target for target in asked.targets if target.band > 2]
    early, late = upper[: len(upper) // 3], upper[-len(upper) // 3 :]
    share = [sum(target.mutation == "deepen" for target in part) / len(part) for part in (early, late)]
    assert share[1] > max(share[0], 0.9)


@pytest.mark.requirement("evolution.ways")
def test_what_came_of_each_mutation_is_told_by_cell() -> None:
    made = course(most=0.9)
    asked = play(made, fresh_fails, 300)
    tried = Counter(target.mutation for target in asked.targets if target.mutation)
    rows = made.report().mutations
    assert Counter({name: sum(row.tried for row in rows if row.mutation == name) for name in tried}) == tried
    upper = [row for row in rows if row.cell.band > 2]
    assert upper
    assert all(row.landed == row.kept == (row.tried if row.mutation == "deepen" else 0) for row in upper)


@pytest.mark.requirement("evolution.ways")
def test_the_least_used_parent_comes_first_and_of_equals_the_best() -> None:
    archive = Archive()
    target = Target(cluster="c0", domain="retail", mode="direct", band=1, seed=0)
    for seed, messages in ((1, 30), (2, 10), (3, 20)):
        told = kept(replace(target, seed=seed), messages)
        assert told.descriptor
        archive.tell(target, replace(told, descriptor=replace(told.descriptor, cac=6.0)))
    ways = Ways(most=1.0)
    for _ in range(40):  # nothing new works, so mutations are drawn
        ways.tell(replace(target, band=2), Told())
    slot = Slot("c0", "retail", "direct", 2)
    taken = [ways.choose([slot], archive, Random(seed), 0.05, [1.0] * 6, [1.0] * 6).way for seed in range(30)]
    first = next(way.parent for way in taken if way.mutation)
    assert first == "2", "the one with the most complexity by message"
    assert max(Counter(way.parent for way in taken if way.mutation).values()) < len(taken) / 2
