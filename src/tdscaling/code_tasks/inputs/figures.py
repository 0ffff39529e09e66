"""Inputs that are numbers, times and grids."""

from datetime import date, timedelta
from random import Random

from tdscaling.code_tasks.inputs.made import Arguments, ints, spans
from tdscaling.types import JsonValue


def bookings(rng: Random) -> Arguments:
    return [spans(rng, 7, 600)]


def change(rng: Random) -> Arguments:
    coins: list[JsonValue] = list(rng.choice(((50, 20, 10, 5, 2, 1), (25, 10, 5, 1), (20, 5), (100, 50, 10, 1))))
    rng.shuffle(coins)
    return [rng.choice((0, -5, rng.randint(1, 200), rng.randint(1, 60) * 5)), coins]


def roman(rng: Random) -> Arguments:
    return [rng.choice((0, 1, 3999, 4000, rng.randint(1, 3999), rng.randint(1, 60)))]


def threshold(rng: Random) -> Arguments:
    values = sorted(rng.randint(0, 30) for _ in range(rng.randint(0, 9)))
    return [list(values), rng.choice((*values, rng.randint(-2, 33)))]


def tiers(rng: Random) -> Arguments:
    begins = sorted({1, rng.randint(5, 12), rng.randint(13, 30)})
    tiers: list[JsonValue] = [[begin, 50 - 8 * place - rng.randint(0, 6)] for place, begin in enumerate(begins)]
    rng.shuffle(tiers)
    quantity = rng.choice((0, 1, *begins, rng.randint(1, 50)))
    return [quantity, tiers] if rng.random() < 0.7 else [quantity, tiers, rng.choice((100, 900))]


def average(rng: Random) -> Arguments:
    values = ints(rng, 8, -20, 60)
    return [values] if rng.random() < 0.5 else [values, rng.choice((0, 1, 2, 4, 5))]


def spread(rng: Random) -> Arguments:
    return [ints(rng, 10, 0, 50, 2)]


def warehouse(rng: Random) -> Arguments:
    stock = {name: rng.randint(0, 8) for name in ("bolt", "nut", "gear")}
    orders: list[JsonValue] = [
        [rng.choice(("bolt", "nut", "gear", "cog")), rng.randint(-1, 5)] for _ in range(rng.randint(0, 8))
    ]
    return [dict(stock), orders]


def loan(rng: Random) -> Arguments:
    plan: Arguments = [rng.randint(1, 900) * 100 + rng.randint(0, 99), rng.choice((0, 1, 2, 3, 6, 7))]
    return plan if rng.random() < 0.5 else [*plan, rng.choice((0, 3, 12))]


def workdays(rng: Random) -> Arguments:
    first = date(2026, 1, 1) + timedelta(days=rng.randint(0, 300))
    last = first + timedelta(days=rng.choice((-1, 0, 1, 5, 6, 7, 12, 20)))
    holidays: list[JsonValue] = [
        (first + timedelta(days=rng.randint(0, 9))).isoformat() for _ in range(rng.randint(0, 3))
    ]
    return [first.isoformat(), last.isoformat(), holidays]


def month(rng: Random) -> Arguments:
    return [rng.choice((1900, 2000, 2023, 2024, 2100)), rng.choice((2, 2, 2, rng.randint(1, 12), 0, 13))]


def grid(rng: Random) -> Arguments:
    width, height = rng.randint(1, 4), rng.randint(0, 4)
    return [[[rng.randint(0, 99) for _ in range(width)] for _ in range(height)]]


def items(rng: Random) -> Arguments:
    return [[[rng.randint(1, 6), rng.randint(1, 12)] for _ in range(rng.randint(0, 6))], rng.randint(0, 14)]


def seats(rng: Random) -> Arguments:
    return [ints(rng, 4, 0, 8, 1), ints(rng, 6, 1, 6)]


def appointments(rng: Random) -> Arguments:
    day: Arguments = [spans(rng, 5, 300), rng.choice((0, 30)), rng.choice((240, 300, 330))]
    return day if rng.random() < 0.6 else [*day, rng.choice((15, 45, 60))]


def bowling(rng: Random) -> Arguments:
    rolls: list[int] = []
    for _ in range(10):
        first = rng.choice((10, rng.randint(0, 9)))
        rolls += [10] if first == 10 else [first, rng.choice((10 - first, rng.randint(0, 10 - first)))]
    return [[*rolls, *(rng.randint(0, 5) for _ in range(2))]]


def parcel(rng: Random) -> Arguments:
    parcel: Arguments = [rng.choice((0, 1, 499, 500, 501, 5000, rng.randint(1, 9000))), rng.choice((1, 1, 2, 3, 4))]
    return rng.choice((parcel, parcel, [*parcel, True], [*parcel, False, 2000]))


def shares(rng: Random) -> Arguments:
    return [
        {
            name: rng.choice((0, rng.randint(0, 90)))
            for name in rng.sample(("ann", "bob", "cy", "dee"), rng.randint(0, 4))
        }
    ]
