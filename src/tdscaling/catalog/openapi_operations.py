"""The operations of an OpenAPI 2.0, 3.0 or 3.1 document, their parts looked up and brought into one form."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tdscaling.catalog.openapi_refs import BrokenReferenceError
from tdscaling.types import JsonObject, JsonValue

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_NOT_SCHEMA = frozenset({"name", "in", "required", "allowEmptyValue", "collectionFormat", "style", "explode"})
_TRANSPORT_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI says that parameters of these names are ignored: the media types and the security scheme set them."""

JSON = "application/json"
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data", "application/form-data")

Resolve = Callable[[str], JsonValue]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value in the path, the query, a header or a cookie."""

    name: str
    place: str
    schema: JsonObject
    required: bool


@dataclass(frozen=True, slots=True)
class Body:
    """What a request or a response holds; `schema` is raw, {} when any value goes."""

    media: str
    schema: JsonValue
    required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    node: JsonObject
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    responses: tuple[tuple[str, JsonObject], ...] = ()
    problems: tuple[str, ...] = field(default=(), compare=False)

    @property
    def place(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def text(self, key: str) -> str:
        value = self.node.get(key)
        return value.strip() if isinstance(value, str) else ""


class OperationReader:
    """Walks the paths of a document. What is broken is left out of the operation and named in its `problems`.

    `broken_paths` gathers, while `operations` runs, the paths that hold none and why.
    """

    def __init__(self, document: JsonObject, resolve: Resolve) -> None:
        self._document = document
        self._resolve = resolve
        self._old = "swagger" in document
        self._problems: list[str] = []
        self.broken_paths: dict[str, str] = {}

    def operations(self) -> Iterator[Operation]:
        """All operations in the order of the document."""
        paths = self._document.get("paths")
        for path, item in paths.items() if isinstance(paths, dict) else ():
            self._problems = []
            item = self._object(item, "the path item")
            if self._problems:
                self.broken_paths[path] = self._problems.pop()
            for method in METHODS if item else ():
                if method in item:
                    yield self._operation(method, path, item)

    def _operation(self, method: str, path: str, item: JsonObject) -> Operation:
        node = self._object(item[method], "the operation")
        given = [*self._list(item, "parameters"), *self._list(node, "parameters")]
        raw = [found for entry in given if (found := self._object(entry, "a parameter"))]
        body = self._form_body(raw, node) if self._old else self._request_body(node, method)
        responses: list[tuple[str, JsonObject]] = []
        listed = node.get("responses")
        for status, entry in listed.items() if isinstance(listed, dict) else ():
            if found := self._object(entry, f"the response {status}"):
                responses.append((str(status), found))
        parameters = self._parameters(raw, path)
        problems, self._problems = tuple(self._problems), []
        return Operation(method, path, node, parameters, body, tuple(responses), problems)

    def _object(self, value: JsonValue, what: str) -> JsonObject:
        """`value` behind its references; {} when there is no object."""
        for _ in range(20):
            if not isinstance(value, dict):
                break
            ref = value.get("$ref")
            if not isinstance(ref, str):
                return value
            try:
                value = self._resolve(ref)
            except BrokenReferenceError as exc:
                self._problems.append(f"{what} can't be looked up: {exc}")
                return {}
        self._problems.append(f"{what} is not an object")
        return {}

    def _list(self, node: JsonObject, key: str) -> list[JsonValue]:
        value = node.get(key, [])
        if isinstance(value, list):
            return value
        self._problems.append(f"{key} is not a list")
        return []

    def _parameters(self, raw: list[JsonObject], path: str) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for node in raw:
            name, place = node.get("name"), node.get("in")
            if not isinstance(name, str) or not isinstance(place, str):
                self._problems.append("a parameter has no name or no place")
            elif place in ("path", "query", "cookie") or (place == "header" and name.lower() not in _TRANSPORT_HEADERS):
                required = node.get("required") is True or place == "path"
                found[place, name] = Parameter(name, place, self._parameter_schema(node), required)
        for name in _template_names(path):
            found.setdefault(("path", name), Parameter(name, "path", {"type": "string"}, required=True))
        return tuple(found.values())

    def _parameter_schema(self, node: JsonObject) -> JsonObject:
        """The schema of a parameter with the description and example that stand beside it."""
        if self._old:
            return {key: value for key, value in node.items() if key not in _NOT_SCHEMA}
        beside = {key: node[key] for key in ("description", "example", "deprecated") if key in node}
        content = node.get("content")
        schema = node.get("schema")
        if schema is None and isinstance(content, dict):
            schema = next((entry.get("schema") for entry in content.values() if isinstance(entry, dict)), None)
        return {**beside, "allOf": [schema]} if isinstance(schema, dict) else beside

    def _request_body(self, node: JsonObject, method: str) -> Body | None:
        if "requestBody" not in node:
            return None
        body = self._object(node["requestBody"], "the request body")
        media, entry = chosen_media(body.get("content"))
        if not media:
            return None
        required = body.get("required", method in ("post", "put", "patch"))
        return Body(media, entry.get("schema", {}), required is True)

    def _form_body(self, raw: list[JsonObject], node: JsonObject) -> Body | None:
        """The body of an OpenAPI 2.0 operation: one `body` parameter or the `formData` ones."""
        for entry in raw:
            if entry.get("in") == "body":
                return Body(JSON, entry.get("schema", {}), entry.get("required") is True)
        fields: dict[str, JsonValue] = {}
        required: list[JsonValue] = []
        for entry in raw:
            name = entry.get("name")
            if entry.get("in") == "formData" and isinstance(name, str):
                fields[name] = self._parameter_schema(entry)
                if entry.get("required") is True:
                    required.append(name)
        if not fields:
            return None
        consumes = node.get("consumes") or self._document.get("consumes")
        media = FORMS[1] if isinstance(consumes, list) and FORMS[1] in consumes else FORMS[0]
        return Body(media, {"type": "object", "properties": fields, "required": required}, required=True)


def chosen_media(content: JsonValue, *, only_json: bool = False) -> tuple[str, Mapping[str, JsonValue]]:
    """The media type to use: JSON, then a form, then the first one; ("", {}) when there is none."""
    if not isinstance(content, dict):
        return "", {}
    kinds = {name: entry for name, entry in content.items() if isinstance(entry, dict)}
    ranked = sorted(kinds, key=_rank)
    if not ranked or (only_json and _rank(ranked[0]) > 3):
        return "", {}
    return ranked[0], kinds[ranked[0]]


def _rank(media: str) -> int:
    name = media.partition(";")[0].strip().lower()
    if name == JSON:
        return 0 if name == media else 1
    if name in FORMS:
        return 4 + FORMS.index(name)
    return 2 if name.endswith("json") else 3 if name == "*/*" else 9


def _template_names(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:] if "}" in part]
