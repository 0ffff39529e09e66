"""Lengths of months and due dates."""


def days_in_month(year: int, month: int) -> int:
    """The number of days of a month; ValueError for a month outside 1 to 12.

    >>> days_in_month(2024, 2), days_in_month(1900, 2), days_in_month(2025, 4)
    (29, 28, 30)
    """
    if month < 1 or month > 12:
        raise ValueError(f"no month {month}")
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31
