"""Values as they pass through a dialogue: results read as JSON, paths into them, equality, bindings."""

from tdscaling.values.bindings import Scope, UnresolvedError, within
from tdscaling.values.decode import loads
from tdscaling.values.encode import dumps
from tdscaling.values.leaves import Leaf, at, leaves, numbered
from tdscaling.values.normal import normal, normal_number, normal_text
from tdscaling.values.outcome import empty, error_object, failed, looks_like_error
from tdscaling.values.parse import names_data, parse

__all__ = [
    "Leaf",
    "Scope",
    "UnresolvedError",
    "at",
    "dumps",
    "empty",
    "error_object",
    "failed",
    "leaves",
    "loads",
    "looks_like_error",
    "names_data",
    "normal",
    "normal_number",
    "normal_text",
    "numbered",
    "parse",
    "within",
]
