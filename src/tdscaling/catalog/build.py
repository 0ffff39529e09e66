"""Builds a catalogue from sources of all kinds. What is broken is one line, and the rest goes on."""

import asyncio
import os
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
from tdscaling.scratch import scratch
from tdscaling.types import JsonValue, Tool

Progress = Callable[[str, int, int], None]
"""Called after each file: its name, files done, files in all."""


@dataclass(frozen=True, slots=True)
class CatalogReport:
    """A built catalogue: tools sorted by server and name, what was left out, tools listed per source given.

    Its text leaves the tools out: asyncio writes out the result of a task when a run ends.
    """

    tools: tuple[Tool, ...] = field(default=(), repr=False)
    problems: tuple[Problem, ...] = field(default=(), repr=False)
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

    At most `concurrency` servers are asked at a time, each within `within` seconds; `environ` fills
    `${VAR}` in client configs (the process's own by default). Raises ConfigError for a source that does not exist.
    """
    files = source_files(sources)
    servers = _Servers(os.environ if environ is None else environ, launcher, within, concurrency)
    done = 0

    def step(file: SourceFile) -> None:
        nonlocal done
        done += 1
        if progress:
            progress(file.label, done, len(files))

    # Files first, then all servers at once: parsing must not eat into the time that a server has to answer.
    found: dict[SourceFile, Listing] = {}
    configs: dict[SourceFile, Mapping[str, JsonValue]] = {}
    for file in files:
        read = _read(file)
        if isinstance(read, Listing):
            found[file] = read
            step(file)
        else:
            configs[file] = read

    async def ask(file: SourceFile, document: Mapping[str, JsonValue]) -> None:
        found[file] = await servers.config(file, document)
        step(file)

    await asyncio.gather(*(ask(file, document) for file, document in configs.items()))
    return _report(sources, [(file, found[file]) for file in files])


def _report(sources: Sequence[Path | str], pairs: list[tuple[SourceFile, Listing]]) -> CatalogReport:
    counts = {str(source): 0 for source in sources}
    for file, listing in pairs:
        counts[file.source] += len(listing.tools)
    tools, problems = merged((file.label, listing) for file, listing in pairs)
    return CatalogReport(tools, (*problems, *_unrecognised(pairs)), counts)


class _Servers:
    """Asks the servers of client configs for their tools, at most `concurrency` at a time."""

    def __init__(self, environ: Mapping[str, str], launcher: Launcher | None, within: float, concurrency: int) -> None:
        self._environ = environ
        self._launcher = launcher
        self._within = within
        self._gate = asyncio.Semaphore(concurrency)

    async def config(self, file: SourceFile, document: Mapping[str, JsonValue]) -> Listing:
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
        async with self._gate:
            with scratch() as workspace:
                tools, lines = await list_tools(
                    specs, workspace=workspace, within=self._within, launcher=self._launcher
                )
        return Listing(tuple(tools), tuple(Problem(label, "", line) for line in lines))


def _read(file: SourceFile) -> Listing | Mapping[str, JsonValue]:
    """The tools of a corpus or a specification, or the document itself when it is a client config."""
    if is_corpus(file.path):
        return read_corpus(file.path, label=file.label)
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
