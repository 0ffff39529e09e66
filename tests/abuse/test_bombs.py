"""Bombs: processes, memory in every disguise, disk, inodes, descriptors, output. Each ends at a limit, and the
session goes on."""

import pytest
from tests.abuse.case import PRELUDE, Case, ids

from tdscaling.sandbox.protocol import SandboxSession

CASES = [
    Case(
        "fork",
        "forks for ever",
        "RLIMIT_NPROC inside the user namespace",
        """
def bomb():
    while True:
        if os.fork() == 0:
            signal.pause()
attempt(bomb)""",
        ("EAGAIN",),
    ),
    Case(
        "threads",
        "starts threads for ever",
        "RLIMIT_NPROC counts threads",
        """
def bomb():
    while True:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
attempt(bomb)""",
        ("RuntimeError",),
    ),
    Case("one-allocation", "asks for 10 GB", "RLIMIT_DATA", "attempt(bytearray, 10**10)", ("MemoryError",)),
    Case(
        "disk",
        "fills the disk",
        "the size of the workspace",
        """
def bomb():
    with open('/workspace/big', 'wb') as file:
        for _ in range(200):
            file.write(bytes(1 << 20))
said = attempt(bomb)
os.remove('/workspace/big')
said""",
        ("ENOSPC", "EFBIG"),
    ),
    Case(
        "shared-memory-folder",
        "fills /dev/shm",
        "its size",
        """
def bomb():
    for n in range(9):
        with open(f'/dev/shm/{n}', 'wb') as file:
            file.write(bytes(16 << 20))
said = attempt(bomb)
[os.remove(f'/dev/shm/{name}') for name in os.listdir('/dev/shm')]
said""",
        ("ENOSPC",),
    ),
    Case(
        "sparse-file",
        "makes a file of 1 TB with a hole",
        "RLIMIT_FSIZE",
        "write('/workspace/s'); attempt(os.truncate, '/workspace/s', 1 << 40)",
        ("EFBIG",),
    ),
    Case(
        "descriptors",
        "opens files for ever",
        "RLIMIT_NOFILE",
        "held = []\nsaid = attempt(lambda: [held.append(open('/dev/null')) for _ in range(9999)])\nheld.clear()\nsaid",
        ("EMFILE",),
    ),
    Case("core", "dumps core into the workspace", "RLIMIT_CORE", "resource.getrlimit(resource.RLIMIT_CORE)", ((0, 0),)),
    Case(
        "locked-memory",
        "locks memory",
        "seccomp",
        "page = ctypes.create_string_buffer(4096)\nlibc.mlock(page, 4096)",
        (-1,),
    ),
]


@pytest.mark.requirement("sandbox.bombs")
@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_the_bomb_meets_an_error(session: SandboxSession, case: Case) -> None:
    case.check(session)


MEMORY = {
    "slowly": "held = []\nwhile True:\n    held.append(bytes(1 << 20))",
    "shared-mappings": (
        "import mmap\nheld = []\nwhile True:\n    page = mmap.mmap(-1, 8 << 20)\n"
        "    page.write(b'x' * (8 << 20))\n    held.append(page)"
    ),
    "many-processes": (
        "for _ in range(12):\n    if os.fork() == 0:\n        held = b'x' * (40 << 20)\n"
        "        signal.pause()\ntime.sleep(9)"
    ),
    "hidden-from-the-watchdog": (
        "libc.prctl(4, 0, 0, 0, 0)\nheld = []\nwhile True:\n"
        "    held.append(bytearray(b'x' * (4 << 20)))\n    time.sleep(.001)"
    ),
    "sockets": (
        "held = []\nfor _ in range(12):\n    if os.fork() == 0:\n        while True:\n            try:\n"
        "                held += socket.socketpair()\n                held[-1].setblocking(False)\n"
        "                while True: held[-1].send(bytes(32768))\n            except OSError: pass\ntime.sleep(9)"
    ),
    "datagrams": (
        "held = []\nfor n in range(100):\n    held.append(socket.socket(1, 2))\n    held[-1].bind(f'/tmp/{n}')\n"
        "    for _ in range(11):\n        with socket.socket(1, 2) as sender:\n"
        "            sender.setblocking(False)\n            attempt(sender.sendto, bytes(150_000), f'/tmp/{n}')\n"
        "time.sleep(9)"
    ),
    "files-and-memory": (
        "for place in ('/workspace', '/tmp', '/dev/shm'):\n    write(place + '/big', 'x' * (50 << 20))\n"
        "held = []\nwhile True:\n    held.append(b'x' * (4 << 20))\n    time.sleep(.001)"
    ),
}


@pytest.mark.requirement("sandbox.bombs", "sandbox.watchdog")
@pytest.mark.parametrize("code", MEMORY.values(), ids=MEMORY.keys())
def test_memory_is_taken_back_whatever_it_hides_in(session: SandboxSession, code: str) -> None:
    """Tries: holds memory that no single limit sees. Stopped by: the watchdog's sum, or RLIMIT_DATA before it."""
    result = session.run_python(PRELUDE + code, 8)
    assert result.limits == ("memory",) or "MemoryError" in result.stderr
    assert result.reset or "MemoryError" in result.stderr


@pytest.mark.requirement("sandbox.bombs", "sandbox.watchdog")
def test_locks_of_files_count_as_memory(session: SandboxSession) -> None:
    """Tries: has the kernel remember a million locks. Stopped by: the watchdog, which allows some dozens."""
    code = "import fcntl\nheld = [open(f'/tmp/{n}', 'w') for n in range(200)]\n"
    code += "for file in held:\n    for n in range(4000): fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * n)"
    assert session.run_python(code).limits == ("memory",)
    assert session.run_python("held[0].name").status == 1


@pytest.mark.requirement("sandbox.watchdog")
def test_memory_kept_in_variables_counts_against_the_next_call(session: SandboxSession) -> None:
    """Tries: creeps up call by call. Stopped by: the count after each call."""
    last = [session.run_python(f"a{n} = bytearray(b'x' * (40 << 20))") for n in range(8)]
    assert any("memory" in result.limits or "MemoryError" in result.stderr for result in last)


@pytest.mark.requirement("sandbox.bombs", "sandbox.watchdog")
def test_an_inode_bomb_is_swept_away(session: SandboxSession) -> None:
    """Tries: makes empty files for ever: no page, much kernel memory. Stopped by: the count of inodes."""
    result = session.run_python("n = 0\nwhile True:\n    open(f'/workspace/{n}', 'w').close()\n    n += 1", 8)
    assert result.limits == ("files",)
    assert result.wiped
    assert session.run_shell("ls /workspace | wc -l").stdout.strip() == "0"


@pytest.mark.requirement("sandbox.bombs")
def test_a_deep_folder_is_swept_away(session: SandboxSession) -> None:
    """Tries: nests folders until removal recurses too deep. Stopped by: the count of inodes; `find -delete`."""
    result = session.run_python("import os\nos.chdir('/tmp')\nwhile True:\n    os.mkdir('d')\n    os.chdir('d')", 8)
    assert result.limits == ("files",)
    assert session.run_shell("ls /tmp | wc -l").stdout.strip() == "0"


@pytest.mark.requirement("sandbox.bombs")
def test_the_shell_fork_bomb_ends(session: SandboxSession) -> None:
    """Tries: `:(){ :|:& };:`. Stopped by: RLIMIT_NPROC, then the sweep."""
    session.run_shell(":(){ :|:& };:", 2)
    assert session.run_shell("echo alive").stdout == "alive\n"


@pytest.mark.requirement("sandbox.output")
@pytest.mark.parametrize("stream", [1, 2])
def test_output_without_end_is_cut_and_killed(session: SandboxSession, stream: int) -> None:
    """Tries: floods the host. Stopped by: 64 KiB kept, 64 MiB read."""
    result = session.run_shell(f"yes >&{stream}", 10)
    assert result.limits == ("output",)
    assert result.truncated
    assert len(result.stdout + result.stderr) == 64 << 10


@pytest.mark.requirement("sandbox.output")
def test_a_huge_value_is_cut(session: SandboxSession) -> None:
    """Tries: returns a value of 30 MB. Stopped by: the cap on `repr`, the cap on frames."""
    value = session.run_python("'x' * (30 << 20)").value
    assert value is not None
    assert len(value) == 64 << 10
