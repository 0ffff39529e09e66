"""What the commands say of a catalogue."""

import json
from pathlib import Path

import pytest
from tests.cli.commands import contents
from tests.graph.shop import shop
from tests.pipeline.runs import tdscaling

from tdscaling.catalog import save
from tdscaling.graph import find_edges
from tdscaling.graph.files import edge_json

COMMANDS: dict[str, tuple[str, ...]] = {
    "graph": ("graph", "empty.jsonl", "-o", "edges.jsonl"),
    "cluster": ("cluster", "empty.jsonl", "-o", "clusters.jsonl"),
    "catalog": ("catalog", "show", "empty.jsonl"),
    "simulate": ("simulate", "show", "empty.jsonl", "desk"),
}


@pytest.mark.requirement("catalog.cli")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("text", ["", "\n"])
def test_a_catalogue_without_a_tool_is_refused(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.jsonl").write_text(text)
    ended = tdscaling(capsys, *COMMANDS[name])
    assert (ended.code, ended.out) == (1, "")
    assert ended.said == ["tdscaling: empty.jsonl: no tool in it; make it with `tdscaling catalog build`"]
    assert list(contents(tmp_path)) == ["empty.jsonl"]


@pytest.mark.requirement("graph.command")
@pytest.mark.parametrize("options", [(), ("-o", "edges.jsonl")])
def test_what_feeds_a_tool_is_json_where_json_is_asked_for(
    options: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    save(shop(), Path("catalog.jsonl"))
    edges = find_edges(shop())
    tool = edges[0].consumer.key
    ended = tdscaling(capsys, "graph", "catalog.jsonl", "--show", tool, "--json", *options)
    assert ended.code == 0
    found = json.loads(ended.out)
    assert found["tool"] == str(tool)
    assert found.get("edges") == (len(edges) if options else None)
    for name, mine in (
        ("fed_by", [edge for edge in edges if edge.consumer.key == tool]),
        ("feeds", [edge for edge in edges if edge.producer.key == tool]),
    ):
        assert sorted(map(json.dumps, found[name])) == sorted(json.dumps(edge_json(edge)) for edge in mine)
    spoken = tdscaling(capsys, "graph", "catalog.jsonl", "--show", tool, *options).out
    assert spoken.splitlines()[1 if options else 0] == str(tool)
