"""Reads OpenAPI 2.0, 3.0 and 3.1 files: one tool per operation."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tdscaling.catalog.documents import UnreadableDocumentError, read_document
from tdscaling.catalog.flat import Flattener
from tdscaling.catalog.keywords import clip
from tdscaling.catalog.openapi_names import server_name, tool_name, unique_names
from tdscaling.catalog.openapi_operations import Operation, OperationReader
from tdscaling.catalog.openapi_refs import BrokenReferenceError, References
from tdscaling.catalog.openapi_tools import description, hints, input_schema, links, output_schema, tag_names
from tdscaling.catalog.problems import Listing, Problem
from tdscaling.catalog.schema import Limits
from tdscaling.types import JsonObject, JsonValue, Tool

MAX_DESCRIPTION = 2_000
"""Characters kept of the description of a tool or a server."""


def is_openapi(document: JsonValue) -> bool:
    """Whether a document is a specification: it names its version of OpenAPI."""
    return isinstance(document, Mapping) and ("openapi" in document or "swagger" in document)


@dataclass(frozen=True, slots=True)
class OpenApiListing(Listing):
    """What a specification gave, and which files it reached."""

    files: tuple[Path, ...] = ()


def read_openapi(path: Path, *, folder: Path | None = None, label: str = "", limits: Limits | None = None) -> Listing:
    """The tools of a specification file; never raises for its content.

    `folder` bounds the files that `$ref` may reach (default: the file's own folder). `label` is the name of
    the source in problems (default: the path as given).
    """
    label = label or str(path)
    try:
        document = read_document(path)
    except UnreadableDocumentError as exc:
        return Listing(problems=(Problem(label, exc.place, exc.reason),))
    return openapi_tools(document, path, folder=folder, label=label, limits=limits)


def openapi_tools(
    document: JsonValue, path: Path, *, folder: Path | None = None, label: str = "", limits: Limits | None = None
) -> OpenApiListing:
    """The tools of a specification already read; `document` is changed in place (its references made absolute)."""
    label = label or str(path)
    fault = _fault(document)
    if fault or not isinstance(document, Mapping):
        return OpenApiListing(problems=(Problem(label, "", fault),))
    references = References(document, path, folder)
    return _Reading(document, path, label, references, limits or Limits()).listing()


def _fault(document: JsonValue) -> str:
    """Why a document can't be read as a specification at all; "" when it can."""
    if not isinstance(document, Mapping) or not is_openapi(document):
        return "is not an OpenAPI document: neither openapi nor swagger names a version"
    version = str(document.get("openapi", document.get("swagger")))
    if not version.startswith(("2.", "3.0", "3.1")) and version != "2":
        return f"OpenAPI {version[:20]} is not supported: use 2.0, 3.0 or 3.1"
    if not isinstance(document.get("paths"), Mapping):
        return "has no paths" if "paths" not in document else "paths is not an object"
    return ""


class _Reading:
    """One specification being read."""

    def __init__(self, document: JsonObject, path: Path, label: str, references: References, limits: Limits) -> None:
        self._document = document
        self._label = label
        self._path = path
        self._references = references
        self._limits = limits
        self._flattener = Flattener(references.resolve)
        info = document.get("info")
        self._info: JsonObject = info if isinstance(info, Mapping) else {}
        self._server = server_name(path, self._info_text("title"))
        self._about = clip(self._info_text("description") or self._info_text("title"), MAX_DESCRIPTION)
        self._base = _base(document)

    def listing(self) -> OpenApiListing:
        reader = OperationReader(self._document, self._references.resolve)
        operations = list(reader.operations())
        names = unique_names([tool_name(op.text("operationId"), op.method, op.path) for op in operations])
        targets = _targets(operations, names)
        tools: list[Tool] = []
        problems = [Problem(self._label, path, reason) for path, reason in reader.broken_paths.items()]
        for operation, name in zip(operations, names, strict=True):
            problems.extend(Problem(self._label, operation.place, reason) for reason in operation.problems)
            tools.append(self._tool(operation, name, targets))
        for ref, reason in sorted(self._flattener.unresolved.items()):
            problems.append(Problem(self._label, ref, f"the reference is cut: {reason}"))
        if not operations:
            problems.append(Problem(self._label, "", "has no operations"))
        return OpenApiListing(tuple(tools), tuple(problems), self._references.files())

    def _tool(self, operation: Operation, name: str, targets: Mapping[str, JsonValue]) -> Tool:
        annotations = hints(operation, self._base)
        followed = links(self._with_links(operation), targets)
        if followed:
            annotations["x-links"] = followed
        return Tool(
            server=self._server,
            name=name,
            description=clip(description(operation), MAX_DESCRIPTION),
            input_schema=input_schema(operation, self._flattener, self._limits),
            output_schema=output_schema(operation, self._flattener, self._limits),
            annotations=annotations,
            server_description=self._about,
            category=self._category(operation),
            source=f"openapi:{self._path.name}",
            licence=self._licence(),
        )

    def _with_links(self, operation: Operation) -> Operation:
        """The operation with the links of its responses looked up."""
        responses: list[tuple[str, JsonObject]] = []
        for status, response in operation.responses:
            given = response.get("links")
            if isinstance(given, dict):
                response = {**response, "links": {name: self._link(link) for name, link in given.items()}}
            responses.append((status, response))
        return Operation(operation.method, operation.path, operation.node, responses=tuple(responses))

    def _link(self, link: JsonValue) -> JsonValue:
        ref = link.get("$ref") if isinstance(link, dict) else None
        try:
            return self._references.resolve(ref) if isinstance(ref, str) else link
        except BrokenReferenceError as exc:
            self._flattener.unresolved.setdefault(str(ref), str(exc))
            return None

    def _category(self, operation: Operation) -> str:
        for key in ("x-apisguru-categories", "x-category", "x-categories"):
            value = self._info.get(key)
            first = value[0] if isinstance(value, list) and value else value
            if isinstance(first, str) and first.strip():
                return first.strip()
        return next((tag.strip() for tag in tag_names(operation) if tag.strip()), "")

    def _licence(self) -> str:
        licence = self._info.get("license")
        if not isinstance(licence, Mapping):
            return licence.strip() if isinstance(licence, str) else ""
        stated = (licence.get("identifier"), licence.get("name"), licence.get("url"))
        return next((text.strip() for text in stated if isinstance(text, str) and text.strip()), "")

    def _info_text(self, key: str) -> str:
        value = self._info.get(key)
        return value.strip() if isinstance(value, str) else ""


def _targets(operations: list[Operation], names: list[str]) -> dict[str, JsonValue]:
    """The tool that an operation id or a local reference to an operation names."""
    found: dict[str, JsonValue] = {}
    for operation, name in zip(operations, names, strict=True):
        escaped = operation.path.replace("~", "~0").replace("/", "~1")
        for target in (operation.text("operationId"), f"#/paths/{escaped}/{operation.method}"):
            if target:
                found.setdefault(target, name)
    return found


def _base(document: JsonObject) -> str:
    """Where the service lies, with the defaults of its variables; "" when the document does not say."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    if isinstance(first, Mapping) and isinstance(url := first.get("url"), str):
        variables = first.get("variables")
        for name, variable in variables.items() if isinstance(variables, Mapping) else ():
            if isinstance(variable, Mapping) and isinstance(default := variable.get("default"), str):
                url = url.replace("{" + name + "}", default)
        return url
    host, path, schemes = document.get("host"), document.get("basePath"), document.get("schemes")
    if not isinstance(host, str) or not host:
        return ""
    scheme = schemes[0] if isinstance(schemes, list) and schemes and isinstance(schemes[0], str) else "https"
    return f"{scheme}://{host}{path.rstrip('/') if isinstance(path, str) else ''}"
