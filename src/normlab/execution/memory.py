"""Keeping freed memory in the process, for a worker that allocates the same tensors in every step.

glibc gives blocks of megabytes back to the system as they are freed, so that each training step faults its memory in
page by page again. On the `course` network that cost a sixth of a step.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h


def keep_freed_memory() -> None:
    """Tell glibc's allocator never to trim and never to map blocks apart; elsewhere do nothing."""
    if not sys.platform.startswith("linux"):
        return
    with suppress(OSError, AttributeError):  # another C library, such as musl
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_MMAP_THRESHOLD, 1 << 30)
        libc.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
        libc.mallopt(M_TOP_PAD, 64 << 20)
