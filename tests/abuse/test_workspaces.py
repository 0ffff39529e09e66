"""Tricks of a hostile live server with the workspace that the host reads for snapshots and resets between episodes."""

import os
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from hashlib import sha1
from pathlib import Path

import pytest
from tests.abuse.host import SECRET, Host
from tests.abuse.test_sharing import swapping

from tdscaling.errors import SandboxError
from tdscaling.scratch import scratch

REFUSED = (SandboxError, OSError)
OID = "a" * 40


@pytest.fixture
def private(workspace: Path, host: Host) -> Iterator[Path]:
    """A folder of the host beside the workspace that must be neither read nor changed."""
    folder = workspace.with_name(f"{workspace.name}-private")
    (folder / "objects").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "HEAD").write_text(SECRET)
    (folder / "file").write_text(SECRET)
    before = sorted(folder.rglob("*"))
    for path in (folder, *before):
        os.chown(path, host.uid, -1)
    yield folder
    assert sorted(folder.rglob("*")) == before
    assert (folder / "file").read_text() == (folder / "HEAD").read_text() == SECRET
    shutil.rmtree(folder)


def repository(folder: Path) -> Path:
    """The bones of a git folder."""
    git = folder / ".git"
    for name in ("objects/aa", "refs/heads"):
        (git / name).mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs/heads/main").write_text(f"{OID}\n")
    return git


def link_head(folder: Path, private: Path) -> None:
    git = repository(folder)
    (git / "HEAD").unlink()
    (git / "HEAD").symlink_to(private / "HEAD")


def link_ref(folder: Path, private: Path) -> None:
    (repository(folder) / "refs/heads/other").symlink_to(private / "file")


def link_refs(folder: Path, private: Path) -> None:
    git = repository(folder)
    shutil.rmtree(git / "refs")
    (git / "refs").symlink_to(private)


def link_config(folder: Path, private: Path) -> None:
    (repository(folder) / "config").symlink_to(private / "file")


def link_index(folder: Path, private: Path) -> None:
    (repository(folder) / "index").symlink_to(private / "file")


def pipe_for_object(folder: Path, private: Path) -> None:
    os.mkfifo(repository(folder) / "objects/aa" / OID[2:])


def own_parent(folder: Path, private: Path) -> None:
    data = zlib.compress(b"commit 1\0parent " + OID.encode() + b"\n\nx")
    (repository(folder) / "objects/aa" / OID[2:]).write_bytes(data)


def long_names(folder: Path, private: Path) -> None:
    """An index whose names grow by one letter each: 60,000 take 2 GB."""
    entry = bytes(60) + b"\0\x01" + b"\0" + b"x" + b"\0"
    (repository(folder) / "index").write_bytes(b"DIRC\0\0\0\x04\0\0\xea\x60" + entry * 60_000)


def link_log(folder: Path, private: Path) -> None:
    with closing(sqlite3.connect(folder / "x.db")) as db:
        db.execute("CREATE TABLE t (a)")
    (folder / "x.db-wal").symlink_to(private / "file")


def computed_column(folder: Path, private: Path) -> None:
    with closing(sqlite3.connect(folder / "x.db")) as db:
        db.execute("CREATE TABLE t (a, b AS (hex(zeroblob(a))))")
        db.execute("INSERT INTO t VALUES (100000000)")
        db.commit()


def false_page_size(folder: Path, private: Path) -> None:
    computed_column(folder, private)
    data = bytearray((folder / "x.db").read_bytes())
    data[4096 + 8 : 4096 + 200] = b"\xff" * 192
    (folder / "x.db").write_bytes(data)


def sparse_file(folder: Path, private: Path) -> None:
    with (folder / "x").open("wb") as file:
        file.truncate(1 << 40)


def deep_json(folder: Path, private: Path) -> None:
    for depth in range(940, 1000, 3):
        (folder / f"{depth}.json").write_text("[" * depth + "]" * depth)


def odd_archive(folder: Path, private: Path) -> None:
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("a", "x" * 1000)
    data = (folder / "x.zip").read_bytes()
    (folder / "y.zip").write_bytes(data[:30] + b"\xff" * 40 + data[70:])


def odd_names(folder: Path, private: Path) -> None:
    for name in (b"\xff\xfe", b"\n", b"\x1b[31m", b"#[x].y"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).touch()


def locked(folder: Path, private: Path) -> None:
    (folder / "d/e").mkdir(parents=True)
    (folder / "d/e/f").touch()
    (folder / "d/e").chmod(0)
    (folder / "d").chmod(0o500)


PLANTED = (
    link_head, link_ref, link_refs, link_config, link_index, pipe_for_object, own_parent, long_names, link_log,
    computed_column, false_page_size, sparse_file, deep_json, odd_archive, odd_names, locked,
)  # fmt: skip


def given_to(uid: int, folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, -1, follow_symlinks=False)


@pytest.fixture
def template(workspace: Path) -> Iterator[Path]:
    folder = workspace.with_name(f"{workspace.name}-template")
    (folder / "d").mkdir(parents=True)
    (folder / "d" / "file").write_text("of the world")
    yield folder
    shutil.rmtree(folder)


def content(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.requirement("sandbox.workspaces")
@pytest.mark.parametrize("plant", PLANTED, ids=[plant.__name__ for plant in PLANTED])
def test_what_a_server_plants_neither_shows_a_file_of_the_host_nor_stops_it(
    host: Host, workspace: Path, private: Path, template: Path, plant: Callable[[Path, Path], None]
) -> None:
    """Tries: has a snapshot read other files, wait, loop or fill memory, and a reset leave something behind.

    Stopped by: all is opened beneath the workspace, no link followed, regular files only, everything with a cap.
    """
    plant(workspace, private)
    given_to(host.uid, workspace)
    found = host.state(workspace)
    assert not [path for path, value in found.items() if SECRET in path + value]
    host.reset(workspace, template)
    assert content(workspace) == content(template)


@pytest.mark.requirement("sandbox.workspaces")
def test_a_tree_without_end_is_refused_in_words_and_removed_all_the_same(
    host: Host, workspace: Path, template: Path
) -> None:
    """Tries: nests folders deeper than paths and recursion go. Stopped by: a cap; removal moves folders up instead."""
    fd = os.open(workspace, os.O_RDONLY)
    for _ in range(400):
        os.mkdir("d" * 20, dir_fd=fd)
        os.chown("d" * 20, host.uid, -1, dir_fd=fd)
        below = os.open("d" * 20, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(fd)
    with pytest.raises(Exception, match="more than 128 folders"):
        host.state(workspace)
    host.reset(workspace, template)
    assert content(workspace) == content(template)


@pytest.mark.requirement("sandbox.workspaces")
def test_a_folder_swapped_for_a_link_during_a_snapshot_shows_nothing_and_during_a_reset_loses_nothing(
    host: Host, workspace: Path, private: Path, template: Path
) -> None:
    """Tries: wins a race between look and deed, so that the host reads, removes or overwrites a file of its own.

    Stopped by: what is opened is what is looked at; removal and writing go through the open folder.
    """
    d = workspace / "d"
    moves = (
        d.mkdir, lambda: (d / "file").write_text("harmless"), lambda: os.chown(d, host.uid, -1),
        lambda: d.rename(workspace / "e"), lambda: d.symlink_to(private), d.unlink,
        lambda: shutil.rmtree(workspace / "e"),
    )  # fmt: skip
    with swapping(*moves):
        for _ in range(100):
            with suppress(*REFUSED):
                assert SECRET not in str(host.state(workspace))
            with suppress(*REFUSED):
                host.reset(workspace, template)


def committed(workspace: Path, data: bytes, stored: bytes) -> None:
    """A branch whose commit is named by `data` and holds `stored`."""
    git, oid = workspace / ".git", sha1(data, usedforsecurity=False).hexdigest()
    (git / "objects" / oid[:2]).mkdir(exist_ok=True)
    (git / "refs/heads/main").write_text(f"{oid}\n")
    (git / "objects" / oid[:2] / oid[2:]).write_bytes(zlib.compress(stored))


COMMIT = b"commit 8\0parent \n"
LARGE = b"commit 4000000\0" + bytes(4_000_000)


@pytest.mark.requirement("sandbox.workspaces")
@pytest.mark.parametrize(
    ("data", "stored", "read_as"),
    [(COMMIT, COMMIT, "commit "), (COMMIT, COMMIT + b"other", "object "), (LARGE, LARGE, "object ")],
    ids=["sound", "false", "large"],
)
def test_an_object_is_read_only_where_it_is_what_its_name_says_and_no_larger_than_commits_are(
    host: Host, workspace: Path, data: bytes, stored: bytes, read_as: str
) -> None:
    """Tries: plants a false commit that misleads the snapshots of later episodes, or one that unpacks to gigabytes.
    Stopped by: its hash is checked before its name is remembered; unpacking stops at a cap."""
    repository(workspace)
    committed(workspace, data, stored)
    given_to(host.uid, workspace)
    assert host.state(workspace)[".git#refs/heads/main"].startswith(read_as)


@pytest.mark.requirement("sandbox.workspaces")
def test_nobody_else_enters_the_folder_that_workspaces_lie_in() -> None:
    """Tries: leaves a setuid program of root's for another user to run. Stopped by: a folder closed to others."""
    with scratch() as folder:
        assert folder.stat().st_mode & 0o077 == 0
