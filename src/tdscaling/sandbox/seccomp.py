"""The seccomp filter: an allow list as classic BPF, assembled by hand so that it needs no library.

Order of the program: a foreign architecture kills; x32 calls get ENOSYS; the few calls with an argument check
come next; then a balanced tree over the ranges of allowed numbers. What is refused gets EPERM, numbers newer
than the table and `clone3` get ENOSYS, so that libc falls back to what it knows.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from tdscaling.sandbox.syscalls import Machine, allowed, denied

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
EPERM, ENOSYS, EOPNOTSUPP, EAFNOSUPPORT = 1, 38, 95, 97
NOTHING = 0
"""Says that it was done, and does nothing."""
AUDIT_ARCH: dict[Machine, int] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000

LOAD, JUMP, JEQ, JGE, JSET, RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCH = 0, 4

NAMESPACE_FLAGS = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
TERMINAL_IOCTLS = (0x5412, 0x541C, 0x5423, 0x541D)
"""TIOCSTI (types into a terminal), TIOCLINUX, TIOCSETD, TIOCCONS."""
PRIVATE_PRCTLS = (22, 35, 0x59616D61)
"""PR_SET_SECCOMP, PR_SET_MM, PR_SET_PTRACER."""
SEND_BUFFERS = (7, 32)
"""SO_SNDBUF, SO_SNDBUFFORCE: what a socket may hold in the kernel, where no limit on memory sees it."""
AF_UNIX, AF_INET, AF_INET6, AF_NETLINK = 1, 2, 10, 16
ALONE: Mapping[str, int] = {
    **dict.fromkeys(("chmod", "fchmod", "fchmodat", "fchmodat2"), NOTHING),
    **dict.fromkeys(("utime", "utimes", "futimesat", "utimensat"), NOTHING),
    **dict.fromkeys(("chown", "fchown", "lchown", "fchownat"), EPERM),
    **dict.fromkeys(("getxattr", "lgetxattr", "fgetxattr", "listxattr", "llistxattr", "flistxattr"), EOPNOTSUPP),
    **dict.fromkeys(("inotify_init", "inotify_init1", "inotify_add_watch"), ENOSYS),
    "socket": EAFNOSUPPORT,
}
"""Answers to calls that reach what has a path where no mount namespace hides it, and Landlock does not ask: modes and
times can't be changed (copying a file does both, so nobody is told), a watched folder names its files, a socket with a
path has somebody else behind it."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One BPF instruction; `jt` and `jf` count the instructions to skip."""

    code: int
    k: int
    jt: int = 0
    jf: int = 0

    def pack(self) -> bytes:
        return struct.pack("=HBBI", self.code, self.jt, self.jf, self.k)


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuses `call` with `errno` by its argument number `argument` (low 32 bits).

    `only`: every value but these is refused. `never`: these values are. `bits`: any of these bits is.
    """

    call: str
    argument: int
    errno: int = EPERM
    only: tuple[int, ...] = ()
    never: tuple[int, ...] = ()
    bits: int = 0


def rules(network: bool = False) -> tuple[Rule, ...]:
    """The calls whose arguments decide. With `network` the internet families are open as well."""
    families = (AF_UNIX, AF_INET, AF_INET6, AF_NETLINK) if network else (AF_UNIX,)
    buffers = () if network else (Rule("setsockopt", 2, never=SEND_BUFFERS),)
    return (
        *buffers,
        Rule("clone", 0, bits=NAMESPACE_FLAGS),
        Rule("prlimit64", 0, only=(0,)),
        Rule("ioctl", 1, never=TERMINAL_IOCTLS),
        Rule("prctl", 0, never=PRIVATE_PRCTLS),
        Rule("socket", 0, errno=EAFNOSUPPORT, only=families),
        Rule("socketpair", 0, errno=EAFNOSUPPORT, only=(AF_UNIX,)),
        Rule("sched_setaffinity", 0, only=(0,)),
    )


def refuse(errno: int) -> Instruction:
    return Instruction(RETURN, ERRNO | errno)


def _check(rule: Rule, number: int) -> list[Instruction]:
    """Skips itself for another call; allows or refuses this one by its argument."""
    body = [Instruction(LOAD, 16 + 8 * rule.argument)]
    if rule.bits:
        body += [Instruction(JSET, rule.bits, 0, 1), refuse(rule.errno), Instruction(RETURN, ALLOW)]
    else:
        values = rule.only or rule.never
        hit, miss = (ALLOW, ERRNO | rule.errno) if rule.only else (ERRNO | rule.errno, ALLOW)
        for place, value in enumerate(values):
            body.append(Instruction(JEQ, value, len(values) - place, 0))
        body += [Instruction(RETURN, miss), Instruction(RETURN, hit)]
    return [Instruction(JEQ, number, 0, len(body)), *body]


def _tree(leaves: Sequence[tuple[int, Instruction]]) -> list[Instruction]:
    """A balanced search: each leaf is (first number it covers, what to return)."""
    if len(leaves) == 1:
        return [leaves[0][1]]
    middle = len(leaves) // 2
    low, high = _tree(leaves[:middle]), _tree(leaves[middle:])
    if len(low) > 255:
        return [Instruction(JGE, leaves[middle][0], 0, 1), Instruction(JUMP, len(low)), *low, *high]
    return [Instruction(JGE, leaves[middle][0], len(low), 0), *low, *high]


def assemble(machine: Machine, *, network: bool = False, alone: bool = False) -> tuple[Instruction, ...]:
    """The whole program for one architecture; `alone`: for code that no mount namespace surrounds."""
    table = allowed(machine)
    answers = {table.pop(call): errno for call, errno in ALONE.items() if alone and call in table}
    checked = [(rule, table.pop(rule.call)) for rule in rules(network) if rule.call in table]
    head = [
        Instruction(LOAD, ARCH),
        Instruction(JEQ, AUDIT_ARCH[machine], 1, 0),
        Instruction(RETURN, KILL),
        Instruction(LOAD, NUMBER),
    ]
    if machine == "x86_64":
        head += [Instruction(JSET, X32_BIT, 0, 1), refuse(ENOSYS)]
    checks = list(chain.from_iterable(_check(rule, number) for rule, number in checked))
    return (*head, *checks, *_tree(_leaves(table.values(), machine, answers)))


def _leaves(numbers: Iterable[int], machine: Machine, answers: Mapping[int, int]) -> list[tuple[int, Instruction]]:
    refused = denied(machine)
    newest = max(*numbers, *refused.values()) + 1
    absent = {refused["clone3"]}
    leaves: list[tuple[int, Instruction]] = []
    for number in range(newest):
        verdict = Instruction(RETURN, ALLOW) if number in set(numbers) else refuse(EPERM)
        if number in absent:
            verdict = refuse(ENOSYS)
        if number in answers:
            verdict = refuse(answers[number])
        if not leaves or leaves[-1][1] != verdict:
            leaves.append((number, verdict))
    return [*leaves, (newest, refuse(ENOSYS))]


def program(machine: Machine, *, network: bool = False, alone: bool = False) -> bytes:
    """The filter as the kernel and bubblewrap's `--seccomp` take it."""
    return b"".join(one.pack() for one in assemble(machine, network=network, alone=alone))


def docker_profile(machine: Machine) -> dict[str, object]:
    """The same policy in the JSON form of `docker run --security-opt seccomp=FILE`."""
    table = allowed(machine)
    entries: list[dict[str, object]] = []
    for rule in rules():
        table.pop(rule.call)
        entries += _docker_entries(rule)
    plain: dict[str, object] = {"names": sorted(table), "action": "SCMP_ACT_ALLOW"}
    absent: dict[str, object] = {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS}
    return {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": EPERM, "syscalls": [plain, *entries, absent]}


def _docker_entries(rule: Rule) -> list[dict[str, object]]:
    def entry(*conditions: Mapping[str, object]) -> dict[str, object]:
        return {"names": [rule.call], "action": "SCMP_ACT_ALLOW", "args": list(conditions)}

    if rule.bits:
        masked = {"index": rule.argument, "value": rule.bits, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
        return [entry(masked)]
    if rule.only:
        return [entry({"index": rule.argument, "value": value, "op": "SCMP_CMP_EQ"}) for value in rule.only]
    return [entry(*({"index": rule.argument, "value": value, "op": "SCMP_CMP_NE"} for value in rule.never))]
