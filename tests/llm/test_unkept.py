"""Answers that can't be kept: nothing more is paid for, and the line says what to do."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

import pytest
from tests.llm.asking import ask, model
from tests.llm.fake_endpoint import FakeEndpoint

from tdscaling.errors import StoreError
from tdscaling.llm.answers import FILE, Answers
from tdscaling.llm.endpoint import Endpoint


def full(asked: Endpoint) -> None:
    """The file takes no more, as on a full disk: SQLite says the same of both."""
    db: sqlite3.Connection = vars(asked.answers)["_db"]
    [pages] = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages}")


@pytest.mark.requirement("llm.unkept")
async def test_on_a_full_disk_nothing_more_is_asked_for_and_nobody_is_told_to_move_the_answers_away(
    tmp_path: Path,
) -> None:
    endpoint = FakeEndpoint(reply=lambda _: {"content": "x" * 9000})
    async with model(endpoint, folder=tmp_path, concurrency=1) as asked:
        await asked.complete(ask("kept"))
        full(asked)
        ended = await asyncio.gather(*(asked.complete(ask(f"{n}")) for n in range(9)), return_exceptions=True)
        assert len(endpoint.arrivals) == 2, "the others waited for their turn, and were not sent"
    said = {f"{type(one).__name__}: {one}" for one in ended}
    advice = "what was kept is safe, free some and run the same command again"
    assert said == {f"StoreError: no disk space left for {tmp_path}: {advice}"}
    async with model(endpoint, folder=tmp_path) as asked:
        assert (await asked.complete(ask("kept"))).cached
        assert len((await asked.complete(ask("0"))).content) == 9000


@pytest.mark.requirement("llm.unkept")
@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("SQLITE_FULL", "no disk space left for"),
        ("SQLITE_READONLY", "no permission to write in"),
        ("SQLITE_IOERR_WRITE", "the disk under .* failed"),
        ("SQLITE_BUSY", "locked by another program"),
        ("SQLITE_CORRUPT", "is damaged .*move it away, and what it holds is paid for again"),
    ],
)
def test_each_failure_of_the_file_has_its_own_advice(tmp_path: Path, name: str, advice: str) -> None:
    failed = sqlite3.OperationalError("it failed")
    failed.sqlite_errorname = name
    answers = Answers.open(tmp_path)

    class Failing:
        def execute(self, *_: object) -> object:
            raise failed

    vars(answers)["_db"].close()
    vars(answers)["_db"] = Failing()
    with pytest.raises(StoreError, match=advice) as caught:
        answers.paid()
    assert ("away" in str(caught.value)) == (name == "SQLITE_CORRUPT")
    assert (tmp_path / FILE).exists()


@pytest.mark.requirement("llm.unkept")
@pytest.mark.parametrize("put_another", [False, True])
async def test_a_folder_that_is_taken_away_is_not_paid_into(tmp_path: Path, put_another: bool) -> None:
    endpoint, folder = FakeEndpoint(), tmp_path / "run"
    folder.mkdir()
    async with model(endpoint, folder=folder) as asked:
        await asked.complete(ask("kept"))
        shutil.move(folder, tmp_path / "elsewhere")
        if put_another:
            folder.mkdir()
            Answers.open(folder).close()
        with pytest.raises(StoreError, match=f"{folder} was taken away while it ran"):
            await asked.complete(ask("another"))
    assert sum(endpoint.attempts.values()) == 1
    assert len(Answers.read(tmp_path / "elsewhere").requests()) == 1
