"""Tricks of a hostile live server with the workspace that the code tool shares."""

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.abuse.host import SECRET, Host

from tdscaling.environments import sharing
from tdscaling.errors import SandboxError
from tdscaling.sandbox.inside.files import FileRefusedError
from tdscaling.sandbox.protocol import SandboxSession

REFUSED = (SandboxError, FileRefusedError)
SEEN = "import os; sorted(os.path.join(d, n) for d, _, names in os.walk('/workspace') for n in names)"


@pytest.fixture
def secret(workspace: Path, host: Host) -> Iterator[Path]:
    """A folder of the host beside the workspace, with a file that must be neither read nor written."""
    folder = workspace.with_name(f"{workspace.name}-private")
    folder.mkdir()
    (folder / "secret.txt").write_text(SECRET)
    for path in (folder, folder / "secret.txt"):
        os.chown(path, host.uid, -1)
    yield folder
    assert sorted(item.name for item in folder.iterdir()) == ["secret.txt"]
    assert (folder / "secret.txt").read_text() == SECRET
    (folder / "secret.txt").unlink()
    folder.rmdir()


def shell(folder: Path, command: str, host: Host) -> None:
    """As the hostile server would, in its workspace."""
    subprocess.run(["bash", "-c", command], cwd=folder, check=True, user=host.uid, env={"PATH": os.environ["PATH"]})


PLANTED = {
    "link-to-file": "ln -s $PRIVATE/secret.txt x",
    "link-to-folder": "ln -s $PRIVATE x",
    "link-to-root": "ln -s / x",
    "link-to-environment": "ln -s /proc/self/environ x",
    "link-in-folder": "mkdir d; ln -s ../../.. d/x",
    "link-loop": "ln -s x y; ln -s y x; mkdir d; ln -s ../d d/d",
    "fifo": "mkfifo x",
    "socket": "python3 -c 'import socket; socket.socket(1).bind(\"x\")'",
    "repository": "mkdir -p .git/hooks d/.git; echo evil > .git/hooks/pre-commit; echo evil > d/.git/config",
    "closed-file": "echo x > .gitkeep; rm .gitkeep; mkdir d; chmod 0 d",
    "names": r"printf x > $'\n'; printf x > $'\xff\xfe'; printf x > $'\e[31m'",
    "large-file": "truncate -s 20G x",
}


@pytest.mark.requirement("sandbox.sharing")
@pytest.mark.parametrize("command", PLANTED.values(), ids=PLANTED.keys())
def test_what_a_server_plants_does_not_come_in(
    session: SandboxSession, host: Host, workspace: Path, secret: Path, command: str
) -> None:
    """Tries: has the host read other files, hang or fill up. Stopped by: openat2 beneath, no links, regular, caps."""
    shell(workspace, f"echo fine > good.txt; {command.replace('$PRIVATE', str(secret))}", host)
    shared = host.share(session, workspace)
    shared.refresh()
    assert session.run_python(SEEN).value == "['/workspace/good.txt']"
    shell(workspace, "chmod -R u+rwX . 2>/dev/null; true", host)


@pytest.mark.requirement("sandbox.sharing")
@pytest.mark.parametrize(
    ("command", "most"),
    [
        ("for n in $(seq 3000); do : > $n; done", sharing.MAX_FILES),
        ("for n in 1 2 3 4 5 6; do head -c 7M /dev/zero > $n; done", sharing.MAX_TOTAL // (7 << 20)),
        ("d=.; for n in $(seq 200); do d=$d/d; done; mkdir -p $d; echo x > $d/x", 0),
    ],
    ids=["many", "much", "deep"],
)
def test_floods_of_files_stop_at_caps_and_it_is_said(
    session: SandboxSession, host: Host, workspace: Path, command: str, most: int
) -> None:
    """Tries: fills the sandbox and keeps the host busy. Stopped by: caps on files, bytes, entries and depth."""
    shell(workspace, command, host)
    said = host.share(session, workspace).refresh()
    assert session.run_shell("find /workspace -type f | wc -l").stdout.strip() == str(most)
    assert ("not copied" in said) == (most > 0)


@contextmanager
def swapping(*moves: Callable[[], object]) -> Iterator[None]:
    """Makes the moves again and again until the block ends."""
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            for move in moves:
                with suppress(OSError):
                    move()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.requirement("sandbox.sharing")
def test_a_file_swapped_for_a_link_while_it_is_copied_shows_nothing(
    session: SandboxSession, host: Host, workspace: Path, secret: Path
) -> None:
    """Tries: wins a race between look and open. Stopped by: what is opened is what is checked, and no link is."""
    x, d = workspace / "x", workspace / "d"
    moves = (
        lambda: x.write_text("harmless"), x.unlink, lambda: x.symlink_to(secret / "secret.txt"), x.unlink,
        d.mkdir, lambda: (d / "secret.txt").write_text("harmless"), (d / "secret.txt").unlink, d.rmdir,
        lambda: d.symlink_to(secret), d.unlink,
    )  # fmt: skip
    shared = host.share(session, workspace)
    with swapping(*moves):
        for _ in range(150):
            shared.refresh()
            assert SECRET not in session.run_shell("cat x d/* 2>/dev/null").stdout


TARGETS = {
    "link": ("ln -s $PRIVATE/secret.txt x", "x"),
    "link-to-new-file": ("ln -s $PRIVATE/new x", "x"),
    "folder-link": ("ln -s $PRIVATE d", "d/new"),
    "folder-link-deep": ("mkdir a; ln -s $PRIVATE a/d", "a/d/b/new"),
    "hard-link": ("ln $PRIVATE/secret.txt x", "x"),
    "dots": ("true", "../new"),
    "dots-inside": ("mkdir d", "d/../../new"),
    "absolute": ("true", "$PRIVATE/new"),
    "fifo": ("mkfifo x", "x"),
    "fifo-read": ("mkfifo x; (timeout 20 cat x >/dev/null &)", "x"),
    "folder": ("mkdir x", "x"),
    "file-as-folder": ("echo a > x", "x/y"),
    "hook": ("mkdir .git", ".git/hooks/pre-commit"),
    "hook-below": ("mkdir -p d/.git", "d/.git/config"),
    "new-repository": ("true", "d/.git/config"),
    "work-tree-link": ("true", ".git"),
    "null-byte": ("true", "a\0b"),
    "empty": ("true", "/workspace/"),
    "long": ("true", "a" * 5000),
    "deep": ("true", "d/" * 100 + "x"),
}


@pytest.mark.requirement("sandbox.sharing")
@pytest.mark.parametrize(("command", "target"), TARGETS.values(), ids=TARGETS.keys())
def test_what_is_written_back_lands_in_the_workspace_alone(
    session: SandboxSession, host: Host, workspace: Path, secret: Path, command: str, target: str
) -> None:
    """Tries: redirects what the host writes, or hangs it. Stopped by: openat2 beneath, no links, one name only."""
    shell(workspace, command.replace("$PRIVATE", str(secret)), host)
    session.run_shell("echo new > /workspace/out")
    with pytest.raises(REFUSED):
        host.share(session, workspace).write_back("out", target.replace("$PRIVATE", str(secret)))


@pytest.mark.requirement("sandbox.sharing")
def test_a_folder_swapped_for_a_link_while_it_is_written_catches_nothing(
    session: SandboxSession, host: Host, workspace: Path, secret: Path
) -> None:
    """Tries: wins a race between folder and file. Stopped by: the kernel resolves the whole path in one call."""
    d = workspace / "d"
    moves = (d.mkdir, (d / "secret.txt").unlink, d.rmdir, lambda: d.symlink_to(secret), d.unlink)
    session.run_shell("echo new > /workspace/out")
    shared = host.share(session, workspace)
    with swapping(*moves):
        for _ in range(300):
            with suppress(*REFUSED):
                shared.write_back("out", "d/secret.txt")
    assert (secret / "secret.txt").read_text() == SECRET


@pytest.mark.requirement("sandbox.sharing")
@pytest.mark.parametrize(
    "prepare",
    [
        "ln -s /etc x",
        "mkdir x",
        "mkfifo x",
        "ln -s /tmp/t x",
        "ln good.txt x",
        "chmod 0 /workspace",
        "rm -r /workspace",
    ],
)
def test_what_the_code_does_with_its_copies_does_not_stop_the_sharing(
    session: SandboxSession, host: Host, workspace: Path, prepare: str
) -> None:
    """Tries: redirects or blocks what comes in. Stopped by: openat2 beneath inside too; the agent's own stays its."""
    shell(workspace, "echo fine > good.txt; echo one > x", host)
    shared = host.share(session, workspace)
    shared.refresh()
    session.run_shell(f"cd /workspace; rm -rf x; {prepare}; true")
    shell(workspace, "echo two > x", host)
    shared.refresh()
    shell(workspace, "rm x", host)
    shared.refresh()
    assert session.run_shell("ls /tmp").stdout == ""
    session.run_shell("chmod 700 /workspace")


@pytest.mark.requirement("sandbox.sharing")
def test_only_files_of_the_sandbox_workspace_are_written_back(
    session: SandboxSession, host: Host, workspace: Path
) -> None:
    """Tries: takes the host's or the system's files by way of the export. Stopped by: openat2 beneath in pid 1."""
    session.run_shell("cd /workspace; ln -s /etc/passwd x; mkfifo y; mkdir d; ln -s /etc e")
    shared = host.share(session, workspace)
    for source in ("x", "y", "d", "e/passwd", "../etc/passwd", "/etc/passwd", "", "missing"):
        with pytest.raises(REFUSED):
            shared.write_back(source, "stolen")
    assert list(workspace.iterdir()) == []
