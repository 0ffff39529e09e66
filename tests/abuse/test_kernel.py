"""The kernel's surface: calls that the filter refuses, privileges, terminals and clocks."""

import platform

import pytest
from tests.abuse.case import Case, ids

from tdscaling.sandbox.protocol import SandboxSession
from tdscaling.sandbox.syscalls import Machine, allowed, denied

MACHINE: Machine = "aarch64" if platform.machine() == "aarch64" else "x86_64"
REFUSED = denied(MACHINE)
TRIED = """
unshare mount pivot_root chroot setns bpf perf_event_open userfaultfd io_uring_setup keyctl add_key request_key
open_by_handle_at name_to_handle_at personality memfd_create memfd_secret shmget msgget semget mq_open seccomp swapon
reboot init_module kexec_load syslog quotactl acct settimeofday clock_settime adjtimex sethostname ptrace
process_vm_readv process_vm_writev pidfd_getfd kcmp fanotify_init sched_setscheduler sync mlockall open_tree fsopen
""".split()
CASES = [
    Case(name, f"calls {name}", "the seccomp allow list", f"syscall({REFUSED[name]}, 0, 0, 0, 0, 0)", ("EPERM",))
    for name in TRIED
] + [
    Case("clone3", "asks for namespaces through clone3", "ENOSYS", f"syscall({REFUSED['clone3']}, 0, 0)", ("ENOSYS",)),
    Case(
        "clone-newuser",
        "makes a user namespace by clone",
        "seccomp looks at the flags",
        f"syscall({allowed(MACHINE)['clone']}, 0x10000000 | 17, 0, 0, 0, 0)",
        ("EPERM",),
    ),
    Case(
        "families-of-the-kernel",
        "opens sockets of the kernel's crypto, virtual machines, packets and netlink",
        "no family but AF_UNIX",
        "sorted({attempt(socket.socket, family, kind) for family, kind in ((38, 5), (40, 1), (17, 3), (16, 3))})",
        (["EAFNOSUPPORT"],),
    ),
    Case(
        "spared-when-memory-ends",
        "has the kernel kill others first when memory ends",
        "no capability",
        "attempt(lambda: os.write(os.open('/proc/self/oom_score_adj', os.O_WRONLY), b'-1000'))",
        ("EACCES", "EPERM"),
    ),
    Case(
        "priority",
        "takes the processor from the host",
        "no capability, no RLIMIT_NICE",
        "attempt(os.nice, -5), attempt(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))",
        (("EPERM", "EPERM"),),
    ),
    Case(
        "sockets-of-the-host",
        "finds abstract sockets of the host",
        "a network namespace of its own",
        "[line.split()[-1] for line in open('/proc/net/unix') if '@' in line]",
        ([],),
    ),
    Case(
        "program-of-the-host",
        "gives a program of the host a second name, to keep or to change it",
        "a mount of its own for the workspace",
        "attempt(os.link, '/usr/bin/env', '/workspace/env')",
        ("EXDEV", "EPERM"),
    ),
    Case("new-call", "calls what the kernel added last", "ENOSYS", "syscall(999)", ("ENOSYS",)),
    Case("prctl-seccomp", "installs a filter of its own", "seccomp", "libc.prctl(22, 1, 0, 0, 0)", (-1,)),
    Case(
        "type-into-terminal",
        "types into a terminal with TIOCSTI",
        "seccomp",
        "attempt(__import__('fcntl').ioctl, os.openpty()[1], 0x5412, b'x')",
        ("EPERM",),
    ),
    Case("controlling-terminal", "opens /dev/tty", "--new-session", "attempt(open, '/dev/tty')", ("ENXIO",)),
    Case("become-root", "sets its uid to 0", "no capability, no mapping", "attempt(os.setuid, 0)", ("EPERM", "EINVAL")),
    Case(
        "capabilities",
        "has a capability left",
        "--cap-drop ALL",
        "sorted({line.split()[1] for line in open('/proc/self/status') if line.startswith('Cap')})",
        (["0000000000000000"],),
    ),
    Case(
        "setuid-program",
        "gains privileges from a setuid program",
        "no_new_privs and nosuid",
        "[line.split()[1] for line in open('/proc/self/status') if line.startswith('NoNewPrivs')]",
        (["1"],),
    ),
    Case(
        "user-namespace-by-program",
        "runs unshare -r",
        "--disable-userns and seccomp",
        "subprocess.run(['unshare', '-r', 'true'], stderr=-3).returncode != 0",
        (True,),
    ),
    Case(
        "lift-limits",
        "raises its own limits",
        "hard limits and no capability",
        "attempt(resource.setrlimit, resource.RLIMIT_NPROC, (9999, 9999))",
        ("ValueError", "EPERM"),
    ),
    Case(
        "real-time",
        "takes a real-time priority",
        "seccomp",
        "attempt(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))",
        ("EPERM",),
    ),
]


@pytest.mark.requirement("sandbox.kernel")
@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_the_kernel_refuses(session: SandboxSession, case: Case) -> None:
    case.check(session)


@pytest.mark.requirement("sandbox.kernel")
@pytest.mark.skipif(MACHINE != "x86_64", reason="32-bit calls are of x86-64")
def test_a_system_call_of_the_32_bit_table_kills_the_process(session: SandboxSession) -> None:
    """Tries: `int 0x80`, whose numbers mean other calls. Stopped by: the architecture check, which kills."""
    code = """
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()"""
    result = session.run_python(code)
    assert result.reset
    assert result.status == 128 + 31, "killed by SIGSYS"
