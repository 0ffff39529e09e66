"""Values are equal as people see them."""

import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tdscaling.types import JsonScalar
from tdscaling.values import normal

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=80)
    | st.from_regex(r"[-+]?\d{1,6}(,\d{3})*(\.\d{1,4})?(e\d)?", fullmatch=True)
    | st.from_regex(r"\d{1,2}(:\d{2})? ?[ap]m", fullmatch=True)
)  # fmt: skip


@pytest.mark.requirement("values.normal")
@given(SCALARS)
@example("١٢")
@example("1e400")
@example(1e22)
@example(-0.0)
def test_the_canonical_text_of_a_canonical_text_is_itself(value: JsonScalar) -> None:
    assert normal(normal(value)) == normal(value)


@pytest.mark.requirement("values.normal")
@given(st.text(max_size=60), st.sampled_from([" ", "  ", "\n", "\t"]))
def test_case_and_outer_spacing_do_not_count(text: str, space: str) -> None:
    assert normal(f"{space}{text.casefold()}{space}") == normal(text)


@pytest.mark.requirement("values.normal")
@given(st.integers(-(10**12), 10**12))
def test_a_number_and_the_ways_to_write_it_are_one(number: int) -> None:
    forms: list[JsonScalar] = [number, float(number), str(number), f"{number:,}", f" {number}.0", f"{number:,}.00"]
    assert {normal(form) for form in forms} == {str(number)}


@pytest.mark.requirement("values.normal")
@given(st.floats(min_value=-1e9, max_value=1e9, allow_nan=False))
def test_a_float_and_its_text_are_one(number: float) -> None:
    assert normal(number) == normal(repr(number))


@pytest.mark.requirement("values.normal")
@given(st.dates(min_value=datetime.date(1000, 1, 1)))
def test_a_date_and_the_ways_to_write_it_are_one(day: datetime.date) -> None:
    month = day.strftime("%B")
    forms = [
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}.{day.month:02}.{day.day:02}",
        f"{day.day} {month} {day.year}",
        f"{day.day}th {month[:3]} {day.year}",
        f"{month} {day.day}, {day.year}",
        f"{month[:3].upper()}. {day.day} {day.year}",
    ]
    assert {normal(form) for form in forms} == {day.isoformat()}


@pytest.mark.requirement("values.normal")
@given(st.times())
def test_a_time_of_day_and_the_ways_to_write_it_are_one(time: datetime.time) -> None:
    half = "pm" if time.hour >= 12 else "am"
    twelve = time.hour % 12 or 12
    forms = [f"{time.hour:02}:{time.minute:02}", f"{twelve}:{time.minute:02} {half}",
             f"{twelve}:{time.minute:02}{half[0]}.m.", f"{time.hour}:{time.minute:02}:00"]  # fmt: skip
    assert {normal(form) for form in forms} == {f"{time.hour:02}:{time.minute:02}"}


@pytest.mark.requirement("values.normal")
@given(st.integers(), st.integers())
def test_different_numbers_stay_different(one: int, two: int) -> None:
    assert (normal(one) == normal(two)) == (one == two)


@pytest.mark.requirement("values.normal")
@pytest.mark.parametrize(
    ("one", "two"),
    [("007", 7), ("7", "7a"), (True, "yes"), (True, 1), (None, ""), ("1,00", 100), ("12-13", "12/13"),
     ("2026-13-01", "2026-01-13"), ("main", "mains"), ("1.2.3", "1.2"), ("12:60 cm", "12:60")],
)  # fmt: skip
def test_what_only_looks_alike_stays_different(one: JsonScalar, two: JsonScalar) -> None:
    assert normal(one) != normal(two)
