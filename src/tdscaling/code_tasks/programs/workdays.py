"""Working days."""

from datetime import date, timedelta


def count_workdays(first: str, last: str, holidays: list[str]) -> int:
    """The days from Monday to Friday from `first` to `last`, both included, that are no holidays.

    Dates are written as 2026-03-31. Raises ValueError when `last` lies before `first`.

    >>> count_workdays("2026-03-02", "2026-03-08", ["2026-03-04"])
    4
    """
    day = date.fromisoformat(first)
    end = date.fromisoformat(last)
    if end < day:
        raise ValueError("the last day lies before the first")
    count = 0
    while day <= end:
        if day.weekday() < 5 and day.isoformat() not in holidays:
            count += 1
        day += timedelta(days=1)
    return count
