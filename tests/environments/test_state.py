"""Equal states give equal leaves; a difference that matters shows where it is."""

import io
import os
import shutil
import sqlite3
import struct
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdscaling.environments import learn_volatile
from tdscaling.environments.beneath import Beneath
from tdscaling.environments.state import Snapshotter, StateRules
from tdscaling.environments.tree import Mirror
from tdscaling.types import Snapshot, diff


def leaves(folder: Path, *ignore: str) -> dict[str, str]:
    return Snapshotter(StateRules(ignore=ignore)).leaves(folder)


def git(folder: Path, *args: str, day: int = 1) -> str:
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        env |= {
            f"GIT_{who}_NAME": "A",
            f"GIT_{who}_EMAIL": "a@example.com",
            f"GIT_{who}_DATE": f"2026-01-{day:02}T09:00:00",
        }
    done = subprocess.run(["git", *args], cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def repository(folder: Path, day: int, message: str = "two", content: str = "b") -> Path:
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main", "--template=")
    for number, name in enumerate(("one", message)):
        (folder / f"f{number}").write_text(content * number, encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", name, day=day + number)
    git(folder, "tag", "-a", "v1", "-m", "first", day=day)
    return folder


@pytest.mark.requirement("environments.snapshot")
def test_the_same_history_at_other_times_is_the_same_state(tmp_path: Path) -> None:
    one = leaves(repository(tmp_path / "one", 1))
    assert one == leaves(repository(tmp_path / "two", 7))
    assert one[".git#refs/heads/main"].startswith("commit ")
    assert one[".git#refs/tags/v1"].startswith("tag ")
    assert one[".git#HEAD"] == "ref: refs/heads/main"


@pytest.mark.requirement("environments.snapshot")
def test_another_message_or_content_is_another_state(tmp_path: Path) -> None:
    one = Snapshot(leaves(repository(tmp_path / "one", 1)))
    message = Snapshot(leaves(repository(tmp_path / "two", 1, message="other")))
    content = Snapshot(leaves(repository(tmp_path / "three", 1, content="c")))
    assert {change.path for change in diff(one, message)} == {".git#refs/heads/main", ".git#refs/tags/v1"}
    assert {change.path for change in diff(one, content)} >= {".git#refs/heads/main", ".git#index[f1]", "f1"}


@pytest.mark.requirement("environments.snapshot")
@pytest.mark.parametrize("version", [2, 3, 4])
def test_the_index_is_read_without_its_times(version: int, tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", 1)
    (folder / "a much longer name.txt").write_text("x", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "add", "-N", ".")
    before = leaves(folder)
    git(folder, "update-index", "--index-version", str(version))
    os.utime(folder / "f1", (1, 1))
    git(folder, "update-index", "--refresh")
    assert leaves(folder) == before
    staged = git(folder, "ls-files", "-s").splitlines()
    assert {path for path in before if "#index[" in path} == {f".git#index[{line.split(chr(9))[1]}]" for line in staged}
    assert before[".git#index[f1]"] == f"100644 {git(folder, 'rev-parse', ':f1')[:16]}"


@pytest.mark.requirement("environments.snapshot")
def test_packed_refs_are_refs(tmp_path: Path) -> None:
    folder = repository(tmp_path / "r", 1)
    before = leaves(folder)
    git(folder, "pack-refs", "--all")
    assert leaves(folder) == before


def archive(members: dict[str, bytes], year: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, data in members.items():
            packed.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


@pytest.mark.requirement("environments.snapshot")
def test_a_workbook_saved_again_is_the_same_state(tmp_path: Path) -> None:
    core = b'<cp><dcterms:modified xsi:type="x">%s</dcterms:modified><dc:creator>a</dc:creator></cp>'
    file = tmp_path / "book.xlsx"
    file.write_bytes(archive({"docProps/core.xml": core % b"2020", "xl/sheet1.xml": b"<a/>"}, 2020))
    before = leaves(tmp_path)
    file.write_bytes(archive({"xl/sheet1.xml": b"<a/>", "docProps/core.xml": core % b"2021"}, 2021))
    assert leaves(tmp_path) == before
    file.write_bytes(archive({"xl/sheet1.xml": b"<b/>", "docProps/core.xml": core % b"2021"}, 2021))
    assert [change.path for change in diff(Snapshot(before), Snapshot(leaves(tmp_path)))] == ["book.xlsx!xl/sheet1.xml"]


@pytest.mark.requirement("environments.snapshot")
def test_properties_full_of_tags_that_never_end_are_read_in_one_look(tmp_path: Path) -> None:
    """A look from every tag to the end would take most of an hour."""
    (tmp_path / "book.xlsx").write_bytes(archive({"docProps/core.xml": b"<dcterms:created" * (1 << 18)}, 2020))
    assert leaves(tmp_path)["book.xlsx!docProps/core.xml"].startswith("sha256:")


@pytest.mark.requirement("environments.snapshot")
def test_rows_of_a_database_are_state_even_in_its_log(tmp_path: Path) -> None:
    snapshotter = Snapshotter(StateRules())
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE orders (number TEXT PRIMARY KEY, status TEXT, note BLOB)")
        db.execute("INSERT INTO orders VALUES ('A1', 'open', NULL)")
        db.commit()
        before = Snapshot(snapshotter.leaves(tmp_path))
        assert before.leaves["shop.db#orders[A1].status"] == "open"
        assert "shop.db-wal" not in before.leaves
        db.execute("UPDATE orders SET status = 'paid'")
        db.commit()
        after = Snapshot(snapshotter.leaves(tmp_path))
    assert [(change.path, change.value) for change in diff(before, after)] == [("shop.db#orders[A1].status", "paid")]
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.execute("VACUUM")
    assert leaves(tmp_path) == after.leaves
    assert not list(tmp_path.glob("*-shm"))


def branching(depth: int, fan: int) -> bytes:
    """A small database whose only table has `fan` ** `depth` leaves, all of them the same page."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("PRAGMA page_size = 4096")
        db.execute("CREATE TABLE t (a)")
        db.execute("INSERT INTO t VALUES (1)")
        db.commit()
        data = db.serialize()
    pages = [data[:4096]]
    for child in range(3, depth + 3):
        cells = [struct.pack(">IB", child, number % 100 + 1) for number in range(fan)]
        places = [4096 - 5 * (number + 1) for number in range(fan)]
        head = struct.pack(">BHHHBI", 5, 0, fan, places[-1], 0, child) + struct.pack(f">{fan}H", *places)
        pages.append(head.ljust(places[-1], b"\0") + b"".join(reversed(cells)))
    pages.append(data[4096:8192])
    whole = b"".join(pages)
    return whole[:28] + struct.pack(">I", len(pages)) + whole[32:]


@pytest.mark.requirement("environments.snapshot")
def test_a_table_that_never_ends_is_given_up_and_its_file_is_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "small.db").write_bytes(branching(1, 3))
    (tmp_path / "x.db").write_bytes(branching(7, 400))
    found = leaves(tmp_path)
    assert found["x.db"].startswith("sha256:")
    assert [path for path in found if path.startswith("x.db#")] == []
    assert found["small.db"] == "sqlite"


@pytest.mark.requirement("environments.snapshot")
def test_broken_databases_archives_and_documents_are_plain_files(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"SQLite format 3\x00 and no more")
    (tmp_path / "b.zip").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "c.json").write_bytes(b"{")
    (tmp_path / "d.json").write_bytes(b"[" * 100_000)
    found = leaves(tmp_path)
    assert sorted(found) == ["a.db", "b.zip", "c.json", "d.json"]
    assert all(value.startswith("sha256:") for value in found.values())


@pytest.mark.requirement("environments.snapshot")
def test_the_way_json_is_written_does_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"a": 1, "b": [1, 2]}', encoding="utf-8")
    before = leaves(tmp_path)
    file.write_text('{"b":[1,2],\n "a":1}', encoding="utf-8")
    assert leaves(tmp_path) == before


@pytest.mark.requirement("environments.snapshot")
def test_ignored_files_are_no_state_and_links_and_folders_are(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "x.pyc").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "empty")
    assert leaves(tmp_path, "**/*.pyc") == {"cache/": "folder", "empty/": "folder", "link": "link:/workspace/empty"}


@pytest.mark.requirement("environments.snapshot")
def test_a_change_that_keeps_size_and_time_is_seen(tmp_path: Path) -> None:
    snapshotter = Snapshotter(StateRules())
    file = tmp_path / "x"
    file.write_text("one", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    before = snapshotter.leaves(tmp_path)
    file.write_text("two", encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert snapshotter.leaves(tmp_path) != before


@pytest.mark.requirement("environments.volatile")
def test_times_and_random_keys_are_learned_and_left_out() -> None:
    def run(key: str, time: str, title: str) -> Snapshot:
        row = {f"kb.db#note[{key}].{column}": value for column, value in (("id", key), ("at", time), ("title", title))}
        return Snapshot(row | {"kb.db#note[k0].title": "old", f"tmp/upload-{key}": "x", "log.txt": time})

    volatile = learn_volatile([(run("a1b2c3", "10:00", "x"), run("d4e5f6", "11:00", "x"))])
    one, two = volatile.masked(run("123abc", "12:00", "x")), volatile.masked(run("456def", "13:00", "x"))
    assert one == two
    other = volatile.masked(run("456def", "13:00", "another title"))
    assert diff(one, other)
    assert not any("upload" in path for path in one.leaves)


def test_what_does_not_differ_is_not_masked() -> None:
    same = Snapshot({"a": "1", "t#r[1].c": "x"})
    volatile = learn_volatile([(same, same)])
    assert volatile.masked(same) is same


TREES = st.dictionaries(
    st.sampled_from(["a", "b", "d/a", "d/b", "d/e/f", "g/h"]), st.text(alphabet="xy", max_size=3), max_size=6
)


def made(folder: Path, files: dict[str, str]) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder


def exact(folder: Path) -> list[tuple[str, int, int, bytes]]:
    with Beneath(folder) as tree:
        return [
            (path, status.st_mode, status.st_mtime_ns, b"" if (folder / path).is_dir() else tree.content(path, 100))
            for path, status in tree.entries()
        ]


@pytest.mark.requirement("environments.isolation")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=TREES, changes=TREES, removed=st.sets(st.sampled_from(["a", "b", "d/a", "d/e/f"])))
def test_a_reset_restores_the_world_exactly(
    world: dict[str, str], changes: dict[str, str], removed: set[str], tmp_path: Path
) -> None:
    template = made(tmp_path / "template", world)
    mirror = Mirror(tmp_path / "work")
    mirror.reset(template)
    assert exact(tmp_path / "work") == exact(template)
    for path, text in changes.items():
        (tmp_path / "work" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "work" / path).write_text(text, encoding="utf-8")
        if path in world:
            os.utime(tmp_path / "work" / path, ns=(1, (template / path).stat().st_mtime_ns))
    for path in removed:
        (tmp_path / "work" / path).unlink(missing_ok=True)
    mirror.reset(template)
    assert exact(tmp_path / "work") == exact(template)
    assert mirror.reset(template) == 0


@pytest.mark.requirement("environments.isolation")
def test_a_reset_undoes_links_locked_folders_and_swapped_kinds(tmp_path: Path) -> None:
    template = made(tmp_path / "template", {"d/a": "x", "f": "y"})
    outside = made(tmp_path / "outside", {"kept": "kept"})
    mirror = Mirror(tmp_path / "work")
    mirror.reset(template)
    work = tmp_path / "work"
    shutil.rmtree(work / "d")
    (work / "d").symlink_to(outside)
    (work / "f").unlink()
    (work / "f").mkdir()
    (work / "f" / "locked").mkdir(mode=0o500)
    (work / "hard").hardlink_to(outside / "kept")
    mirror.reset(template)
    assert exact(work) == exact(template)
    assert (outside / "kept").read_text(encoding="utf-8") == "kept"
