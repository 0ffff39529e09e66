"""The step between the host and bubblewrap: as root becomes an unused user, then executes bubblewrap.

Runs as a script of its own, standard library only; its one argument is a `Plan`, marshalled, in hexadecimal.
Why it exists: the kernel does not enforce the process limit on host uid 0, and root's files must not be readable
from inside. An unused user, however, can't even reach an interpreter under /root (mode 700). So, in a mount
namespace of its own, it covers every folder the new user could not pass with an empty one and binds back just the
paths that the sandbox needs, with their owner mapped to the new user (an idmapped mount). Nothing on disk changes.
"""

import ctypes
import marshal
import os
import pwd
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # the typing module itself would cost every start milliseconds
    from typing import Any, NoReturn

UNUSED = range(61184, 65520)
"""The range that service managers use for passing users."""
SIGKILL = 9  # the signal module would import enum
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_BIND, MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV = 0x1000, 0x4000, 0x40000, 2, 4
SYS_OPEN_TREE, SYS_MOVE_MOUNT, SYS_MOUNT_SETATTR = 428, 429, 442
OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH, AT_EMPTY_PATH, AT_FDCWD = 1, 4, 0x1000, -100
MOUNT_ATTR_IDMAP = 0x00100000

_libc = ctypes.CDLL(None, use_errno=True)


class _MountAttr(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd"))


def _checked(result: int, what: str) -> int:
    if result < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{what}: {os.strerror(errno)}")
    return result


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    encoded = [None if text is None else text.encode() for text in (source, target, kind, data)]
    _checked(_libc.mount(*encoded[:3], flags, encoded[3]), f"mount {target}")


def unused_user() -> int:
    """A uid that no account has and no process runs as."""
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                taken.add(os.stat(f"/proc/{name}").st_uid)
            except FileNotFoundError:
                continue
    return next(uid for uid in UNUSED if uid not in taken)


def first_closed(path: str) -> str | None:
    """The topmost folder above `path` that a user without rights can't pass, or `path` itself if it can't be read."""
    parts = path.strip("/").split("/")
    for depth in range(len(parts)):
        current = "/" + "/".join(parts[:depth])
        if not os.stat(current).st_mode & stat.S_IXOTH:
            return current
    mode = os.stat(path).st_mode
    wanted = stat.S_IROTH | stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH
    return None if mode & wanted == wanted else path


def owner_map(uid: int) -> int:
    """A user namespace, as a descriptor, that shows root's files as the files of `uid`."""
    ready, done = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(done[1])
        os.write(ready[1], b"1" if _libc.unshare(CLONE_NEWUSER) == 0 else b"0")
        os.read(done[0], 1)
        os._exit(0)
    try:
        if os.read(ready[0], 1) != b"1":
            raise OSError("no user namespace for the owner map")
        for kind in ("uid", "gid"):
            with open(f"/proc/{pid}/{kind}_map", "w", encoding="ascii") as file:
                file.write(f"0 {uid} 1\n1 1 {uid - 1}\n")
        return os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.kill(pid, SIGKILL)
        os.waitpid(pid, 0)
        for fd in (*ready, *done):
            os.close(fd)


def mapped_tree(fd: int, namespace: int) -> int:
    """A detached mount of the tree behind `fd` with the owner map. Raises OSError where the file system has none."""
    tree = plain_tree(fd)
    attributes = _MountAttr(MOUNT_ATTR_IDMAP, 0, 0, namespace)
    size = ctypes.sizeof(attributes)
    result = _libc.syscall(SYS_MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH, ctypes.byref(attributes), size)
    _checked(result, "owner map")
    return tree


def plain_tree(fd: int) -> int:
    flags = OPEN_TREE_CLONE | AT_EMPTY_PATH | os.O_CLOEXEC
    return _checked(_libc.syscall(SYS_OPEN_TREE, fd, b"", flags), "open_tree")


def _place(path: str, like: int) -> None:
    """Makes an empty folder or file to mount upon, unless there is one."""
    if stat.S_ISDIR(os.fstat(like).st_mode):
        os.makedirs(path, 0o755, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
    if not os.path.lexists(path):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def arrange(uid: int, readable: list[str], writable: list[str]) -> None:
    """Gives `uid` a view of exactly these paths where it could not pass, and rights on the writable ones.

    Raises OSError, with nothing changed, when the kernel or the file system can't map owners.
    """
    namespace = owner_map(uid)
    _checked(_libc.unshare(CLONE_NEWNS), "unshare")
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    closed = {path: first_closed(path) for path in [*readable, *writable]}
    trees: dict[str, int] = {}
    for path in sorted(path for path, top in closed.items() if top or path in writable):
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            trees[path] = mapped_tree(fd, namespace)
        except OSError:
            if path in writable:
                raise
            trees[path] = plain_tree(fd)
        os.close(fd)
    os.close(namespace)
    os.umask(0o022)
    for cover in sorted({top for path, top in closed.items() if top and top != path}):
        _mount("tmpfs", cover, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    for path, tree in trees.items():
        _place(path, tree)
        moved = _libc.syscall(SYS_MOVE_MOUNT, tree, b"", AT_FDCWD, path.encode(), MOVE_MOUNT_F_EMPTY_PATH)
        _checked(moved, "move_mount")
        os.close(tree)


def become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def memory_file(data: bytes) -> int:
    """A descriptor, open across exec, that reads `data` from its start."""
    fd = os.memfd_create("plan", 0)
    os.write(fd, data)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def command_line(plan: "dict[str, Any]") -> tuple[list[str], list[int]]:
    """Bubblewrap's argv, its arguments behind a descriptor so that /proc shows no host path, and the descriptors."""
    seccomp = memory_file(plan["seccomp"])
    arguments = ["--seccomp", str(seccomp), *plan["arguments"]]
    packed = memory_file("".join(f"{argument}\0" for argument in arguments).encode())
    return [plan["bwrap"], "--args", str(packed), "--", *plan["command"]], [seccomp, packed]


def main() -> "NoReturn":
    plan: dict[str, Any] = marshal.loads(bytes.fromhex(sys.argv[1]))
    if os.geteuid() == 0 and plan["drop"]:
        uid = unused_user()
        try:
            arrange(uid, plan["readable"], plan["writable"])
        except OSError as exc:
            if plan["drop"] == "must":
                raise SystemExit(f"root can't hand its files to an unused user here ({exc})") from exc
        else:
            become(uid)
    argv, _ = command_line(plan)
    os.execve(argv[0], argv, os.environ if plan["environment"] else {})


if __name__ == "__main__":
    main()
