"""Keeping freed memory in the process, for a worker that allocates the same tensors in every step.

glibc gives blocks of megabytes back to the system as they are freed, so that each training step faults its memory in
page by page again. On the `course` network that cost a sixth of a step.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h
LARGEST = 32 << 20
"""Bytes of the largest blocks that glibc by itself comes to keep, once such a one was freed; it trims at twice that."""


def keep_freed_memory() -> None:
    """Tell glibc's allocator never to trim and never to map blocks apart; elsewhere do nothing."""
    _call("mallopt", (M_MMAP_THRESHOLD, 1 << 30), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 << 20))


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Within it memory is kept as in a worker; behind it, what is free goes back to the system."""
    keep_freed_memory()
    try:
        yield
    finally:
        _call("mallopt", (M_MMAP_THRESHOLD, LARGEST), (M_TRIM_THRESHOLD, 2 * LARGEST), (M_TOP_PAD, 0))
        give_back()


def give_back() -> None:
    """Give to the system what is free now; what is freed later is kept as before."""
    _call("malloc_trim", (0,))


def _call(name: str, *arguments: tuple[int, ...]) -> None:
    """A function of glibc's, once with each of some arguments."""
    if not sys.platform.startswith("linux"):
        return
    with suppress(OSError, AttributeError):  # another C library, such as musl
        function = getattr(ctypes.CDLL("libc.so.6"), name)
        for each in arguments:
            function(*each)
