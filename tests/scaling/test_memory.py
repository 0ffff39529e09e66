"""Memory that training frees: kept for what comes next, and given back at the end."""

import ctypes
import resource
import sys
from pathlib import Path

import pytest

from tdscaling.scaling import memory

SIZE = 64 * 1024 * 1024
PAGES = SIZE // resource.getpagesize()

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "gnu_get_libc_version"),
    reason="the C library is not glibc",
)


@pytest.fixture(autouse=True)
def _emptied() -> None:
    """What tests before have freed is given back: a hole of it would be used without a single new page."""
    ctypes.CDLL(None).malloc_trim(0)


def faults(size: int = SIZE) -> int:
    """The pages that the process is given while it fills a large block and drops it."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    assert len(b"x" * size) == size
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])


def test_a_large_block_is_given_once_and_used_again_until_the_end() -> None:
    assert faults() > PAGES // 2
    with memory.kept():
        faults()
        assert faults() < PAGES // 20
        before = resident()
    assert resident() < before - PAGES // 2
    assert faults() > PAGES // 2


def test_afterwards_blocks_of_middling_size_are_used_again_as_without_it() -> None:
    with memory.kept():
        faults()
    faults(SIZE // 4)
    assert faults(SIZE // 4) < PAGES // 80


def test_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    with memory.kept():
        assert faults() > PAGES // 2
