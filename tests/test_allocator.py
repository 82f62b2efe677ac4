from __future__ import annotations

import sys
from pathlib import Path

import pytest

from normlab.allocator import freed_memory_kept

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no glibc elsewhere")
BLOCKS, SIZE = 100, 1_000_000


def held() -> int:
    """Bytes that this process holds of its own."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))


def test_freed_memory_is_kept_for_a_while() -> None:
    """Blocks of megabytes stay with the process within, and go back to the system behind."""
    with freed_memory_kept():
        before = held()
        blocks = [b"x" * SIZE for _ in range(BLOCKS)]
        assert held() - before > 0.9 * BLOCKS * SIZE
        del blocks
        assert held() - before > 0.5 * BLOCKS * SIZE
    assert held() - before < 0.2 * BLOCKS * SIZE
