"""How much memory something takes: what a process comes to hold of its own, beside what it held before."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

BARE = 200_000_000
"""Bytes that a worker holds before it has done anything: Python and PyTorch."""
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Footprint:
    """The most that was held within `footprint`, in bytes as a worker would hold them; 0 where it is not known."""

    bytes: int = 0


@contextmanager
def footprint() -> Iterator[Footprint]:
    """What is held within it.

    Pages of mapped files, as a data set's images are, do not count: they are the system's, which drops them at need,
    and all processes share them. The peak that Linux tells of this process starts anew here. Where the system does not
    tell them apart (it is no Linux), it is all that this process has ever held.
    """
    found, before = Footprint(), _own()
    with suppress(OSError):
        RESET.write_text("5")  # the peak counts from here
    yield found
    found.bytes = max(0, _peak() - before) + BARE if before else _ever()


def _own() -> int:
    return _read("RssAnon")


def _peak() -> int:
    """All but the pages of files that are mapped in the end."""
    return _read("VmHWM") - _read("RssFile") - _read("RssShmem")


def _read(what: str) -> int:
    """Bytes, 0 where they are not told."""
    with suppress(OSError):
        for line in STATUS.read_text().splitlines():
            if line.startswith(f"{what}:"):
                return 1024 * int(line.split()[1])
    return 0


def _ever() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
