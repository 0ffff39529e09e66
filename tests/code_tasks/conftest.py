"""One sandbox for the tests of code tasks."""

from collections.abc import Iterator

import pytest

from tdscaling.config.sandbox import SandboxSettings
from tdscaling.sandbox import Sandbox, open_sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    opened = open_sandbox(SandboxSettings(pool=2))
    yield opened
    opened.close()
