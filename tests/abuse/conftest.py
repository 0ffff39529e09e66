"""Each case runs as root and as an unprivileged user; where the tests are not root, as this user alone."""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.abuse.host import SECRET, Host, LocalHost, RemoteHost, unprivileged_python

from tdscaling.sandbox.protocol import SandboxSession

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.sandbox)


@pytest.fixture(scope="session", params=["root", "unprivileged"])
def host(request: pytest.FixtureRequest) -> Iterator[Host]:
    root = os.geteuid() == 0
    if request.param == "root" and not root:
        pytest.skip("the tests do not run as root")
    os.environ["SECRET"] = SECRET
    opened: LocalHost | RemoteHost
    if request.param == "unprivileged" and root:
        python = unprivileged_python()
        if python is None:
            pytest.skip("no interpreter and checkout that an unprivileged user can read")
        opened = RemoteHost(python)
    else:
        opened = LocalHost()
    yield opened
    opened.close()
    del os.environ["SECRET"]


@pytest.fixture
def session(host: Host) -> Iterator[SandboxSession]:
    """A fresh session with small limits; it must still answer when the case is over."""
    with closing(host.open()) as opened:
        yield opened
        assert opened.run_python("6 * 7").value == "42", "the session must outlive the abuse"


@pytest.fixture
def workspace(tmp_path: Path, host: Host) -> Iterator[Path]:
    """A workspace that the host user owns, outside of every folder it could not pass."""
    folder = Path("/var/tmp") / f"abuse-{tmp_path.name}-{os.getpid()}"
    folder.mkdir()
    if host.uid != os.getuid():
        os.chown(folder, host.uid, host.uid)
    yield folder
    shutil.rmtree(folder)
