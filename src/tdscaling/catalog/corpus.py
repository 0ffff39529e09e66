"""Reads tool corpora: JSON Lines, plain or gzipped, one tool a line. A bad line is named and skipped."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

from tdscaling.catalog.documents import parse_json
from tdscaling.catalog.problems import Listing, Problem
from tdscaling.catalog.rows import BadRowError, to_tool
from tdscaling.catalog.validity import published_problem
from tdscaling.errors import DataError
from tdscaling.types import Tool

SUFFIXES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
MAX_LINE = 16 * 2**20
"""Bytes of a line; a longer one is not a tool."""


def is_corpus(path: Path) -> bool:
    """Whether a file's name says that it holds JSON Lines."""
    return path.name.lower().endswith(SUFFIXES)


def read_corpus(path: Path, *, label: str = "") -> Listing:
    """The tools of a corpus in file order; never raises for its content.

    Problems name the line: it is no JSON, not a tool, or a schema of it is not valid JSON Schema.
    """
    label = label or str(path)
    tools: list[Tool] = []
    problems: list[Problem] = []
    number = 0
    try:
        for number, line in lines(path):
            try:
                tools.append(_usable(line_tool(line)))
            except DataError as exc:
                problems.append(Problem(label, f"line {number}", str(exc)))
    except (OSError, EOFError, zlib.error) as exc:
        reason = getattr(exc, "strerror", None) or str(exc)
        problems.append(Problem(label, f"after line {number}" if number else "", f"can't be read further: {reason}"))
    if not tools and not problems:
        problems.append(Problem(label, "", "holds no tools"))
    return Listing(tuple(tools), tuple(problems))


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, numbered from 1. Raises OSError, EOFError or zlib.error when torn."""
    with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                while rest := file.readline(MAX_LINE):
                    if rest.endswith(b"\n"):
                        break
            if line.strip():
                yield number, line


def line_tool(line: bytes) -> Tool:
    """The tool in a line. Raises DataError with the reason."""
    if len(line) > MAX_LINE:
        raise BadRowError(f"the line is longer than {MAX_LINE:,} bytes")
    try:
        return to_tool(parse_json(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8")))
    except UnicodeDecodeError as exc:
        raise BadRowError("is not UTF-8") from exc
    except json.JSONDecodeError as exc:
        raise BadRowError(f"is not JSON: {exc.msg} at column {exc.colno}") from exc
    except ValueError as exc:
        raise BadRowError(f"is not JSON: {exc}") from exc
    except RecursionError as exc:
        raise BadRowError("is nested too deeply") from exc


def _usable(tool: Tool) -> Tool:
    for name, schema in (("input_schema", tool.input_schema), ("output_schema", tool.output_schema)):
        problem = published_problem(schema) if schema else ""
        if problem:
            raise BadRowError(f"{tool.name}: {name} is not valid: {problem}")
    return tool
