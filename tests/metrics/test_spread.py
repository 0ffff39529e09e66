import math
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.metrics.test_measure import GOOD, written

from tdscaling.measurement import measure
from tdscaling.metrics import entropy
from tdscaling.metrics.bootstrap import entropy_interval, mean_interval
from tdscaling.metrics.spread import SAMPLE, Sampled

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 500), min_size=1)


@pytest.mark.requirement("metrics.intervals")
@given(COUNTS)
def test_an_interval_holds_its_figure_and_stays_between_nothing_and_log_k(counts: dict[str, int]) -> None:
    low, high = entropy_interval(counts)
    assert 0.0 <= low <= entropy(counts).raw + 1e-9
    assert entropy(counts).raw - 1e-9 <= high <= math.log(len(counts)) + 1e-9


@pytest.mark.requirement("metrics.intervals")
def test_more_rows_make_an_interval_narrower() -> None:
    few, many = (entropy_interval({"a": 3 * times, "b": times}) for times in (10, 1_000))
    assert many.high - many.low < (few.high - few.low) / 5
    low, high = mean_interval(Counter({1.0: 50, 3.0: 50}))
    assert 1.5 < low < 2.0 < high < 2.5


@pytest.mark.requirement("metrics.spread")
def test_like_requests_spread_less_than_unlike_ones(tmp_path: Path) -> None:
    words = "rain tax opera glacier violin passport bakery orbit".split()
    unlike = [{**GOOD, "messages": [{"role": "user", "content": word}, *GOOD["messages"][1:]]} for word in words]
    same = measure(written(tmp_path, *[GOOD] * 8)).spread
    other = measure(written(tmp_path, *unlike)).spread
    assert same is not None
    assert other is not None
    assert same.vendi == pytest.approx(1.0)
    assert 6 < other.vendi <= 8
    assert (same.calls, same.sampled) == (0.0, 8)
    assert measure(written(tmp_path, GOOD), duplicates=False).spread is None


@pytest.mark.requirement("metrics.spread")
def test_a_sample_is_bounded_and_the_same_in_any_order() -> None:
    rows = [(number, f"request {number % 50}", b"") for number in range(SAMPLE + 500)]
    one, two = Sampled(), Sampled()
    for row in rows:
        one.add(*row)
    for row in reversed(rows):
        two.add(*row)
    assert one.spread() == two.spread()
    assert one.spread().sampled == SAMPLE
