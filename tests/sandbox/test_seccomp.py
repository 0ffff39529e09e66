"""The filter lets through what the table allows and nothing else, on both architectures."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox import bpf

from tdscaling.sandbox import seccomp
from tdscaling.sandbox.syscalls import Machine, allowed, denied

MACHINES: tuple[Machine, ...] = ("x86_64", "aarch64")
EPERM, ENOSYS = seccomp.ERRNO | seccomp.EPERM, seccomp.ERRNO | seccomp.ENOSYS
PROGRAMS = {machine: seccomp.program(machine) for machine in MACHINES}


def verdict(machine: Machine, number: int, *arguments: int, network: bool = False) -> int:
    program = seccomp.program(machine, network=True) if network else PROGRAMS[machine]
    return bpf.run(program, seccomp.AUDIT_ARCH[machine], number, arguments)


@pytest.mark.requirement("sandbox.seccomp_allow_list")
@pytest.mark.parametrize("machine", MACHINES)
def test_every_number_gets_what_the_tables_say(machine: Machine) -> None:
    table, refused = allowed(machine), denied(machine)
    checked = {table[rule.call] for rule in seccomp.rules()}
    newest = max(*table.values(), *refused.values())
    for number in range(700):
        if number in checked:
            continue
        if number in table.values():
            expected = seccomp.ALLOW
        elif number > newest or number == refused["clone3"]:
            expected = ENOSYS
        else:
            expected = EPERM
        assert verdict(machine, number) == expected, number


@pytest.mark.requirement("sandbox.seccomp_denials")
@pytest.mark.parametrize("machine", MACHINES)
def test_calls_that_reach_past_the_sandbox_are_refused(machine: Machine) -> None:
    for name, number in denied(machine).items():
        assert verdict(machine, number) in (EPERM, ENOSYS), name


def test_no_call_is_both_allowed_and_refused() -> None:
    for machine in MACHINES:
        assert not set(allowed(machine)) & set(denied(machine))
        assert len(set(allowed(machine).values())) == len(allowed(machine))


@pytest.mark.requirement("sandbox.seccomp_foreign")
@pytest.mark.parametrize("machine", MACHINES)
def test_a_foreign_architecture_is_killed_and_x32_is_absent(machine: Machine) -> None:
    foreign = 0x40000003
    assert bpf.run(PROGRAMS[machine], foreign, 0) == seccomp.KILL
    if machine == "x86_64":
        assert verdict(machine, seccomp.X32_BIT | 0) == ENOSYS


@pytest.mark.requirement("sandbox.seccomp_arguments")
@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_decide_where_they_must(machine: Machine) -> None:
    table = allowed(machine)
    assert verdict(machine, table["clone"], 0x01200011) == seccomp.ALLOW
    for flag in (0x00020000, 0x10000000, 0x20000000, 0x40000000, 0x02000000, 0x04000000, 0x08000000):
        assert verdict(machine, table["clone"], flag | 17) == EPERM
    assert verdict(machine, table["prlimit64"], 0) == seccomp.ALLOW
    assert verdict(machine, table["prlimit64"], 1) == EPERM
    assert verdict(machine, table["ioctl"], 0, 0x5401) == seccomp.ALLOW
    assert verdict(machine, table["ioctl"], 0, 0x5412) == EPERM
    assert verdict(machine, table["ioctl"], 0, 0xFFFFFFFF00005412) == EPERM, "the kernel reads the low half only"
    assert verdict(machine, table["prctl"], 4) == seccomp.ALLOW
    assert verdict(machine, table["prctl"], 22) == EPERM
    assert verdict(machine, table["setsockopt"], 3, 1, 8) == seccomp.ALLOW
    assert verdict(machine, table["setsockopt"], 3, 1, 7) == EPERM
    assert verdict(machine, table["sched_setaffinity"], 1) == EPERM


@pytest.mark.requirement("sandbox.seccomp_sockets")
@given(family=st.integers(0, 64))
def test_unix_sockets_are_the_only_family_unless_the_network_is_granted(family: int) -> None:
    number = allowed("x86_64")["socket"]
    assert (verdict("x86_64", number, family) == seccomp.ALLOW) == (family == seccomp.AF_UNIX)
    assert (verdict("x86_64", number, family, network=True) == seccomp.ALLOW) == (family in (1, 2, 10, 16))


@pytest.mark.parametrize("machine", MACHINES)
def test_the_program_fits_the_kernel_and_every_jump_lands_inside(machine: Machine) -> None:
    program = PROGRAMS[machine]
    length = len(program) // 8
    assert length <= 4096
    assert all(target < length for target in bpf.targets(program))
    assert bpf.disassemble(program)[-1].code == seccomp.RETURN


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_numbers_agree_with_the_kernel_headers_where_these_are_installed(machine: Machine, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"{header} is not installed")
    text = Path(header).read_text(encoding="utf-8")
    official = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)\n", text)}
    ours = allowed(machine) | denied(machine)
    assert not {name: n for name, n in ours.items() if name in official and official[name] != n}
    assert len(ours.keys() & official.keys()) > 200


def test_the_docker_profile_names_the_same_calls() -> None:
    profile = seccomp.docker_profile("x86_64")
    entries = profile["syscalls"]
    assert isinstance(entries, list)
    named = {name for entry in entries if entry["action"] == "SCMP_ACT_ALLOW" for name in entry["names"]}
    assert named == set(allowed("x86_64"))
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"


@pytest.mark.requirement("sandbox.degraded")
@pytest.mark.parametrize("machine", MACHINES)
def test_code_that_no_namespace_surrounds_is_refused_what_paths_reach_and_nothing_else(machine: Machine) -> None:
    program = seccomp.program(machine, alone=True)
    for name, number in allowed(machine).items():
        found = bpf.run(program, seccomp.AUDIT_ARCH[machine], number, (1, 1, 1))
        stricter = seccomp.ERRNO | seccomp.ALONE[name] if name in seccomp.ALONE else None
        assert found == (verdict(machine, number, 1, 1, 1) if stricter is None else stricter), name
