"""No way out over the network, whatever the family."""

import os
import socket
from collections.abc import Iterator

import pytest
from tests.abuse.case import Case, ids

from tdscaling.sandbox.protocol import SandboxSession

FAMILIES = {"inet": 2, "inet6": 10, "netlink": 16, "packet": 17, "alg": 38, "vsock": 40, "bluetooth": 31, "xdp": 44}
CASES = [
    Case(
        name,
        f"opens an AF_{name.upper()} socket",
        "seccomp",
        f"attempt(socket.socket, {number}, socket.SOCK_RAW if {number} in (16, 17, 31, 44) else socket.SOCK_STREAM)",
        ("EAFNOSUPPORT",),
    )
    for name, number in FAMILIES.items()
] + [
    Case(
        "interfaces",
        "finds an interface that leads out",
        "a network namespace",
        "[line.split(':')[0].strip() for line in open('/proc/net/dev') if ':' in line]",
        (["lo"],),
    ),
    Case("pair", "makes an AF_INET pair", "seccomp", "attempt(socket.socketpair, 2)", ("EAFNOSUPPORT",)),
    Case(
        "resolve",
        "asks a name server",
        "no socket, no resolv.conf",
        "attempt(socket.getaddrinfo, 'example.com', 80)",
        ("gaierror",),
    ),
]


@pytest.mark.requirement("sandbox.network")
@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_no_socket_leads_out(session: SandboxSession, case: Case) -> None:
    case.check(session)


@pytest.fixture
def abstract_socket() -> Iterator[str]:
    name = f"abuse-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{name}")
        server.listen()
        yield name


@pytest.mark.requirement("sandbox.network")
def test_an_abstract_unix_socket_of_the_host_can_not_be_reached(session: SandboxSession, abstract_socket: str) -> None:
    """Tries: talks to a host daemon that listens on an abstract name. Stopped by: the network namespace."""
    code = f"""
import socket
try:
    socket.socket(socket.AF_UNIX).connect("\\0{abstract_socket}")
    said = "connected"
except ConnectionRefusedError:
    said = "refused"
said"""
    assert session.run_python(code).value == "'refused'"
