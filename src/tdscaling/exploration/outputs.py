"""The output schema a tool does not publish, as its results show it."""

from collections.abc import Sequence

from tdscaling.types import JsonScalar, Observation
from tdscaling.values import leaves, parse

MAX_PATHS = 60


def observed_outputs(successes: Sequence[Observation]) -> tuple[tuple[str, str], ...]:
    """The paths of the leaves of successful results with their JSON types, sorted; at most 60.

    >>> from tdscaling.types import ToolKey, ToolResult
    >>> result = ToolResult(content='[{"id": 1}]')
    >>> observed_outputs([Observation(tool=ToolKey("s", "t"), arguments={}, result=result, changed=False)])
    (('[].id', 'integer'),)
    """
    found = {
        (leaf.path, _type(leaf.value))
        for observation in successes
        for leaf in leaves(parse(observation.result.content), limit=400)
    }
    return tuple(sorted(found)[:MAX_PATHS])


def _type(value: JsonScalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number" if isinstance(value, float) else "string"
