"""What the sandbox uses, seen from pid 1: memory of every process, pages and inodes of every tmpfs, CPU time.

Memory is the sum of PSS: RSS would count the pages that forked processes share again and again. RSS is read
first because it is cheap and never below PSS; a process whose PSS can't be read counts with its RSS.
tmpfs pages belong to no process, so `statvfs` counts them, and 8 KiB for each inode. What sockets and locks hold in
the kernel belongs to nobody that can be asked, so sockets count with the most that they can hold, and
locks of files may be some dozens.
"""

import os
import resource
from _collections_abc import Iterable

TMPFS = ("/workspace", "/tmp", "/dev/shm")
INODE = 8 << 10
PF_EXITING = 4
DATAGRAM = b"0002"
LISTING = 4096
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


_SHARED: "list[int]" = []
"""The supervisor where it has no namespace of its own: what descends from it is its business, and what can only be
counted for the whole machine is not."""
_loadavg: "list[int]" = []
"""Open for good once it is read: it is, after every call."""


def share(supervisor: int) -> None:
    """From now on this process looks at what descends from `supervisor` alone, as there is no namespace."""
    _SHARED.append(supervisor)


def processes() -> list[int]:
    """Every process of the namespace but pid 1."""
    if _SHARED:
        return sorted(_below(_SHARED[0]))
    return sorted(int(name) for name in os.listdir("/proc") if name.isdecimal() and name != "1")


def _below(top: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdecimal() and (fields := _read(f"/proc/{name}/stat").rpartition(b")")[2].split()):
            children.setdefault(int(fields[1]), []).append(int(name))
    found = list(children.get(top, ()))
    for pid in found:
        found += children.get(pid, ())
    return found


def threads_of(user: int) -> int:
    """How many threads a user runs on the whole machine: what the kernel holds against the limit of processes."""
    count, owner = 0, b"Uid:\t%d\t" % user
    for name in os.listdir("/proc"):
        if name.isdecimal() and owner in (status := _read(f"/proc/{name}/status")):
            count += int(status.partition(b"\nThreads:")[2].split(None, 1)[0])
    return count


def last_pid() -> bytes:
    """The number given out last in this namespace: unchanged, no process or thread was made."""
    if not _loadavg:
        _loadavg.append(os.open("/proc/loadavg", os.O_RDONLY | os.O_CLOEXEC))
    return os.pread(_loadavg[0], 128, 0).rpartition(b" ")[2]


def _read(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""


def alive(pid: int) -> bool:
    """False for a zombie: it waits for a parent that may be stopped, and can do nothing any more."""
    return _read(f"/proc/{pid}/stat").rpartition(b")")[2][1:2] not in (b"Z", b"X", b"")


def threads_at_work(pid: int) -> tuple[int, int]:
    """How many threads a process has, and how many of them are neither stopped nor dead; none of one that is gone."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return 0, 0
    states = [_read(f"/proc/{pid}/task/{task}/stat").rpartition(b")")[2][1:2] for task in tasks]
    return len(tasks), sum(state not in (b"T", b"t", b"Z", b"X", b"") for state in states)


def doomed(pid: int) -> bool:
    """Whether the process is dead, dying, or has its SIGKILL still to come: a stopped one takes a moment to die."""
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    if not fields or fields[0] in (b"Z", b"X") or int(fields[6]) & PF_EXITING:
        return True
    pending = [line for line in _read(f"/proc/{pid}/status").splitlines() if line[:6] in (b"SigPnd", b"ShdPnd")]
    return any(int(line.split()[1], 16) >> 8 & 1 for line in pending)


def rss(pid: int) -> int:
    fields = _read(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE if len(fields) > 1 else 0


def pss(pid: int) -> int:
    """Proportional set size in bytes; RSS where the process hides it; 0 when it is gone."""
    for line in _read(f"/proc/{pid}/smaps_rollup").splitlines():
        if line.startswith(b"Pss:"):
            return int(line.split()[1]) << 10
    return rss(pid)


def process_memory(pids: Iterable[int], worth: int) -> int:
    """Bytes held by the processes; exact only when it could be over `worth`."""
    pids = list(pids)
    rough = sum(rss(pid) for pid in pids)
    return rough if rough <= worth else sum(pss(pid) for pid in pids)


def tmpfs_use() -> tuple[int, int]:
    """Bytes and inodes in use over all tmpfs."""
    size = inodes = 0
    for path in () if _SHARED else TMPFS:
        found = os.statvfs(path)
        size += (found.f_blocks - found.f_bfree) * found.f_frsize
        inodes += found.f_files - found.f_ffree
    return size, inodes


def _send_buffer() -> int:
    """Bytes that a socket may queue; code can't raise it, as the filter refuses that."""
    return int(_read("/proc/sys/net/core/wmem_default") or 212_992)


def socket_memory() -> int:
    """The most that Unix sockets may hold. One message passes the buffer by half of it; what closed sockets have sent
    to a datagram socket waits there, eleven messages at most."""
    kinds = [] if _SHARED else [line.split()[4] for line in _read("/proc/net/unix").splitlines()[1:]]
    return sum(11 if kind == DATAGRAM else 1 for kind in kinds) * _send_buffer() * 3 // 2 if kinds else 0


def many_locks() -> bool:
    """Whether more locks of files are held than a page lists, which no honest program does. Listing costs the kernel
    ten milliseconds, and the square of the number of locks beyond that."""
    if _SHARED:
        return False
    with open("/proc/locks", "rb", buffering=0) as file:
        return bool(file.read(LISTING) and file.read(LISTING))


def cpu_time(pids: Iterable[int]) -> float:
    """Seconds of CPU used by the living, by their reaped children and by all that pid 1 has reaped."""
    ticks = 0
    for pid in pids:
        fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        ticks += sum(int(field) for field in fields[11:15])
    reaped = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ticks / TICK + reaped.ru_utime + reaped.ru_stime
