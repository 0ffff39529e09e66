"""The most diverse part of a data set that a budget of tokens buys."""

from tdscaling.selection.greedy import Choice, choose
from tdscaling.selection.objective import Columns, value
from tdscaling.selection.select import Rules, Selection, select

__all__ = ["Choice", "Columns", "Rules", "Selection", "choose", "select", "value"]
