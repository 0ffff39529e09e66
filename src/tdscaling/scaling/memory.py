"""What training frees stays with the process: to be given it anew, page by page, took a tenth of its time on a CPU."""

import ctypes
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -2, -3, -4
"""Parameters of mallopt(3), as glibc numbers them."""
_GROWTH = 256 * 1024 * 1024
"""Bytes by which the heap grows at least."""
_ADAPTED = 32 * 1024 * 1024
"""From how many bytes on a block has a mapping of its own: where glibc comes by itself once large blocks were freed;
setting any of these has switched that off for good."""


@contextmanager
def kept() -> Generator[None]:
    """While the block runs, large blocks come from the heap, and what is freed of it is used again; then it is given
    back, so that the holes of one training don't add to those of the next. What is computed stays the same. Where the C
    library is not glibc nothing changes."""
    library = _glibc()
    if library is None:
        yield
        return
    library.mallopt(_MMAP_MAX, 0)
    library.mallopt(_TRIM_THRESHOLD, -1)
    library.mallopt(_TOP_PAD, _GROWTH)
    try:
        yield
    finally:
        library.mallopt(_MMAP_MAX, 65536)
        library.mallopt(_TOP_PAD, 128 * 1024)
        library.mallopt(_MMAP_THRESHOLD, _ADAPTED)
        library.mallopt(_TRIM_THRESHOLD, 2 * _ADAPTED)
        library.malloc_trim(0)


def _glibc() -> Any:
    """The C library of this process, None where it is another one."""
    try:
        library = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return library if hasattr(library, "gnu_get_libc_version") else None
