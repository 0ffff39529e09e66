"""How files are put in place: whole, also where two processes write the same one and after one was killed."""

import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyarrow import parquet
from tests.store.sample import trajectory

from tdscaling.export import EXPORTERS, record_of, write_dataset
from tdscaling.replacing import replacing

WRITER = """
import sys
from pathlib import Path
from tdscaling.replacing import replacing
print("asked", flush=True)
with replacing(Path(sys.argv[1])) as file:
    print("begun", flush=True)
    for _ in range(3):
        file.write(sys.argv[2].encode() * 100_000)
        file.flush()
        sys.stdin.readline()
"""


@contextmanager
def writing(path: Path, letter: str) -> Generator[subprocess.Popen[str]]:
    """A process that writes the letter 300,000 times, going on a third at a time as it is told."""
    command = [sys.executable, "-c", WRITER, str(path), letter]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            said(process, ["asked"])
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str], lines: Sequence[str]) -> None:
    assert process.stdout is not None
    for line in lines:
        assert process.stdout.readline() == f"{line}\n"


def go_on(process: subprocess.Popen[str], times: int) -> None:
    assert process.stdin is not None
    process.stdin.write("\n" * times)
    process.stdin.flush()


@pytest.mark.requirement("export.one_writer")
def test_two_processes_that_write_the_same_file_do_so_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    with writing(path, "a") as first:
        said(first, ["begun"])
        with writing(path, "b") as second:
            go_on(second, 3)
            go_on(first, 3)
            assert first.wait() == 0
            said(second, ["begun"])
            assert second.wait() == 0
    assert path.read_bytes() == b"b" * 300_000
    assert [file.name for file in tmp_path.iterdir()] == ["data.jsonl"]


@pytest.mark.requirement("export.one_writer")
def test_what_a_killed_writer_left_is_taken_up_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "data.parquet"
    path.write_text("as it was")
    with writing(path, "a") as killed:
        said(killed, ["begun"])
        go_on(killed, 1)
    assert path.read_text() == "as it was"
    write_dataset([record_of(trajectory(1))], EXPORTERS["trl"], path)
    assert parquet.read_table(path).num_rows == 1
    assert [file.name for file in tmp_path.iterdir()] == ["data.parquet"]


@pytest.mark.requirement("export.one_writer")
def test_a_file_is_made_with_the_rights_that_new_files_have(tmp_path: Path) -> None:
    (tmp_path / "plain").touch()
    with replacing(tmp_path / "made") as file:
        file.write(b"x")
    assert (tmp_path / "made").stat().st_mode == (tmp_path / "plain").stat().st_mode
