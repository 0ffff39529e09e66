"""Corpora are read line by line; a bad line is named and skipped."""

import gzip
import json
from pathlib import Path

import pytest

from tdscaling.catalog.corpus import MAX_LINE, read_corpus
from tdscaling.types import Tool

GOOD = {"server": "s", "name": "n", "input_schema": {"type": "object", "properties": {"a": {"type": "string"}}}}


@pytest.mark.requirement("catalog.corpus")
@pytest.mark.parametrize("name", ["c.jsonl", "c.jsonl.gz"])
def test_a_line_becomes_the_tool_it_describes(tmp_path: Path, name: str) -> None:
    line = {
        **GOOD,
        "server_description": "S",
        "category": "C",
        "description": "D",
        "output_schema": {"type": "array"},
        "annotations": {"readOnlyHint": True},
        "source": "src",
        "licence": "MIT",
    }
    data = b"\xef\xbb\xbf" + json.dumps(line).encode() + b"\r\n\r\n" + json.dumps({"server": "s", "name": "m"}).encode()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    listing = read_corpus(tmp_path / name)
    assert listing.problems == ()
    assert listing.tools == (
        Tool(
            server="s",
            name="n",
            description="D",
            input_schema=GOOD["input_schema"],  # type: ignore[arg-type]
            output_schema={"type": "array"},
            annotations={"readOnlyHint": True},
            server_description="S",
            category="C",
            source="src",
            licence="MIT",
        ),
        Tool(server="s", name="m"),
    )


@pytest.mark.requirement("catalog.bad_input")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"server": "s", ', "is not JSON"),
        (b'{"server": "s", "name": "n", "description": Infinity}', "Infinity is not a JSON number"),
        (b'{"server": "s", "name": "n", "annotations": {"a": 1e999}}', "is too large"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b"[1]", "the line is a list, not an object"),
        (b'{"server": "s"}', "name is missing"),
        (b'{"name": "n", "server": " "}', "server is missing"),
        (b'{"server": "s", "name": 7}', "name is a number, not a string"),
        (b'{"server": "s", "name": "n", "input_schema": "none"}', "input_schema is a string, not an object"),
        (b'{"server": "s", "name": "n", "output_schema": true}', "output_schema is a boolean, not an object"),
        (b'{"server": "s", "name": "n", "input_schema": {"type": "objekt"}}', "input_schema is not valid"),
        (b'{"server": "s", "name": "n", "input_schema": {"properties": {"a": 1}}}', "input_schema is not valid"),
        (b'{"server": "s", "name": "n", "input_schema": {"required": ["a", "a"]}}', "input_schema is not valid"),
        (b'{"server": "s", "name": "n", "input_schema": {"$ref": "#/$defs/x"}}', "leads nowhere"),
        (b'{"server": "s", "name": "n", "input_schema": {"$schema": "http://x"}}', "$schema names no known dialect"),
        (b'{"server": "s", "name": "n", "input_schema": {"$schema": 5}}', "$schema names no known dialect"),
        (b"[" * 200_000, "nested too deeply"),
        (b" " * MAX_LINE + b"{}", "is longer than"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_reason_and_the_rest_is_read(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    good = json.dumps(GOOD).encode()
    (tmp_path / "c.jsonl").write_bytes(b"\n".join([good, line, good]) + b"\n")
    listing = read_corpus(tmp_path / "c.jsonl", label="c.jsonl")
    assert len(listing.tools) == 2
    (problem,) = listing.problems
    assert str(problem).startswith("c.jsonl: line 2: ")
    assert reason in problem.reason


@pytest.mark.requirement("catalog.bad_input")
def test_a_torn_gzip_keeps_what_came_before_the_tear(tmp_path: Path) -> None:
    data = b"".join(json.dumps({**GOOD, "name": f"n{i}"}).encode() + b"\n" for i in range(20_000))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(data)[:-1000])
    listing = read_corpus(tmp_path / "c.jsonl.gz")
    assert 1_000 < len(listing.tools) < 20_000
    (problem,) = listing.problems
    assert problem.place == f"after line {len(listing.tools)}"


@pytest.mark.requirement("catalog.corpus")
def test_schemas_of_other_drafts_and_recursive_ones_are_kept_as_published(tmp_path: Path) -> None:
    schemas = [
        {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True},
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": ["object", "null"]},
        {"$defs": {"T": {"properties": {"t": {"$ref": "#/$defs/T"}}}}, "$ref": "#/$defs/T"},
        {"properties": {"required": {"type": "string"}}, "nullable": True, "x-anything": [1]},
    ]
    lines = [json.dumps({**GOOD, "input_schema": schema}) for schema in schemas]
    (tmp_path / "c.jsonl").write_text("\n".join(lines))
    listing = read_corpus(tmp_path / "c.jsonl")
    assert listing.problems == ()
    assert [tool.input_schema for tool in listing.tools] == schemas
