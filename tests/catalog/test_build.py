"""A catalogue is built from sources of all kinds, and what is broken does not stop the rest."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tdscaling.catalog import Problem, build
from tdscaling.errors import ConfigError

SERVER = Path(__file__).with_name("small_server.py")
SPEC = {"openapi": "3.0.0", "paths": {"/a": {"get": {"operationId": "get_a"}}}}


def row(name: str = "n", server: str = "s", **schema: Any) -> str:
    return json.dumps({"server": server, "name": name, "input_schema": schema})


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.servers
@pytest.mark.requirement("catalog.sources", "catalog.bad_input")
async def test_all_kinds_of_sources_are_joined_and_each_broken_one_is_one_line(tmp_path: Path) -> None:
    servers = {
        "small": {"command": sys.executable, "args": [str(SERVER)]},
        "gone": {"command": "no-such-command-anywhere"},
        "typo": {"comand": "x"},
    }
    config = write(tmp_path / "servers.json", json.dumps({"mcpServers": servers}))
    corpus = write(tmp_path / "c.jsonl", row("b") + "\nrubbish\n" + row("a"))
    spec = write(tmp_path / "specs" / "shop.yaml", json.dumps(SPEC))
    write(tmp_path / "specs" / "broken.json", "{")
    report = await build([config, corpus, spec.parent])
    assert [str(tool.key) for tool in report.tools] == ["s/a", "s/b", "shop/get_a", "small/greet"]
    assert report.counts == {str(config): 1, str(corpus): 2, str(spec.parent): 1}
    assert report.servers == 3
    lines = [str(problem) for problem in report.problems]
    assert len(lines) == 4
    assert all("\n" not in line for line in lines)
    assert any("no-such-command-anywhere" in line for line in lines)
    assert any("typo" in line and "did you mean 'command'" in line for line in lines)
    assert f"{corpus}: line 2: is not JSON: Expecting value at column 1" in lines
    assert any(line.startswith(f"{tmp_path}/specs/broken.json: line 1: is not JSON") for line in lines)


@pytest.mark.requirement("catalog.sources")
async def test_a_folder_is_walked_in_order_without_hidden_files_and_parts_are_no_sources(tmp_path: Path) -> None:
    parts = {"/a": {"$ref": "parts/path.yaml"}}
    write(tmp_path / "z" / "openapi.json", json.dumps({"openapi": "3.1.0", "paths": parts}))
    write(tmp_path / "z" / "parts" / "path.yaml", "get: {operationId: from_part}")
    write(tmp_path / "b" / "tools.jsonl", row())
    write(tmp_path / ".hidden" / "c.jsonl", row("hidden"))
    write(tmp_path / ".c.jsonl", row("hidden"))
    write(tmp_path / "readme.md", "no source")
    write(tmp_path / "package.json", "{}")
    seen: list[tuple[str, int, int]] = []
    report = await build([tmp_path], progress=lambda name, done, total: seen.append((Path(name).name, done, total)))
    assert [str(tool.key) for tool in report.tools] == ["s/n", "z/from_part"]
    assert report.problems == (
        Problem(
            str(tmp_path), "", f"1 file(s) are no tool source and no part of one, such as {tmp_path / 'package.json'}"
        ),
    )
    names = ["tools.jsonl", "package.json", "openapi.json", "path.yaml"]
    assert seen == [(name, number, 4) for number, name in enumerate(names, 1)]


@pytest.mark.requirement("catalog.sources")
async def test_a_named_file_that_is_no_source_is_a_problem_and_a_missing_one_a_misuse(tmp_path: Path) -> None:
    report = await build([write(tmp_path / "package.json", "{}")])
    assert report.tools == ()
    assert "is no tool source" in report.problems[0].reason
    with pytest.raises(ConfigError, match="no such file or folder"):
        await build([tmp_path / "none.json"])


@pytest.mark.requirement("catalog.sources")
async def test_a_source_given_twice_is_read_once(tmp_path: Path) -> None:
    corpus = write(tmp_path / "c.jsonl", row())
    report = await build([corpus, tmp_path, str(corpus)])
    assert len(report.tools) == 1
    assert report.problems == ()


@pytest.mark.requirement("catalog.merge")
async def test_equal_tools_of_two_sources_are_one_and_of_differing_ones_the_first_wins(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", "\n".join([row("same"), row("other", type="object"), row("own")]))
    two = write(tmp_path / "two.jsonl", "\n".join([row("same"), row("other", type="array"), row("own", server="t")]))
    report = await build([one, two])
    assert [str(tool.key) for tool in report.tools] == ["s/other", "s/own", "s/same", "t/own"]
    assert report.tools[0].input_schema == {"type": "object"}
    assert report.problems == (
        Problem(str(two), "s", f"1 tool differs in schema from that of the same name in {one}, which is kept: other"),
    )
    assert (await build([two, one])).tools[0].input_schema == {"type": "array"}


@pytest.mark.requirement("catalog.merge")
async def test_a_name_repeated_in_one_source_with_another_schema_is_said(tmp_path: Path) -> None:
    report = await build([write(tmp_path / "c.jsonl", row() + "\n" + row(type="object"))])
    assert len(report.tools) == 1
    assert "in an earlier line, which is kept: n" in report.problems[0].reason


def test_the_text_of_a_report_stays_short_however_many_tools_it_holds() -> None:
    """asyncio writes out the result of a task at the end of a run: 34,000 tools would cost seconds and memory."""
    from tdscaling.catalog import CatalogReport
    from tdscaling.catalog.problems import Listing
    from tdscaling.types import Tool

    tools = tuple(Tool(server="s", name=f"n{i}") for i in range(1_000))
    assert len(repr(CatalogReport(tools))) < 200
    assert len(repr(Listing(tools))) < 200
