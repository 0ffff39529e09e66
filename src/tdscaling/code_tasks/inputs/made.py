"""What inputs are made of."""

from random import Random
from typing import TypeAlias

from tdscaling.types import JsonValue

Arguments: TypeAlias = list[JsonValue]
"""Of one call, in order."""

WORDS = (
    "amber birch cedar delta ember field grove haven inlet jetty kiosk lemon maple north ocean pearl quill river "
    "stone tower union vault wharf yield zebra ash oak elm fir bay"
).split()


def ints(rng: Random, most: int, low: int, high: int, least: int = 0) -> list[JsonValue]:
    return [rng.randint(low, high) for _ in range(rng.randint(least, most))]


def words(rng: Random, most: int, least: int = 0) -> list[str]:
    return [rng.choice(WORDS) for _ in range(rng.randint(least, most))]


def spans(rng: Random, most: int, high: int) -> list[JsonValue]:
    starts = [rng.randrange(0, high, 15) for _ in range(rng.randint(0, most))]
    return [[start, start + rng.choice((15, 30, 45, 60, 90))] for start in starts]
