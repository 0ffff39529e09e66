"""The law of the store: killed at any statement, it goes on with nothing lost and nothing doubled."""

import os
import signal
import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.sample import outcome, rejected

from tdscaling.store import Outcome, RunStore, opening

CONFIG = "seed: 7"
WORK: tuple[Outcome, ...] = (outcome(3), rejected(1), outcome(0, "effects"), outcome(2), outcome(4))
STATEMENTS = 120
"""More than the statements of a whole run, so that the draw reaches the end of it and beyond."""


def work(folder: Path, reported: int) -> None:
    """The loop a pipeline runs; writes the hash of each item to `reported` once the store has returned."""
    store = RunStore.open(folder, "f", CONFIG)
    for one in WORK:
        if not store.done(one.item.hash):
            store.record(one)
            os.write(reported, f"{one.item.hash}\n".encode())
    store.close()


def killed_after(folder: Path, statements: int) -> tuple[bool, list[str]]:
    """Runs `work` in a child that dies by SIGKILL when it starts its n-th SQL statement: died?, items reported."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        connect = opening.connect
        count = 0

        def trace(_statement: str) -> None:
            nonlocal count
            count += 1
            if count >= statements:
                os.kill(os.getpid(), signal.SIGKILL)

        def traced(where: Path) -> sqlite3.Connection:
            db = connect(where)
            db.set_trace_callback(trace)
            return db

        opening.connect = traced
        try:
            work(folder, writer)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        said = lines.read().split()
    return os.waitpid(child, 0)[1] == signal.SIGKILL, said


def contents(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables."""
    db = sqlite3.connect(folder / "run.db")
    tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {table: sorted(db.execute(f"SELECT * FROM {table}").fetchall(), key=repr) for table in tables}
    db.close()
    return found


@pytest.mark.requirement("store.kill")
@settings(max_examples=60)
@given(deaths=st.lists(st.integers(1, STATEMENTS), min_size=1, max_size=4))
def test_a_run_killed_at_any_statement_ends_as_one_that_was_not(deaths: list[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        calm, folder = Path(name, "calm"), Path(name, "run")
        assert killed_after(calm, 10_000) == (False, [one.item.hash for one in WORK])
        reported: list[str] = []
        for statements in deaths:
            reported += killed_after(folder, statements)[1]
            if (folder / "run.db").exists() and reported:
                with RunStore.open(folder, "f", CONFIG) as store:
                    assert set(reported) <= store.done_items()
        assert len(reported) == len(set(reported))
        killed_after(folder, 10_000)
        assert contents(folder) == contents(calm)


@pytest.mark.requirement("store.kill")
def test_every_statement_of_a_run_is_reached_by_the_killing() -> None:
    with tempfile.TemporaryDirectory() as name:
        assert killed_after(Path(name, "a"), STATEMENTS)[0] is False
        assert killed_after(Path(name, "b"), 1) == (True, [])
