"""A catalogue comes back as it was saved."""

import errno
import gzip
import json
import os
import random
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdscaling.catalog import files, load, save
from tdscaling.catalog.rows import to_line
from tdscaling.errors import ConfigError, DataError, StoreError
from tdscaling.types import Tool

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=3)
NAMES = st.text(min_size=1).filter(str.strip)
TOOLS = st.lists(
    st.builds(
        Tool,
        server=NAMES,
        name=NAMES,
        description=st.text(),
        input_schema=OBJECTS,
        output_schema=st.none() | OBJECTS,
        annotations=OBJECTS,
        server_description=st.text(),
        category=st.text(),
        source=st.text(),
        licence=st.text(),
    ),
    max_size=5,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("catalogues")


@pytest.mark.requirement("catalog.round_trip")
@given(tools=TOOLS, suffix=st.sampled_from([".jsonl", ".jsonl.gz"]), seed=st.integers())
def test_saved_tools_load_equal_and_their_order_does_not_change_the_bytes(
    folder: Path, tools: list[Tool], suffix: str, seed: int
) -> None:
    one, other = folder / f"one{suffix}", folder / f"other{suffix}"
    save(tools, one)
    shuffled = list(tools)
    random.Random(seed).shuffle(shuffled)
    save(shuffled, other)
    assert one.read_bytes() == other.read_bytes()
    assert load(one) == sorted(tools, key=lambda tool: (tool.key, to_line(tool)))


@pytest.mark.requirement("catalog.round_trip")
def test_half_a_surrogate_pair_survives(tmp_path: Path) -> None:
    tools = [Tool(server="s", name="n", description="\ud800"), Tool(server="s", name="o", description="é")]
    save(tools, tmp_path / "c.jsonl")
    assert load(tmp_path / "c.jsonl") == tools
    assert "é".encode() in (tmp_path / "c.jsonl").read_bytes()


@pytest.mark.requirement("catalog.round_trip")
def test_the_gzip_header_holds_neither_time_nor_name(tmp_path: Path) -> None:
    save([Tool(server="s", name="n")], tmp_path / "c.jsonl.gz")
    assert (tmp_path / "c.jsonl.gz").read_bytes()[3:8] == bytes(5)


@pytest.mark.requirement("catalog.atomic")
def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"the folder .*none does not exist; make it first"):
        save([], tmp_path / "none" / "c.jsonl")


@pytest.mark.requirement("catalog.atomic")
@pytest.mark.parametrize(
    ("code", "error", "text"),
    [
        (errno.ENOSPC, StoreError, "no space left"),
        (errno.EACCES, ConfigError, "no permission to write there"),
        (errno.EIO, ConfigError, "can't be written"),
    ],
)
def test_a_failed_write_leaves_the_old_catalogue_and_no_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, error: type[Exception], text: str
) -> None:
    old = [Tool(server="s", name="old")]
    save(old, tmp_path / "c.jsonl")

    def fail(_tools: Any, file: BinaryIO, *, zipped: bool) -> None:
        file.write(b"half a line")
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files, "_write", fail)
    with pytest.raises(error, match=text):
        save([Tool(server="s", name="new")], tmp_path / "c.jsonl")
    assert load(tmp_path / "c.jsonl") == old
    assert [path.name for path in tmp_path.iterdir()] == ["c.jsonl"]


@pytest.mark.requirement("catalog.bad_input")
def test_a_catalogue_that_can_not_be_loaded_says_where_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such catalogue; make one with"):
        load(tmp_path / "none.jsonl")
    torn = tmp_path / "torn.jsonl.gz"
    torn.write_bytes(gzip.compress(json.dumps({"server": "s", "name": "n"}).encode())[:-9])
    with pytest.raises(DataError, match=r"torn.jsonl.gz: can't be read: .*build the catalogue anew"):
        load(torn)
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"server": "s", "name": "n"}\n\n{"server": "s"}\n')
    with pytest.raises(DataError, match=r"bad.jsonl: line 3: name is missing"):
        load(bad)
