"""`tdscaling catalog` builds a catalogue and shows it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tdscaling.catalog import load
from tdscaling.cli import cli, main


def run(*args: object) -> Result:
    return CliRunner().invoke(cli, ["catalog", *map(str, args)])


def exit_code(monkeypatch: pytest.MonkeyPatch, *args: object) -> int:
    monkeypatch.setattr("sys.argv", ["tdscaling", "catalog", *map(str, args)])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "c.jsonl"
    rows = [{"server": "a/b", "name": name, "description": f"Does {name}."} for name in ("one", "two")]
    path.write_text("\n".join([*map(json.dumps, rows), "rubbish"]))
    return path


@pytest.mark.requirement("catalog.cli")
def test_build_writes_the_catalogue_and_sums_it_up(corpus: Path, tmp_path: Path) -> None:
    result = run("build", corpus, "-o", tmp_path / "out.jsonl.gz")
    assert result.exit_code == 0
    assert result.stdout.startswith("2 tools of 1 servers, 0 with an output schema, 1 problems → ")
    assert result.stderr.splitlines() == [f"{corpus}: line 3: is not JSON: Expecting value at column 1"]
    assert [tool.name for tool in load(tmp_path / "out.jsonl.gz")] == ["one", "two"]


@pytest.mark.requirement("catalog.cli")
def test_build_prints_its_summary_as_json(corpus: Path, tmp_path: Path) -> None:
    summary = json.loads(run("build", corpus, "-o", tmp_path / "out.jsonl", "--json").stdout)
    assert summary == {
        "output": str(tmp_path / "out.jsonl"),
        "tools": 2,
        "servers": 1,
        "with_output_schema": 0,
        "sources": {str(corpus): 2},
        "problems": [{"source": str(corpus), "place": "line 3", "reason": "is not JSON: Expecting value at column 1"}],
    }


@pytest.mark.requirement("catalog.cli")
def test_the_exit_code_is_0_done_1_nothing_came_out_2_misused(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    empty = tmp_path / "empty.jsonl"
    empty.write_text("rubbish")
    assert exit_code(monkeypatch, "build", corpus, "-o", out) == 0
    assert exit_code(monkeypatch, "build", empty, "-o", tmp_path / "none.jsonl") == 1
    assert "no tool came out of the sources" in capsys.readouterr().err
    assert not (tmp_path / "none.jsonl").exists()
    assert exit_code(monkeypatch, "build", corpus) == 2
    assert exit_code(monkeypatch, "build", tmp_path / "missing", "-o", out) == 2
    assert exit_code(monkeypatch, "build", corpus, "-o", tmp_path / "no" / "out.jsonl") == 2
    assert exit_code(monkeypatch, "show", corpus.with_name("out.jsonl"), "nobody") == 2
    assert "nobody: no such server or tool" in capsys.readouterr().err


@pytest.mark.requirement("catalog.cli")
def test_show_lists_servers_then_tools_then_all_of_one_tool(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run("build", corpus, "-o", out).exit_code == 0
    assert run("show", out).stdout == "     2  a/b\n"
    assert run("show", out, "a/b").stdout == "one  Does one.\ntwo  Does two.\n"
    assert json.loads(run("show", out, "a/b/two").stdout)["description"] == "Does two."
    assert run("show", out, "a/b", "--json").stdout == out.read_text()


@pytest.mark.requirement("catalog.cli")
@pytest.mark.parametrize("name", ["build", "show"])
def test_help_has_an_example(name: str) -> None:
    assert f"tdscaling catalog {name} " in run(name, "--help").stdout


@pytest.mark.requirement("catalog.cli")
@pytest.mark.parametrize("terminal", [True, False])
def test_what_a_source_says_does_not_drive_the_terminal(
    terminal: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c.jsonl"
    hostile = {"server": "a", "name": "b", "description": "Fine.\x1b]0;owned\x07\x9b2J"}
    path.write_text(json.dumps(hostile) + '\n{"server": "a", "name": "\\u001b[2Jc", "input_schema": 1}')
    monkeypatch.setattr("tdscaling.cli.terminal.on_terminal", lambda _: terminal)
    built = run("build", path, "-o", tmp_path / "out.jsonl")
    texts = [built.stderr, run("show", tmp_path / "out.jsonl", "a").stdout, run("show", path, "a/b", "--json").stdout]
    assert built.stderr
    assert any({"\x1b", "\x07", "\x9b"} & set(text) for text in texts) is not terminal
