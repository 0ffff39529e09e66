"""Prices that fall with the quantity."""


def tiered_total(quantity: int, tiers: list[list[float]], minimum: float = 0.0) -> float:
    """The price of a quantity in cents where each tier `[from, unit price]` holds for the units from there on.

    Units are numbered from 1 and every unit costs what its own tier says. The total is at least `minimum`.

    >>> tiered_total(12, [[1, 10], [11, 8]])
    116
    >>> tiered_total(1, [[1, 10]], 25)
    25
    """
    ordered = sorted(tiers)
    total: float = 0
    for place, (begins, price) in enumerate(ordered):
        last = quantity
        if place + 1 < len(ordered):
            last = min(quantity, ordered[place + 1][0] - 1)
        units = max(0, last - begins + 1)
        total += units * price
    return max(total, minimum)
