"""Loans paid back in equal parts."""


def payment_plan(cents: int, months: int, yearly_percent: int = 6) -> list[list[int]]:
    """Interest and principal of every month in cents, the principal in equal parts.

    Interest is on what is still owed, rounded down; the last month pays what remains. Raises ValueError for
    less than one month.

    >>> payment_plan(1000, 3)
    [[5, 333], [3, 333], [1, 334]]
    """
    if months < 1:
        raise ValueError("at least one month")
    owed = cents
    part = cents // months
    plan: list[list[int]] = []
    for month in range(1, months + 1):
        interest = owed * yearly_percent // 1200
        paid = part if month < months else owed
        plan.append([interest, paid])
        owed -= paid
    return plan
