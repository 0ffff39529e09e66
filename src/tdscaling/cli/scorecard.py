"""The main figures of several data sets in columns side by side."""

from collections.abc import Sequence

from rich.table import Column, Table

from tdscaling.measurement import Measurement
from tdscaling.measurement.scorecard import scorecard


def side_by_side(found: Sequence[Measurement]) -> Table:
    """A table with a column for each data set."""
    table = Table(Column("Figure", no_wrap=True), *(one.source for one in found))
    cards = [scorecard(one) for one in found]
    for name in cards[0]:
        table.add_row(name, *(card[name] for card in cards))
    return table
