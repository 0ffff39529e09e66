"""`tdscaling select --exclude` of texts that are too short for a run of words: nobody is left in the belief that they
are kept out."""

import json
from pathlib import Path

import pytest
from tests.cli.commands import contents, data
from tests.pipeline.runs import tdscaling

LONG = "which of the eight lighthouses on the northern coast was built first of them all"
SHORT = "Is it the tallest one?"
TOLD = ("select", "rows.jsonl", "--budget-tokens", "1000", "-o", "out", "--exclude")


@pytest.mark.requirement("selection.decontaminated", "house.exits")
@pytest.mark.parametrize("name", ["short.txt", "short.jsonl", "folder"])
def test_texts_that_are_all_too_short_to_tell_an_overlap_are_refused_by_name(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "short.txt").write_text(SHORT)
    data(place / "short.jsonl", {"question": SHORT})
    data(place / "folder" / "short.jsonl", {"question": SHORT})
    (place / "long.txt").write_text(LONG)
    before = contents(place)
    ended = tdscaling(capsys, *TOLD, "long.txt", "--exclude", name)
    assert ended.code == 1
    [line] = ended.said
    assert f"{name} has no text of 13 words or more" in line
    assert "lower --ngram" in line
    assert contents(place) == before
    assert tdscaling(capsys, *TOLD, name, "--ngram", "3").code == 0


@pytest.mark.requirement("selection.decontaminated")
def test_entries_that_are_too_short_are_counted_beside_those_that_are_not(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [f'"{LONG}"', '["what is it", "short"]', json.dumps({"question": LONG, "answer": "short"}), '"short"']
    (place / "bench.jsonl").write_text("\n".join(texts) + "\n")
    (place / "long.txt").write_text(LONG)
    ended = tdscaling(capsys, *TOLD, "bench.jsonl", "--exclude", "long.txt", "--json")
    assert ended.code == 0
    [line] = ended.said
    assert "2 of the 4 rows, dialogues and text files of bench.jsonl have no text of 13 words or more" in line
    assert json.loads(ended.out)["too_short"] == [{"name": "bench.jsonl", "short": 2, "entries": 4}]


@pytest.mark.requirement("selection.decontaminated", "house.quiet")
def test_nothing_is_said_where_all_are_long_enough(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "long.txt").write_text(LONG)
    ended = tdscaling(capsys, *TOLD, "long.txt", "--json")
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out)["too_short"] == []


@pytest.mark.requirement("selection.decontaminated", "house.exits")
@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_text_that_is_not_utf8_is_refused_by_name(
    encoding: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data(place / "folder" / "long.jsonl", {"question": LONG})
    (place / "folder" / "notes.txt").write_text(f"At the café: {LONG}", encoding=encoding)
    ended = tdscaling(capsys, *TOLD, "folder")
    assert ended.code == 1
    [line] = ended.said
    assert "notes.txt can't be read: it is not UTF-8" in line
