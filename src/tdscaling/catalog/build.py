"""Builds a catalogue from sources of all kinds. What is broken is one line, and the rest goes on."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tdscaling.catalog.corpus import is_corpus, read_corpus
from tdscaling.catalog.documents import UnreadableDocumentError, read_document
from tdscaling.catalog.mcp import Launcher, ServerSpec, list_tools
from tdscaling.catalog.mcp.spec import parse_mcp_config
from tdscaling.catalog.merge import merged
from tdscaling.catalog.openapi import OpenApiListing, is_openapi, openapi_tools
from tdscaling.catalog.problems import Listing, Problem
from tdscaling.catalog.sources import SourceFile, source_files
from tdscaling.errors import ConfigError
from tdscaling.types import JsonValue, Tool

Progress = Callable[[str, int, int], None]
"""Called after each file: its name, files done, files in all."""


@dataclass(frozen=True, slots=True)
class CatalogReport:
    """A built catalogue: tools sorted by server and name, what was left out, tools listed per source given."""

    tools: tuple[Tool, ...] = ()
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def servers(self) -> int:
        return len({tool.server for tool in self.tools})

    @property
    def with_output(self) -> int:
        return sum(tool.output_schema is not None for tool in self.tools)


@dataclass(frozen=True, slots=True)
class _Unrecognised(Listing):
    """A readable document that is neither a specification nor a client config."""


async def build(
    sources: Sequence[Path | str],
    *,
    environ: Mapping[str, str] | None = None,
    launcher: Launcher | None = None,
    within: float = 20.0,
    concurrency: int = 4,
    progress: Progress | None = None,
) -> CatalogReport:
    """Reads MCP client configs, OpenAPI files, corpora and folders of these into one catalogue.

    At most `concurrency` servers or files are read at a time, a server within `within` seconds; `environ` fills
    `${VAR}` in client configs (the process's own by default). Raises ConfigError for a source that does not exist.
    """
    files = source_files(sources)
    reader = _Reader(os.environ if environ is None else environ, launcher, within, concurrency)
    done = 0

    async def read(file: SourceFile) -> Listing:
        nonlocal done
        listing = await reader.read(file)
        done += 1
        if progress:
            progress(file.label, done, len(files))
        return listing

    listings = await asyncio.gather(*(read(file) for file in files))
    pairs = list(zip(files, listings, strict=True))
    counts = {str(source): 0 for source in sources}
    for file, listing in pairs:
        counts[file.source] += len(listing.tools)
    tools, problems = merged((file.label, listing) for file, listing in pairs)
    return CatalogReport(tools, (*problems, *_unrecognised(pairs)), counts)


class _Reader:
    """Reads one file at a time or several, each kind in its own way."""

    def __init__(self, environ: Mapping[str, str], launcher: Launcher | None, within: float, concurrency: int) -> None:
        self._environ = environ
        self._launcher = launcher
        self._within = within
        self._servers = asyncio.Semaphore(concurrency)
        self._parsing = asyncio.Semaphore(1)  # one core's work: a second at a time would only cost memory

    async def read(self, file: SourceFile) -> Listing:
        async with self._parsing:
            if is_corpus(file.path):
                return await asyncio.to_thread(read_corpus, file.path, label=file.label)
            read = await asyncio.to_thread(_read_document, file)
        return read if isinstance(read, Listing) else await self._config(file, read)

    async def _config(self, file: SourceFile, document: Mapping[str, JsonValue]) -> Listing:
        """The tools of all servers of a client config, each server in a workspace of its own."""
        named = document["mcpServers"]
        if not isinstance(named, Mapping):
            return Listing(problems=(Problem(file.label, "mcpServers", "is not an object"),))
        parts = await asyncio.gather(*(self._server(file, name, body) for name, body in sorted(named.items())))
        tools = [tool for part in parts for tool in part.tools]
        problems = [problem for part in parts for problem in part.problems]
        if not named:
            problems.append(Problem(file.label, "mcpServers", "names no server"))
        return Listing(tuple(tools), tuple(problems))

    async def _server(self, file: SourceFile, name: str, body: JsonValue) -> Listing:
        try:
            specs = parse_mcp_config(file.path, {"mcpServers": {name: body}}, self._environ)
        except ConfigError as exc:
            return Listing(problems=(Problem(file.label, name, str(exc).removeprefix(f"{file.path}: ")),))
        return await self._listed(file.label, specs)

    async def _listed(self, label: str, specs: Mapping[str, ServerSpec]) -> Listing:
        async with self._servers:
            with tempfile.TemporaryDirectory(prefix="tdscaling-", ignore_cleanup_errors=True) as workspace:
                tools, lines = await list_tools(
                    specs, workspace=Path(workspace), within=self._within, launcher=self._launcher
                )
        return Listing(tuple(tools), tuple(Problem(label, "", line) for line in lines))


def _read_document(file: SourceFile) -> Listing | Mapping[str, JsonValue]:
    """The tools of a specification, or the document itself when it is a client config."""
    try:
        document = read_document(file.path)
    except UnreadableDocumentError as exc:
        return Listing(problems=(Problem(file.label, exc.place, exc.reason),))
    if is_openapi(document):
        return openapi_tools(document, file.path, folder=file.folder, label=file.label)
    if isinstance(document, Mapping) and "mcpServers" in document:
        return document
    if file.folder is not None:
        return _Unrecognised()
    reason = "is no tool source: it has none of openapi, swagger and mcpServers at its top (a corpus ends in .jsonl)"
    return Listing(problems=(Problem(file.label, "", reason),))


def _unrecognised(pairs: list[tuple[SourceFile, Listing]]) -> list[Problem]:
    """One line per folder for its documents that are neither a source nor a part of one."""
    parts = {path for _, listing in pairs if isinstance(listing, OpenApiListing) for path in listing.files}
    left: dict[str, list[str]] = {}
    for file, listing in pairs:
        if isinstance(listing, _Unrecognised) and file.path.resolve() not in parts:
            left.setdefault(file.source, []).append(str(file.path))
    return [
        Problem(source, "", f"{len(paths)} file(s) are no tool source and no part of one, such as {paths[0]}")
        for source, paths in sorted(left.items())
    ]
