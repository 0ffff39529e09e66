"""The law of export: what is written comes back, in every format and kind of file."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.export.dialogues import HOSTILE, dialogues, records
from tests.store.sample import dialogue, trajectory

from tdscaling.errors import DataError
from tdscaling.export import EXPORTERS, Record, Row, read_dataset, read_row, record_of, write_dataset
from tdscaling.types import Dialogue

DIALOGUES = [name for name, one in EXPORTERS.items() if one.shape != "pairs"]
KEEPING_ALL = [name for name in DIALOGUES if EXPORTERS[name].normal.__name__ == "unchanged"]


def expected(name: str, record: Record) -> Record:
    """What must come back. A system message of nothing but spaces and the like is kept; order and text are."""
    return replace(record, dialogue=EXPORTERS[name].normal(record.dialogue))


@pytest.mark.requirement("export.round_trip")
@pytest.mark.parametrize("name", DIALOGUES)
@settings(max_examples=40)
@given(record=records())
def test_every_message_call_argument_and_tool_comes_back(name: str, record: Record) -> None:
    back = read_row(json.loads(json.dumps(EXPORTERS[name].record(record))))
    assert back == expected(name, record)


@pytest.mark.requirement("export.round_trip", "export.text_beside_calls", "export.prompt", "export.metadata")
@pytest.mark.parametrize("name", DIALOGUES)
def test_a_full_dialogue_comes_back(name: str) -> None:
    record = record_of(trajectory(4))
    back = read_row(json.loads(json.dumps(EXPORTERS[name].record(record))))
    assert back == expected(name, record)
    assert back.metadata == {
        "domain": "version control",
        "mode": "recovering",
        "band": 2,
        "cac": 13.25,
        "servers": ["git"],
    }
    assert [call.arguments for _, call in back.dialogue.calls()] == [call.arguments for _, call in dialogue().calls()]
    assert back.dialogue.tools == dialogue().tools
    assert [m.content for m in back.dialogue.messages] == [m.content for m in dialogue().messages]


@pytest.mark.parametrize("name", KEEPING_ALL)
def test_formats_that_claim_to_keep_all_keep_all(name: str) -> None:
    record = record_of(trajectory(4))
    assert read_row(json.loads(json.dumps(EXPORTERS[name].record(record)))) == record


@pytest.mark.requirement("export.round_trip", "export.parquet")
@pytest.mark.parametrize("name", [name for name in DIALOGUES if ".parquet" in EXPORTERS[name].kinds])
@settings(max_examples=15)
@given(many=st.lists(records(), min_size=1, max_size=4))
def test_parquet_gives_back_what_went_in(name: str, many: list[Record]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "data.parquet")
        assert write_dataset(many, EXPORTERS[name], path).skipped == ()
        back = [row.record for row in read_dataset(path) if isinstance(row, Row)]
    assert back == [expected(name, record) for record in many]


@pytest.mark.requirement("export.round_trip")
@given(given=dialogues())
def test_what_a_format_makes_of_a_dialogue_it_makes_only_once(given: Dialogue) -> None:
    for one in EXPORTERS.values():
        try:
            normal = one.normal(given)
        except DataError:
            continue
        assert one.normal(normal) == normal


@pytest.mark.requirement("export.refused")
@pytest.mark.parametrize("name", DIALOGUES)
@settings(max_examples=60)
@given(hostile=dialogues(HOSTILE))
def test_texts_that_look_like_a_formats_own_tags_come_back_or_are_refused(name: str, hostile: Dialogue) -> None:
    record = Record(dialogue=hostile, id="h")
    try:
        row = EXPORTERS[name].record(record)
    except DataError:
        return
    assert read_row(json.loads(json.dumps(row))) == expected(name, record)
