"""Values as they pass through a dialogue: results read as JSON, paths into them, equality, bindings."""

from tdscaling.values.bindings import Scope, UnresolvedError
from tdscaling.values.leaves import Leaf, at, beside, leaves
from tdscaling.values.normal import normal
from tdscaling.values.outcome import empty, failed, looks_like_error
from tdscaling.values.parse import parse

__all__ = [
    "Leaf",
    "Scope",
    "UnresolvedError",
    "at",
    "beside",
    "empty",
    "failed",
    "leaves",
    "looks_like_error",
    "normal",
    "parse",
]
