"""Landlock: a process gives up the file system, TCP and signals to others, for good, without any privilege."""

import ctypes
import struct

from .kernel import libc

SYS_CREATE_RULESET, SYS_RESTRICT_SELF = 444, 446
VERSION_FLAG = 1
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Rights over files that each version knows, from the lowest version on that has them."""
NETWORK = {4: 3}
SCOPES = {6: 3}
"""Abstract sockets and signals of processes outside."""


def version() -> int:
    """The version of Landlock that the kernel has; 0 without any."""
    return max(0, libc.syscall(SYS_CREATE_RULESET, None, 0, VERSION_FLAG))


def _newest(known: dict[int, int], abi: int) -> int:
    return max((value for lowest, value in known.items() if lowest <= abi), default=0)


def give_up_everything() -> int:
    """From now on this process opens no file by a path, and what its kernel's Landlock knows beyond that. Returns the
    version in force, 0 where there is none. Raises OSError."""
    no_new_privileges()
    abi = version()
    if abi == 0:
        return 0
    attributes = struct.pack("=QQQ", _newest(FILES, abi), _newest(NETWORK, abi), _newest(SCOPES, abi))
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = libc.syscall(SYS_CREATE_RULESET, attributes, size, 0)
    if ruleset < 0 or libc.syscall(SYS_RESTRICT_SELF, ruleset, 0) != 0:
        raise OSError(ctypes.get_errno(), "Landlock does not take the rules")
    return abi


def no_new_privileges() -> None:
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def filter_calls(program: bytes) -> None:
    """Puts this process under a seccomp filter, as `seccomp.program` gives it. Raises OSError."""
    held = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(held))
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the system call filter is refused")
