"""The order in which an arm is trained on: as many tokens as every other arm, in as many steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tdscaling.errors import DataError

TOLERANCE = 0.005
"""Share of the budget that an arm may process more or less: no two are more than 1 % apart."""


class UnmatchedError(DataError):
    """No part of a pass makes the tokens of an arm those of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Places in the arm's list, step by step, and the tokens of all."""

    steps: tuple[tuple[int, ...], ...]
    tokens: int

    @property
    def rows(self) -> int:
        return sum(len(step) for step in self.steps)


def filled(tokens: Sequence[int], budget: int, rng: Random, name: str, within: float = 0.0) -> list[int]:
    """Places in `tokens`, whole passes in a new order each and a part of one, whose tokens are `budget` to `within` so
    many, TOLERANCE of the budget if not given. Raises DataError where that can't be.

    By hand: of 30 and 20 tokens, two passes are 100:

    >>> sorted(filled([30, 20], 100, Random(0), "arm"))
    [0, 0, 1, 1]
    """
    whole, within = sum(tokens), within or TOLERANCE * budget
    if whole > budget + within:
        raise DataError(
            f"{name} holds {whole} tokens, more than the budget of {budget}: raise training.budget_tokens or make it "
            f"smaller"
        )
    order: list[int] = []
    for passes in range(max(1, budget // whole), 0, -1):  # with a pass fewer, a row may be in the rest twice
        order = [place for _ in range(passes) for place in rng.sample(range(len(tokens)), len(tokens))]
        missing = budget - passes * whole
        spare = [place for _ in range(missing // whole + 1) for place in rng.sample(range(len(tokens)), len(tokens))]
        order += _part(tokens, spare, missing)
        if abs(sum(tokens[place] for place in order) - budget) <= within:
            return order
    reached = sum(tokens[place] for place in order)
    raise UnmatchedError(
        f"{name} can't be matched: {reached} tokens are the nearest to {budget} that its {len(tokens)} "
        f"trajectories give; raise training.budget_tokens"
    )


def _part(tokens: Sequence[int], places: Sequence[int], wanted: int) -> list[int]:
    """Those of the places whose tokens together come nearest to `wanted`: all sums are looked at, as bits of a number.

    >>> _part([5, 7, 11], [0, 1, 2], 17)
    [0, 2]
    """
    sums = [1]
    for place in places:
        sums.append(sums[-1] | sums[-1] << tokens[place])
    reachable = sums[-1]
    above = reachable >> wanted
    up = (above & -above).bit_length() - 1 if above else wanted + 1
    down = wanted - (reachable & ((1 << wanted + 1) - 1)).bit_length() + 1
    left = wanted + up if up < down else wanted - down
    part: list[int] = []
    for number in range(len(places), 0, -1):
        if not sums[number - 1] >> left & 1:
            part.append(places[number - 1])
            left -= tokens[places[number - 1]]
    return part[::-1]


def scheduled(tokens: Sequence[int], order: Sequence[int], steps: int, name: str) -> Schedule:
    """The order cut into `steps` parts of about as many tokens each. Raises DataError where one would be empty.

    By hand: four rows of 10 in two steps are two each.

    >>> scheduled([10, 10], [0, 1, 1, 0], 2, "arm").steps
    ((0, 1), (1, 0))
    """
    total = sum(tokens[place] for place in order)
    parts: list[list[int]] = [[] for _ in range(steps)]
    done = 0
    for place in order:
        middle = done + tokens[place] / 2
        parts[min(steps - 1, int(middle * steps / total))].append(place)
        done += tokens[place]
    if not all(parts):
        raise DataError(
            f"{name} has a trajectory longer than a step of {total // steps} tokens: raise training.step_tokens"
        )
    return Schedule(steps=tuple(tuple(part) for part in parts), tokens=total)
