"""Numbers as options: one that is negative, infinite or no number is misuse, in one line."""

import math
from typing import Any

import click


class Number(click.FloatRange):
    """A finite number of at least 0; `above`: and not 0 either."""

    name = "float"

    def __init__(self, *, above: bool = False) -> None:
        super().__init__(min=0, min_open=above)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{found} is no finite number.", param, ctx)
        return found
