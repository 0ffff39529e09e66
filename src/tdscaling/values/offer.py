"""The tools of a dialogue under the names its calls use."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import count

from tdscaling.types import OfferedTool, Tool, ToolKey

_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_-]+")
MAX_NAME = 64
"""Function names of the OpenAI protocol: letters, digits, `_` and `-`, at most 64."""


def offer(keys: Sequence[ToolKey], tools: Mapping[ToolKey, Tool]) -> tuple[OfferedTool, ...]:
    """The tools in the given order, each under a name of its own: the tool's, or `server__tool` on a clash,
    or that with a number where even these are the same.

    >>> a, b = Tool(server="a", name="list"), Tool(server="b", name="list")
    >>> [tool.name for tool in offer([a.key, b.key], {a.key: a, b.key: b})]
    ['a__list', 'b__list']
    """
    counts = Counter(_NOT_ALLOWED.sub("_", key.name)[:MAX_NAME] for key in keys)
    offered: dict[str, OfferedTool] = {}
    for key in keys:
        tool = tools[key]
        name = _NOT_ALLOWED.sub("_", key.name)[:MAX_NAME]
        if counts[name] > 1:
            name = _NOT_ALLOWED.sub("_", f"{key.server}__{key.name}")[:MAX_NAME]
        name = _free(name, offered)
        offered[name] = OfferedTool(
            name=name,
            description=tool.description,
            parameters=tool.input_schema,
            server=key.server,
            tool=key.name,
            read_only=tool.read_only,
        )
    return tuple(offered.values())


def _free(name: str, taken: Collection[str]) -> str:
    """
    >>> _free("list", ()), _free("list", ("list", "list_2"))
    ('list', 'list_3')
    """
    if name not in taken:
        return name
    numbered = (f"{name[: MAX_NAME - 4]}_{number}" for number in count(2))
    return next(other for other in numbered if other not in taken)
