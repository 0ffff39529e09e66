"""What can be wrong with a run folder, said in one line, with nothing lost."""

import os
import shutil
import signal
import sqlite3
from pathlib import Path

import pytest
from tests.store.sample import outcome

from tdscaling.errors import StoreError
from tdscaling.store import RunStore, opening, read_run


def begun(folder: Path, kept: int = 2) -> None:
    with RunStore.open(folder, "f", "sources: [a]\nseed: 7") as store:
        for number in range(kept):
            store.record(outcome(number))


def refused(folder: Path, fingerprint: str = "f", config: str = "sources: [a]\nseed: 7") -> str:
    with pytest.raises(StoreError) as caught:
        RunStore.open(folder, fingerprint, config)
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.requirement("store.config")
def test_a_changed_config_is_refused_and_the_change_named(tmp_path: Path) -> None:
    begun(tmp_path / "run")
    text = refused(tmp_path / "run", "g", "sources: [a]\nseed: 8")
    assert "(it had seed: 7, now seed: 8)" in text
    assert "--new" in text
    with RunStore.open(tmp_path / "run", "f", "sources: [a]\nseed: 7") as store:
        assert store.kept_count() == 2


@pytest.mark.requirement("store.config")
def test_a_change_is_named_without_what_only_parts_the_lines(tmp_path: Path) -> None:
    with RunStore.open(tmp_path / "run", "f", '{\n "a": 1,\n "seed": 7\n}'):
        pass
    assert '(it had "seed": 7, now "seed": 8)' in refused(tmp_path / "run", "g", '{\n "a": 1,\n "seed": 8\n}')
    assert '(now "more": 2)' in refused(tmp_path / "run", "g", '{\n "a": 1,\n "seed": 7,\n "more": 2\n}')


@pytest.mark.requirement("store.config")
def test_where_only_the_folder_of_the_config_is_another_one_that_is_said(tmp_path: Path) -> None:
    begun(tmp_path / "run")
    text = refused(tmp_path / "run", "g")
    assert "begun with the same config in another folder" in text
    assert "--new" in text


@pytest.mark.requirement("store.aside")
def test_a_run_begun_anew_leaves_the_old_ones_in_named_folders(tmp_path: Path) -> None:
    begun(tmp_path / "run")
    (tmp_path / "run" / "manifest.json").write_text("{}")
    with RunStore.open(tmp_path / "run", "g", "seed: 8", new=True) as store:
        assert store.kept_count() == 0
        assert store.moved == tmp_path / "run.old-1"
        store.record(outcome(9))
    with RunStore.open(tmp_path / "run", "h", "seed: 9", new=True) as store:
        assert store.moved == tmp_path / "run.old-2"
    assert (tmp_path / "run.old-1" / "manifest.json").read_text() == "{}"
    with read_run(tmp_path / "run.old-1") as old, read_run(tmp_path / "run.old-2") as older:
        assert (old.kept_count(), older.kept_count()) == (2, 1)


def test_new_on_a_folder_without_a_run_moves_nothing(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "notes.txt").write_text("mine")
    with RunStore.open(tmp_path / "run", "g", "seed: 8", new=True) as store:
        assert store.moved is None
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"


@pytest.mark.requirement("store.foreign")
@pytest.mark.parametrize("new", [False, True])
@pytest.mark.parametrize("name", opening.BESIDE)
def test_a_folder_of_other_files_with_names_of_a_run_is_refused_and_stays(name: str, new: bool, tmp_path: Path) -> None:
    mine = tmp_path / "mine" / name
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(StoreError, match=f"no run folder and its {name} would be written over") as caught:
        RunStore.open(tmp_path / "mine", "f", "seed: 7", new=new)
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "mine").iterdir()) == [mine]
    assert mine.read_text() == "mine"


@pytest.mark.requirement("store.version")
def test_a_run_of_another_store_version_is_refused_and_kept(tmp_path: Path) -> None:
    begun(tmp_path / "run")
    db = sqlite3.connect(tmp_path / "run" / "run.db")
    db.execute("PRAGMA user_version = 99")
    db.close()
    text = refused(tmp_path / "run")
    assert "store version 99" in text
    assert "--new" in text
    with pytest.raises(StoreError, match="store version 99"):
        read_run(tmp_path / "run")
    db = sqlite3.connect(tmp_path / "run" / "run.db")
    assert db.execute("SELECT count(*) FROM trajectories").fetchone() == (2,)
    db.close()


@pytest.mark.requirement("store.version")
def test_a_database_of_another_program_is_refused_and_untouched(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "run.db")
    db.execute("CREATE TABLE mine (x)")
    db.close()
    assert "is no run of TDScaling" in refused(tmp_path)
    db = sqlite3.connect(tmp_path / "run.db")
    assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
    db.close()


@pytest.mark.requirement("store.damaged")
@pytest.mark.parametrize("how", ["text", "torn", "overwritten"])
def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path, how: str) -> None:
    begun(tmp_path / "run", kept=60)
    path = tmp_path / "run" / "run.db"
    whole = path.read_bytes()
    broken = {
        "text": b"this is no database at all" * 100,
        "torn": whole[: len(whole) // 2],
        "overwritten": whole[:8192] + b"\xaa" * (len(whole) - 8192),
    }[how]
    path.write_bytes(broken)
    text = refused(tmp_path / "run")
    assert "damaged" in text
    assert "--new" in text
    assert path.read_bytes() == broken
    with RunStore.open(tmp_path / "run", "f", "", new=True) as store:
        assert store.kept_count() == 0
    assert (tmp_path / "run.old-1" / "run.db").read_bytes() == broken


@pytest.mark.requirement("store.damaged")
def test_a_trajectory_that_rotted_is_a_store_error_not_a_crash(tmp_path: Path) -> None:
    begun(tmp_path / "run")
    db = sqlite3.connect(tmp_path / "run" / "run.db")
    db.execute("UPDATE bodies SET trajectory = x'0102'")
    db.commit()
    db.close()
    with read_run(tmp_path / "run") as reader, pytest.raises(StoreError, match="damaged"):
        list(reader.iter_trajectories())


@pytest.mark.requirement("store.locked")
def test_a_run_in_use_is_refused_with_the_pid_and_free_again_after_close(tmp_path: Path) -> None:
    with RunStore.open(tmp_path / "run", "f", "sources: [a]\nseed: 7"):
        text = refused(tmp_path / "run")
        assert f"process {os.getpid()}" in text
        with pytest.raises(StoreError, match="in use"):
            RunStore.open(tmp_path / "run", "f", "", new=True)
        assert not (tmp_path / "run.old-1").exists()
    begun(tmp_path / "run")


@pytest.mark.requirement("store.locked")
def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        RunStore.open(tmp_path / "run", "f", "sources: [a]\nseed: 7").record(outcome(0))
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    with RunStore.open(tmp_path / "run", "f", "sources: [a]\nseed: 7") as store:
        assert store.kept_count() == 1


@pytest.mark.requirement("store.permission")
def test_a_folder_without_write_permission_is_named(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o500)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setuid(65534)
            RunStore.open(shut / "run", "f", "")
        except StoreError as exc:
            os.write(writer, str(exc).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        said = lines.read()
    assert os.waitpid(child, 0)[1] == 0
    assert said == f"no permission to write in {shut / 'run'}: change its owner or mode, or name another with -o"


@pytest.mark.requirement("store.permission")
def test_a_finished_run_is_read_from_a_folder_that_can_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(tmp_path / "run")
    monkeypatch.setattr(opening.os, "access", lambda path, mode: False)
    with read_run(tmp_path / "run") as reader:
        assert reader.kept_count() == 2
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["run.db", "run.lock"]


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    assert "a file is in the way" in refused(tmp_path / "run")
    assert "a file is in the way" in refused(tmp_path / "run" / "deeper")


@pytest.mark.requirement("store.space")
def test_a_full_disk_is_said_and_loses_nothing_kept(tmp_path: Path) -> None:
    kept = 0
    with RunStore.open(tmp_path / "run", "f", "seed: 7") as store:
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 12}")
        said = ""
        while kept < 1000 and not said:
            try:
                store.record(outcome(kept))
                kept += 1
            except StoreError as exc:
                said = str(exc)
        assert said.startswith("no disk space left for")
        assert said.endswith("free some and run the same command again")
        assert 0 < kept < 1000
        assert store.kept_count() == kept
    with RunStore.open(tmp_path / "run", "f", "seed: 7") as store:
        assert [row.order for row in store.descriptors()] == list(range(kept))
        assert store.record(outcome(kept))


@pytest.mark.requirement("store.space")
def test_a_full_disk_at_the_start_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    assert refused(tmp_path / "run").startswith("no disk space left for")


def test_another_program_holding_the_database_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(tmp_path / "run")
    with RunStore.open(tmp_path / "run", "f", "sources: [a]\nseed: 7") as store:
        store._db.execute("PRAGMA busy_timeout = 0")
        other = sqlite3.connect(tmp_path / "run" / "run.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"):
            store.record(outcome(5))
        other.execute("ROLLBACK")
        other.close()
        assert store.record(outcome(5))


@pytest.mark.requirement("store.taken_away")
def test_what_came_of_an_item_is_not_written_into_a_folder_that_was_taken_away(tmp_path: Path) -> None:
    with RunStore.open(tmp_path / "run", "f", "") as store:
        store.record(outcome(0))
        shutil.rmtree(tmp_path / "run")
        for what in (lambda: store.record(outcome(1)), store.check_there):
            with pytest.raises(StoreError, match="run was taken away while it ran"):
                what()
    assert not (tmp_path / "run").exists()
