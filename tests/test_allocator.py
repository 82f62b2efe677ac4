from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no glibc elsewhere")
SCRIPT = """
from pathlib import Path
from normlab.allocator import freed_memory_kept

def held():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith("RssAnon"))

with freed_memory_kept():
    before = held()
    blocks = [b"x" * 1_000_000 for _ in range(100)]
    full = held() - before
    del blocks
    kept = held() - before
print(full, kept, held() - before)
"""


def test_freed_memory_is_kept_for_a_while() -> None:
    """Blocks of megabytes stay with the process within, and go back to the system behind."""
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    full, kept, behind = (int(number) / 100_000_000 for number in ran.stdout.split())
    assert full > 0.9
    assert kept > 0.5
    assert behind < 0.2
