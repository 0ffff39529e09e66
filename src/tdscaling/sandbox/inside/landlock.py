"""Landlock: a process gives up the file system, TCP and signals to others, for good, without any privilege."""

import ctypes
import os
import stat
import struct
from _collections_abc import Iterable

from .kernel import libc

SYS_CREATE_RULESET, SYS_ADD_RULE, SYS_RESTRICT_SELF = 444, 445, 446
VERSION_FLAG, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Rights over files that each version knows, from the lowest version on that has them."""
NETWORK = {4: 3}
SCOPES = {6: 3}
"""Abstract sockets and signals of processes outside."""
SCOPED = 6
"""The first version that keeps signals inside."""
EXECUTE, WRITE_FILE, READ_FILE, READ_FOLDER, REMOVE_FOLDER, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_FOLDER, MAKE_FILE, MAKE_FIFO, MAKE_LINK, REFER, TRUNCATE = (1 << bit for bit in (7, 8, 10, 12, 13, 14))
READ = EXECUTE | READ_FILE | READ_FOLDER
WRITE = (
    READ | WRITE_FILE | REMOVE_FOLDER | REMOVE_FILE | MAKE_FOLDER | MAKE_FILE | MAKE_FIFO | MAKE_LINK | REFER | TRUNCATE
)
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE


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
    if abi:
        enter(ruleset(()))
    return abi


def ruleset(granted: Iterable[tuple[str, int]]) -> int:
    """Rules, as a descriptor, that take everything away but these rights beneath these paths; what is not there is
    passed over. Raises OSError."""
    abi = version()
    rules = _create(_newest(FILES, abi), _newest(NETWORK, abi), _newest(SCOPES, abi), abi)
    for path, rights in granted:
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        rights &= _newest(FILES, abi) if stat.S_ISDIR(os.fstat(fd).st_mode) else OF_A_FILE
        added = libc.syscall(SYS_ADD_RULE, rules, PATH_BENEATH, struct.pack("=Qi", rights, fd), 0)
        os.close(fd)
        if added != 0:
            raise OSError(ctypes.get_errno(), "Landlock does not take the rule", path)
    return rules


def signals_alone() -> int:
    """Rules that keep signals and abstract sockets inside, and nothing else. Raises OSError."""
    abi = version()
    return _create(0, 0, _newest(SCOPES, abi), abi)


def _create(files: int, network: int, scopes: int, abi: int) -> int:
    attributes = struct.pack("=QQQ", files, network, scopes)
    rules = libc.syscall(SYS_CREATE_RULESET, attributes, 24 if abi >= SCOPED else 16 if abi >= 4 else 8, 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "Landlock does not take the rules")
    return rules


def enter(rules: int) -> None:
    """Puts this process under the rules, for good, and closes them. Needs `no_new_privileges`. Raises OSError."""
    if libc.syscall(SYS_RESTRICT_SELF, rules, 0) != 0:
        raise OSError(ctypes.get_errno(), "Landlock can't be entered")
    os.close(rules)


def no_new_privileges() -> None:
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def filter_calls(program: bytes) -> None:
    """Puts this process under a seccomp filter, as `seccomp.program` gives it. Raises OSError."""
    held = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(held))
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the system call filter is refused")
