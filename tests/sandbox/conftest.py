"""A sandbox and a session of it, under the `LIMITS` of the test's module."""

from collections.abc import Iterator

import pytest

from tdscaling.sandbox.bwrap import BwrapSandbox
from tdscaling.sandbox.session import FrameSession


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[BwrapSandbox]:
    opened = BwrapSandbox(request.module.LIMITS)
    yield opened
    opened.close()


@pytest.fixture
def session(sandbox: BwrapSandbox) -> Iterator[FrameSession]:
    with sandbox.open() as opened:
        yield opened
