"""The two system calls that Python does not offer: prctl and openat2."""

import ctypes
import os

PR_SET_DUMPABLE = 4
SYS_OPENAT2 = 437
RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH = 1, 2, 4, 8
BENEATH = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV

libc = ctypes.CDLL(None, use_errno=True)


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


def set_dumpable(value: bool) -> None:
    """Decides whether processes of the same user may open this one's /proc entries and memory."""
    libc.prctl(PR_SET_DUMPABLE, int(value), 0, 0, 0)


def open_beneath(directory: int, path: str, flags: int, mode: int = 0) -> int:
    """Opens `path` below the open `directory` without ever following a link or leaving its mount.

    Raises OSError (ELOOP for a link, EXDEV for a way out).
    """
    how = _OpenHow(flags | os.O_CLOEXEC, mode, BENEATH)
    fd = libc.syscall(SYS_OPENAT2, directory, os.fsencode(path), ctypes.byref(how), ctypes.sizeof(how))
    if fd < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno), path)
    return fd
