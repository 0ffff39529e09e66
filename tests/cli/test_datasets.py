"""Where `export` and `select` put a data set and its card."""

from pathlib import Path

import pytest
from tests.cli.commands import contents, data
from tests.pipeline.runs import tdscaling

COMMANDS = {
    "export": ("export", "rows.jsonl", "--format", "trl"),
    "select": ("select", "rows.jsonl", "--budget-tokens", "1000"),
}


@pytest.mark.requirement("export.command")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_with_a_dot_in_its_name_is_a_folder(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "qwen2.5").mkdir()
    assert tdscaling(capsys, *COMMANDS[name], "-o", "qwen2.5").code == 0
    assert {"train.jsonl", "README.md"} <= contents(place / "qwen2.5").keys()
    assert "pretty_name: qwen2.5\n" in (place / "qwen2.5" / "README.md").read_text()


@pytest.mark.requirement("export.command")
def test_the_folder_one_is_in_gives_the_data_set_its_name(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "here").mkdir()
    monkeypatch.chdir(place / "here")
    assert tdscaling(capsys, "export", place / "rows.jsonl", "--format", "trl", "-o", ".").code == 0
    assert "pretty_name: here\n" in Path("README.md").read_text()


@pytest.mark.requirement("export.kept", "house.exits")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    ("output", "mine", "text"),
    [
        ("mine", "mine/README.md", "# My project\n"),
        ("mine", "mine/README.md", "---\ntags: [own]\n---\n# Of a hub\n- tdscaling\n"),
        ("mine/a.jsonl", "mine/a.md", "notes"),
        ("mine/a.jsonl", "mine/a.md", "\udcff"),
    ],
)
def test_a_file_of_the_user_s_is_named_and_nothing_is_written(
    name: str, output: str, mine: str, text: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "mine").mkdir()
    (place / mine).write_bytes(text.encode(errors="surrogateescape"))
    before = contents(place)
    ended = tdscaling(capsys, *COMMANDS[name], "-o", output)
    assert ended.code == 2
    [line] = ended.said
    assert f"{mine} is not by TDScaling" in line
    assert contents(place) == before


@pytest.mark.requirement("export.kept", "export.companions")
def test_a_chat_template_of_the_user_s_stays_and_ours_is_written_anew(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = data(place / "mine" / "chat_template.jinja")
    mine.write_text("{{ messages }}")
    before = contents(place)
    ended = tdscaling(capsys, *COMMANDS["export"], "-o", "mine")
    assert ended.code == 2
    assert "mine/chat_template.jinja is not by TDScaling" in ended.said[0]
    assert contents(place) == before
    for _ in range(2):
        assert tdscaling(capsys, *COMMANDS["export"], "-o", "ours").code == 0


@pytest.mark.requirement("export.kept", "export.card")
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("output", ["ours", "ours/a.jsonl"])
def test_a_card_of_ours_is_written_anew(
    name: str, output: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for licence in ("mit", "apache-2.0"):
        assert tdscaling(capsys, *COMMANDS[name], "-o", output, "--licence", licence).code == 0
    [card] = [text for path, text in contents(place / "ours").items() if path.endswith(".md")]
    assert b"license: apache-2.0" in card


@pytest.mark.requirement("export.kept", "export.llama_factory")
def test_a_list_of_data_sets_that_can_t_be_read_is_named_before_anything_is_written(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data(place / "mine" / "dataset_info.json").write_text("[1]")
    before = contents(place)
    ended = tdscaling(capsys, "export", "rows.jsonl", "--format", "sharegpt", "-o", "mine")
    assert ended.code == 1
    assert "mend it or move it away" in ended.said[0]
    assert contents(place) == before
