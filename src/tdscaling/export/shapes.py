"""Reading loosely typed JSON: the forms that names, arguments and tool definitions take in the wild."""

import ast
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from pydantic_core import to_json

from tdscaling.errors import DataError
from tdscaling.types import JsonObject, JsonValue, OfferedTool, ToolCall
from tdscaling.values import loads as strict

NO_JSON = "it holds NaN or an infinity, which is no JSON"
MAX_TOOLS = 2_000
"""Tools that are kept to be shared by the rows of a data set."""
_TOOLS: dict[bytes, OfferedTool] = {}


def loads(text: str, what: str) -> JsonValue:
    """JSON, or the Python literal that some programs write in its place. Raises DataError."""
    try:
        return strict(text)
    except ValueError:
        pass
    try:
        return strict(json.dumps(ast.literal_eval(text.strip()), allow_nan=False))  # a set or bytes are none
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        raise DataError(f"{what} is not JSON: {' '.join(text.split())[:80]!r}") from None


def dumps(value: JsonValue) -> str:
    """JSON on one line, text as it is. Raises DataError for NaN and the infinities, which readers let pass.

    >>> dumps({"a": ["é", None]})
    '{"a": ["é", null]}'
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        raise DataError(NO_JSON) from None


def kind(value: JsonValue) -> str:
    """What JSON calls a value of this type.

    >>> [kind(value) for value in (None, True, 1.5, "a", [], {})]
    ['null', 'true or false', 'a number', 'text', 'a list', 'an object']
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, Mapping):
        return "an object"
    return "a number" if isinstance(value, int | float) else "text" if isinstance(value, str) else "a list"


def items(value: JsonValue, what: str) -> list[JsonValue]:
    """A list, also one written as a JSON string; None is an empty one. Raises DataError."""
    if isinstance(value, str):
        value = loads(value, what) if value.strip() else None
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(value)
    raise DataError(f"{what} is no list but {kind(value)}")


def mapping(value: JsonValue, what: str) -> JsonObject:
    """An object, also one written as a JSON string. Raises DataError."""
    if isinstance(value, str):
        value = loads(value, what)
    if isinstance(value, dict | Mapping):
        return value
    raise DataError(f"{what} is no object but {kind(value)}")


def text(value: JsonValue) -> str:
    """The text of a content: a string, the text parts of a list, "" for None, else its JSON.

    >>> text([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]), text(None), text({"x": 1})
    ('ab', '', '{"x": 1}')
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, Sequence):
        parts = [part.get("text") for part in value if isinstance(part, Mapping) and "text" in part]
        if len(parts) == len(value):
            return "".join(str(part) for part in parts if part is not None)
    return json.dumps(value, ensure_ascii=False)


def call(value: JsonValue, what: str = "call") -> ToolCall:
    """A call in any of its forms; its id is "" where there is none. Raises DataError.

    >>> call({"function": {"name": "f", "arguments": "{\\"a\\": 1}"}})
    ToolCall(id='', name='f', arguments={'a': 1})
    >>> call({"name": "f", "parameters": None}).arguments
    {}
    """
    outer = mapping(value, what)
    inner = outer.get("function")
    body = inner if isinstance(inner, Mapping) else outer
    if (found := _plain_call(outer, body)) is not None:
        return found
    name = next((body[key] for key in ("name", "function_name", "tool_name", "function") if body.get(key)), None)
    if not isinstance(name, str):
        raise DataError(f"{what} has no name")
    given = next((body[key] for key in ("arguments", "parameters", "args", "kwargs", "input") if key in body), None)
    blank = given is None or (isinstance(given, str) and not given.strip())
    arguments: JsonObject = {} if blank else mapping(given, f"arguments of {name}")
    id_ = next((outer[key] for key in ("id", "tool_call_id", "call_id") if outer.get(key)), "")
    return ToolCall(id=str(id_), name=name, arguments=arguments)


def _plain_call(outer: JsonObject, body: JsonObject) -> ToolCall | None:
    """A call in the form that most data sets have."""
    name, given, id_ = body.get("name"), body.get("arguments"), outer.get("id")
    if not isinstance(name, str) or not isinstance(id_, str) or not name or not id_:
        return None
    if isinstance(given, str) and given[:1] == "{":
        return ToolCall(id=id_, name=name, arguments=mapping(given, f"arguments of {name}"))
    return ToolCall(id=id_, name=name, arguments=given) if isinstance(given, dict | Mapping) else None


def offered(value: JsonValue) -> tuple[OfferedTool, ...]:
    """Tool definitions as a list or a JSON string, wrapped in `function` or bare. Raises DataError."""
    return _offered_text(value) if isinstance(value, str) else tuple(_tool(item) for item in items(value, "tools"))


@lru_cache(maxsize=512)
def _offered_text(value: str) -> tuple[OfferedTool, ...]:
    """Many rows of a data set offer the same tools: half of the time of reading them is this JSON."""
    return tuple(_tool(item) for item in items(value, "tools"))


def _tool(value: JsonValue) -> OfferedTool:
    """Rows that offer a tool in the same words share its value."""
    try:
        text = to_json(value, inf_nan_mode="constants")
    except ValueError:
        return _read_tool(value)
    held = _TOOLS.get(text)
    if held is None:
        if len(_TOOLS) >= MAX_TOOLS:
            _TOOLS.clear()
        held = _TOOLS[text] = _read_tool(value)
    return held


def _read_tool(value: JsonValue) -> OfferedTool:
    outer = mapping(value, "tool")
    inner = outer.get("function")
    body = mapping(inner, "tool") if inner is not None else outer
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise DataError("a tool has no name")
    keys = ("parameters", "input_schema", "inputSchema", "parameters_json_schema")
    schema = next((body[key] for key in keys if body.get(key)), None)
    return OfferedTool(
        name=name,
        description=text(body.get("description")),
        parameters=mapping(schema, f"parameters of {name}") if schema is not None else {},
    )


def definition(tool: OfferedTool) -> JsonObject:
    """A tool's bare definition."""
    return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}


def function(tool: OfferedTool) -> JsonObject:
    """A tool's definition in the OpenAI form."""
    return {"type": "function", "function": definition(tool)}
