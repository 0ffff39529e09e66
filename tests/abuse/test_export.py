"""Tricks with the files that leave the sandbox, and with those that come in."""

import pytest

from tdscaling.errors import SandboxError
from tdscaling.sandbox.protocol import SandboxSession

TRICKS = {
    "symlink": ("ln -s /etc/passwd x", "x"),
    "symlink-to-own-file": ("echo a > a; ln -s a x", "x"),
    "symlinked-folder": ("ln -s /etc d", "d/passwd"),
    "proc-link": ("ln -s /proc/self/root/etc d", "d/passwd"),
    "dots": ("true", "../etc/passwd"),
    "dots-inside": ("mkdir d", "d/../../etc/passwd"),
    "absolute": ("true", "/etc/passwd"),
    "folder": ("mkdir x", "x"),
    "fifo": ("mkfifo x", "x"),
    "socket": ("python3 -c 'import socket; socket.socket(1).bind(\"x\")'", "x"),
    "null-byte": ("true", "a\0b"),
    "empty": ("true", ""),
    "missing": ("true", "nothing"),
    "too-large": ("truncate -s 5000000 x", "x"),
    "unreadable-name": ("true", "a" * 5000),
}


@pytest.mark.requirement("sandbox.export")
@pytest.mark.parametrize(("prepare", "path"), TRICKS.values(), ids=TRICKS.keys())
def test_only_a_regular_file_of_the_workspace_leaves(session: SandboxSession, prepare: str, path: str) -> None:
    """Tries: has the host read another file, or hang on one. Stopped by: openat2 beneath, no links, regular only."""
    session.run_shell(f"cd /workspace; {prepare}")
    with pytest.raises(SandboxError, match="can't take a file out"):
        session.export(path)


@pytest.mark.requirement("sandbox.export")
def test_a_hard_link_to_a_file_of_the_system_can_not_be_made(session: SandboxSession) -> None:
    """Tries: links a system file into the workspace. Stopped by: another mount."""
    assert session.run_shell("ln /etc/passwd /workspace/x").status != 0


@pytest.mark.requirement("sandbox.export")
@pytest.mark.parametrize(
    ("prepare", "path"), [("ln -s /tmp/t x", "x"), ("ln -s /tmp d", "d/t"), ("mkfifo x", "x"), ("true", "../tmp/t")]
)
def test_a_file_put_inside_lands_in_the_workspace_alone(session: SandboxSession, prepare: str, path: str) -> None:
    """Tries: redirects what the host writes. Stopped by: openat2 beneath, no links."""
    session.run_shell(f"cd /workspace; {prepare}")
    with pytest.raises(SandboxError, match="can't write"):
        session.put(path, b"x")
    assert session.run_shell("ls /tmp").stdout == ""


@pytest.mark.requirement("sandbox.export", "sandbox.sweep")
def test_threads_that_wake_their_process_again_stand_still_between_calls(session: SandboxSession) -> None:
    """Tries: undoes the stop between calls by SIGCONT. Stopped by: pid 1 stops it until all its threads are."""
    session.run_python(
        "import os, threading\ndef go():\n    n = 0\n    while True:\n        n += 1; os.kill(os.getpid(), 18)\n"
        "        if n % 20 == 0: open('/workspace/x', 'w').write(str(n).zfill(9) * 100)\n"
        "for _ in range(3): threading.Thread(target=go, daemon=True).start()\nimport time; time.sleep(.1)"
    )
    found = [session.export("x") for _ in range(20)]
    assert len(set(found)) == 1
    assert session.run_python("1 + 1").value == "2"


@pytest.mark.requirement("sandbox.export", "sandbox.sweep")
def test_an_interpreter_that_answers_early_stands_still_all_the_same(session: SandboxSession) -> None:
    """Tries: forges the answer of its call and works on. Stopped by: the stop comes with the end of each call."""
    session.run_python("import json, os, struct")
    session.run_python(
        "body = json.dumps({'id': 2, 'value': None, 'status': 0}).encode()\n"
        "file = open('/workspace/x', 'w')\nfile.write('0' * 9)\nfile.flush()\n"
        "os.write(4, struct.pack('>I', len(body)) + body)\n"
        "for n in range(100_000):\n    file.seek(0)\n    file.write(str(n).zfill(9))\n    file.flush()"
    )
    assert len({session.export("x") for _ in range(20)}) == 1


@pytest.mark.requirement("sandbox.export")
def test_a_writer_left_running_can_not_change_a_file_while_it_leaves(session: SandboxSession) -> None:
    """Tries: swaps the file between check and use. Stopped by: every process is stopped or dead by then."""
    session.run_python(
        "import threading\ndef swap():\n    n = 0\n    while True:\n        n += 1\n"
        "        open('/workspace/x', 'w').write(str(n).zfill(9) * 100)\n"
        "threading.Thread(target=swap, daemon=True).start()\nimport time; time.sleep(.1)"
    )
    assert session.export("x") == session.export("x")
