"""Files, the home folder, the environment and descriptors of the host."""

from pathlib import Path

import pytest
from tests.abuse.case import Case, ids
from tests.abuse.host import SECRET

from tdscaling.sandbox.protocol import SandboxSession

HOME = str(Path.home())
PRODUCT = str(Path(__file__).parents[2])
CASES = [
    Case("home", "lists the user's home", "only named folders are mounted", f"os.path.exists({HOME!r})", (False,)),
    Case("product", "finds the product's environment", "it is not mounted", f"os.path.exists({PRODUCT!r})", (False,)),
    Case("shadow", "reads the password file", "/etc is one of our own", "attempt(open, '/etc/shadow')", ("ENOENT",)),
    Case(
        "passwd",
        "learns the accounts of the host",
        "/etc/passwd is one of our own",
        "sorted(line.split(':')[0] for line in open('/etc/passwd'))",
        (["agent", "nobody", "root"],),
    ),
    Case(
        "environment",
        "looks for the launcher's secrets",
        "bubblewrap starts with an empty environment",
        f"any({SECRET!r} in value for value in os.environ.values())",
        (False,),
    ),
    Case(
        "environ-of-pid-1",
        "reads /proc/1/environ",
        "the supervisor is pid 1 itself, undumpable, its environment empty",
        "attempt(open, '/proc/1/environ')",
        ("EACCES", "EPERM"),
    ),
    Case(
        "cmdline-of-pid-1",
        "looks for host paths in /proc/1/cmdline",
        "arguments go through a descriptor, pid 1 has paths of the inside alone",
        f"any(word in open('/proc/1/cmdline').read() for word in ({HOME!r}, {PRODUCT!r}, 'bwrap'))",
        (False,),
    ),
    Case(
        "descriptors",
        "uses a descriptor that leaked in",
        "all are closed on exec and again after fork",
        "sorted(int(n) for n in os.listdir('/proc/self/fd') if int(n) > 4 and os.path.exists(f'/proc/self/fd/{n}'))",
        ([],),
    ),
    Case(
        "descriptors-of-pid-1",
        "opens the supervisor's protocol pipes",
        "pid 1 is undumpable",
        "attempt(os.listdir, '/proc/1/fd')",
        ("EACCES", "EPERM"),
    ),
    Case(
        "root-of-pid-1",
        "walks out through /proc/1/root",
        "pid 1 is undumpable",
        "attempt(os.listdir, '/proc/1/root/')",
        ("EACCES", "EPERM"),
    ),
    Case("write-usr", "plants a program", "read-only bind", "attempt(write, '/usr/bin/evil')", ("EROFS", "EACCES")),
    Case("write-root", "fills the root folder", "--remount-ro /", "attempt(write, '/evil')", ("EROFS",)),
    Case("write-dev", "stores data in /dev", "--remount-ro /dev", "attempt(write, '/dev/evil')", ("EROFS",)),
    Case("write-etc", "changes /etc/hosts", "read-only bind", "attempt(write, '/etc/hosts')", ("EROFS", "EACCES")),
    Case(
        "write-supervisor",
        "changes the supervisor's code for the next session",
        "read-only bind",
        "attempt(write, '/opt/box/inside/supervisor.py')",
        ("EROFS", "EACCES"),
    ),
    Case(
        "write-stdlib",
        "changes the standard library",
        "read-only bind",
        "attempt(write, os.__file__)",
        ("EROFS", "EACCES"),
    ),
    Case(
        "write-kernel-settings",
        "points core dumps at a program of its own",
        "no capability, /proc of its own",
        "attempt(write, '/proc/sys/kernel/core_pattern')",
        ("EACCES", "EROFS", "EPERM"),
    ),
    Case("sysfs", "reads hardware from /sys", "/sys is not mounted", "os.path.exists('/sys/kernel')", (False,)),
    Case("keys", "lists keyrings", "/proc/keys is covered", "attempt(open, '/proc/keys')", ("EACCES",)),
    Case("kernel-command-line", "reads it", "covered", "attempt(open, '/proc/cmdline')", ("EACCES",)),
    Case(
        "writable-mounts",
        "finds a writable folder of the host",
        "every writable file system is a tmpfs",
        "sorted({line.split()[2] for line in open('/proc/mounts') if line.split()[3].startswith('rw')}"
        " - {'tmpfs', 'proc', 'devpts', 'devtmpfs'})",
        ([],),
    ),
    Case(
        "unsized-tmpfs",
        "finds a tmpfs without a size",
        "--size on each",
        "[line for line in open('/proc/mounts')"
        " if line.split()[2] == 'tmpfs' and line.split()[3].startswith('rw') and 'size=' not in line]",
        ([],),
    ),
    Case(
        "block-device",
        "makes a device node of the disk",
        "no CAP_MKNOD, nodev",
        "attempt(os.mknod, '/workspace/disk', 0o60666, os.makedev(8, 0))",
        ("EPERM",),
    ),
    Case(
        "host-name",
        "learns the name of the machine",
        "a UTS namespace",
        "platform.node()",
        ("sandbox",),
    ),
    Case(
        "global-packages",
        "imports what the user installed beside the base interpreter",
        "site-packages is covered",
        "[n for n in os.listdir(f'/opt/python/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages')]"
        " if os.path.isdir('/opt/python') else []",
        ([],),
    ),
]


@pytest.mark.requirement("sandbox.files")
@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_the_files_of_the_host_stay_out_of_reach(session: SandboxSession, case: Case) -> None:
    case.check(session)


@pytest.mark.requirement("sandbox.files")
def test_no_process_inside_has_the_secret_in_its_environment(session: SandboxSession) -> None:
    """Tries: greps the environment of everyone. Stopped by: the empty environment, a pid namespace."""
    assert session.run_shell(f"grep -l {SECRET} /proc/*/environ 2>/dev/null").stdout == ""
