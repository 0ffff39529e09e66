import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.metrics.labelled import labelled

from tdscaling.errors import DataError
from tdscaling.metrics import NearDuplicates, Tally, describe, entropy, mean_distance, vendi, vendi_of
from tdscaling.metrics.complexity import action_complexity, band, code_branches
from tdscaling.metrics.duplicates import sketch
from tdscaling.metrics.shingles import Shingles, jaccard
from tdscaling.types import BANDS, Dialogue, Message, ToolCall

COUNTS = st.dictionaries(st.text(max_size=3), st.integers(0, 1000), max_size=12)
SETS = st.lists(st.frozensets(st.integers(0, 30), max_size=12), min_size=2, max_size=12)


@pytest.mark.requirement("metrics.entropy")
@given(COUNTS, st.integers(1, 20))
def test_entropy_lies_between_nothing_and_log_k(counts: dict[str, int], k: int) -> None:
    found = entropy(counts, k)
    assert 0.0 <= found.raw <= math.log(max(found.k, 1)) + 1e-9
    assert 0.0 <= found.normalised <= 1.0
    assert found.effective <= max(1, sum(count > 0 for count in counts.values())) + 1e-9


@pytest.mark.requirement("metrics.entropy")
@given(st.integers(2, 50), st.integers(1, 9))
def test_equal_shares_reach_the_greatest_entropy(k: int, each: int) -> None:
    assert entropy(dict.fromkeys(range(k), each), k).normalised == pytest.approx(1.0)


def test_an_empty_domain_of_the_catalogue_costs() -> None:
    assert entropy({"a": 5, "b": 5}, 4).normalised == pytest.approx(0.5)


@pytest.mark.requirement("metrics.complexity")
@given(st.integers(0, 40), st.integers(0, 9), st.booleans(), st.booleans(), st.integers(0, 40))
def test_action_complexity_is_at_least_one_and_grows_with_every_part(
    leaves: int, depth: int, hop: bool, recovers: bool, branches: int
) -> None:
    one = action_complexity(leaves=leaves, depth=depth, hop=hop, recovers=recovers, branches=branches)
    more = action_complexity(leaves=leaves + 1, depth=depth + 1, hop=True, recovers=True, branches=branches + 1)
    assert 1.0 <= one < more


@pytest.mark.requirement("metrics.complexity")
def test_bands_double_and_there_is_a_name_for_each() -> None:
    assert [band(value) for value in (0.0, 4.0, 8.0, 16.0, 32.0, 64.0, 1e9)] == [0, 1, 2, 3, 4, 5, 5]
    assert len(BANDS) == 6


@given(st.text(max_size=200))
def test_any_text_has_a_number_of_branches(text: str) -> None:
    assert code_branches(text) >= 0


@pytest.mark.requirement("metrics.vendi")
@given(st.integers(1, 12), st.integers(1, 5), st.integers(0, 10**6))
def test_the_vendi_score_lies_between_one_and_n_and_both_forms_agree(n: int, d: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(n, d))
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    score = vendi(unit @ unit.T)
    assert 1.0 <= score <= n
    assert vendi_of(vectors) == pytest.approx(score, rel=1e-6)


@given(SETS)
def test_the_mean_distance_of_call_sets_lies_between_nought_and_one(sets: list[frozenset[int]]) -> None:
    assert 0.0 <= mean_distance(sets) <= 1.0


def test_the_estimated_mean_distance_is_near_the_exact_one() -> None:
    rng = np.random.default_rng(3)
    sets = [frozenset(map(int, rng.integers(0, 40, 15))) for _ in range(260)]
    exact = np.mean([1 - jaccard(a, b) for i, a in enumerate(sets) for b in sets[:i]])
    assert mean_distance(sets) == pytest.approx(float(exact), abs=0.03)


def words(count: int, changed: int = 0) -> Dialogue:
    text = " ".join(f"w{number}" if number >= changed else f"v{number}" for number in range(count))
    return Dialogue(messages=(Message(role="user", content=text),))


@pytest.mark.requirement("metrics.duplicates")
def test_a_dialogue_with_a_few_other_words_is_a_near_duplicate_and_one_with_many_is_not() -> None:
    seen = NearDuplicates()
    assert seen.add("a", words(100)) is None
    assert seen.add("b", words(100, 8)) == "a"
    assert seen.add("c", words(100, 40)) is None
    assert len(seen) == 2


@pytest.mark.requirement("metrics.duplicates")
def test_the_same_words_with_other_calls_are_no_near_duplicate() -> None:
    seen = NearDuplicates()
    call = Message(role="assistant", tool_calls=(ToolCall(id="1", name="get", arguments={"a": 1}),))
    other = Message(role="assistant", tool_calls=(ToolCall(id="1", name="get", arguments={"b": 1}),))
    user = Message(role="user", content="the same words every time")
    assert seen.add("a", Dialogue(messages=(user, call))) is None
    assert seen.add("b", Dialogue(messages=(user, other))) is None
    assert seen.add("c", Dialogue(messages=(user, call))) == "a"


@pytest.mark.requirement("metrics.duplicates")
@given(st.lists(st.tuples(*[st.frozensets(st.integers(0, 2**32 - 1), max_size=9)] * 2), max_size=9))
def test_what_is_called_a_duplicate_is_one_and_a_restored_set_answers_alike(
    pairs: list[tuple[frozenset[int], frozenset[int]]],
) -> None:
    seen = NearDuplicates()
    sets = {str(number): Shingles(*pair) for number, pair in enumerate(pairs)}
    for key, one in sets.items():
        other = seen.add_sketch(key, sketch(one))
        assert other is None or min(map(jaccard, one, sets[other])) >= 0.8
    again = NearDuplicates.restore(seen.state())
    assert again.state() == seen.state()
    for number, one in enumerate(sets.values()):
        assert again.add_sketch(f"new {number}", sketch(one)) is not None


@pytest.mark.requirement("metrics.duplicates")
def test_a_state_of_another_shape_is_refused() -> None:
    with pytest.raises(DataError, match="rebuild"):
        NearDuplicates.restore({"a": "nonsense"})


@pytest.mark.requirement("metrics.summary")
@given(st.lists(st.integers(0, 40), min_size=1, max_size=20), st.integers(0, 20))
def test_the_summary_of_a_whole_is_that_of_its_merged_parts(chosen: list[int], cut: int) -> None:
    found = [DESCRIBED[number] for number in chosen]
    whole, left, right = Tally(), Tally(), Tally()
    for number, (dialogue, descriptor) in enumerate(found):
        whole.add(dialogue, descriptor)
        (left if number < cut else right).add(dialogue, descriptor)
    left.merge(right)
    assert left.summary(5) == whole.summary(5)
    assert sum(whole.summary().bands) == len(chosen) == sum(Counter(whole.summary().primary_modes).values())


def described() -> list[tuple[Dialogue, object]]:
    found = []
    for number, item in enumerate(labelled()[:41]):
        dialogue = Dialogue(messages=tuple(item.messages), tools=tuple(item.tools))
        found.append((dialogue, describe(dialogue, f"domain {number % 4}")))
    return found


DESCRIBED = described()
