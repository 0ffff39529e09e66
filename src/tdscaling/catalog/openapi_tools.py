"""One operation as a tool: the input schema that joins all places of the request, the output schema, the hints."""

from collections.abc import Mapping

from tdscaling.catalog.flat import Flat, Flattener, Part, Parts
from tdscaling.catalog.openapi_operations import FORMS, Body, Operation, Parameter, chosen_media
from tdscaling.catalog.schema import Limits, expand
from tdscaling.types import JsonObject, JsonValue

WHOLE_BODY = "whole-body"
"""The `x-in` of a property that is the whole body of the request; a field of it has "body" or "form"."""
READ_METHODS = frozenset({"get", "head", "options", "trace"})


def input_schema(operation: Operation, flattener: Flattener, limits: Limits) -> JsonObject:
    """One object schema of all that a request takes.

    Each property says in `x-in` where it goes: path, query, header, cookie, body or form (a field of the
    body), or whole-body. `x-name` is its name there, where that differs from the property's. The fields
    of a body are properties of their own unless one has the name of a parameter, or the body is no plain object.
    """
    root = Flat(keywords={"type": "object"})
    required: list[str] = []
    for parameter in operation.parameters:
        _add(root, required, parameter)
    if operation.body is not None:
        _add_body(root, required, operation.body, flattener)
    if required:
        root.keywords["required"] = list[JsonValue](required)
    schema = expand(flattener, root, "request", limits)
    schema.setdefault("properties", {})
    return schema


def _add(root: Flat, required: list[str], parameter: Parameter) -> None:
    marks = (("x-in", parameter.place),)
    name = parameter.name
    if name in root.properties:
        marks = (*marks, ("x-name", name))
        name = f"{parameter.place}_{name}"
    if name not in root.properties:
        root.properties[name] = (Part(parameter.schema, marks=marks),)
        if parameter.required:
            required.append(name)


def _add_body(root: Flat, required: list[str], body: Body, flattener: Flattener) -> None:
    flat = flattener.flatten(Part(body.schema))
    if _is_plain(flat, flattener) and not flat.properties.keys() & root.properties.keys():
        place = "form" if body.media in FORMS else "body"
        for name, parts in flat.properties.items():
            root.properties[name] = (Part({}, marks=(("x-in", place),)), *parts)
        if body.required:
            required.extend(name for name in flat.required if name in flat.properties)
        root.cut = flat.cut or root.cut
        return
    name = "body" if "body" not in root.properties else "request_body"
    binary: Parts = () if flat.keywords or flat.union or flat.items else (Part(_any_body(body.media)),)
    root.properties[name] = (Part(body.schema, marks=(("x-in", WHOLE_BODY),)), *binary)
    if body.required:
        required.append(name)


def _is_plain(flat: Flat, flattener: Flattener) -> bool:
    """Whether a body is an object of named fields, none of which hides in a branch."""
    if not flat.properties or flat.keywords.get("type", "object") != "object":
        return False
    return not any(flattener.flatten(*branch).properties for branch in flat.union)


def _any_body(media: str) -> JsonObject:
    """What stands for a body without a schema."""
    return {"type": "object"} if media in FORMS or media.endswith("json") else {"type": "string"}


def success(operation: Operation) -> list[tuple[str, JsonObject]]:
    """The responses of success: 2xx in order, or else the default one where it is the only one."""
    found = sorted(pair for pair in operation.responses if pair[0][:1] == "2")
    return found or [pair for pair in operation.responses if len(operation.responses) == 1 and pair[0] == "default"]


def output_schema(operation: Operation, flattener: Flattener, limits: Limits) -> JsonObject | None:
    """The finite schema of the first 2xx response that holds JSON; None when none has a schema."""
    for _, response in success(operation):
        raw = response.get("schema")
        if raw is None:
            raw = chosen_media(response.get("content"), only_json=True)[1].get("schema")
        if isinstance(raw, dict) and raw:
            return expand(flattener, flattener.flatten(Part(raw)), "response", limits) or None
    return None


def hints(operation: Operation, base: str) -> dict[str, JsonValue]:
    """Annotations: what the method says about effects, and `x-http`, from which a request can be made."""
    http: dict[str, JsonValue] = {"method": operation.method.upper(), "path": operation.path}
    if base:
        http["base"] = base
    if operation.body is not None:
        http["media"] = operation.body.media
    found: dict[str, JsonValue] = {
        "readOnlyHint": operation.method in READ_METHODS,
        "destructiveHint": operation.method == "delete",
        "x-http": http,
    }
    tags = tag_names(operation)
    if tags:
        found["x-tags"] = list[JsonValue](tags)
    return found


def tag_names(operation: Operation) -> list[str]:
    tags = operation.node.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def description(operation: Operation) -> str:
    """The summary, and the description where it says more; method and path where there is neither."""
    summary, text = operation.text("summary"), operation.text("description")
    if not summary or text.lower().startswith(summary.rstrip(".").lower()):
        return text or operation.place
    end = "" if summary.endswith((".", "!", "?")) else "."
    return f"{summary}{end} {text}" if text else summary


def links(operation: Operation, resolved: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The OpenAPI links of the responses of success by name, each with `x-tool` where its target is known.

    `resolved` maps an operation id, or a reference to an operation, to the name of its tool.
    """
    found: dict[str, JsonValue] = {}
    for _, response in success(operation):
        given = response.get("links")
        for name, link in given.items() if isinstance(given, dict) else ():
            if isinstance(link, dict) and name not in found:
                target = link.get("operationId", link.get("operationRef"))
                tool = resolved.get(target) if isinstance(target, str) else None
                found[name] = {**link, "x-tool": tool} if tool else dict(link)
    return found
