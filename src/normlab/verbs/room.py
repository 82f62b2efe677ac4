"""Memory and space: what there is of it, and whether runs that are about to begin have enough."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from normlab.events import Rehearsed

MEMINFO = Path("/proc/meminfo")
GROUP = Path("/sys/fs/cgroup")


def memory() -> int:
    """Bytes that processes may still have, in this container if it is one; 0 where the system does not say."""
    with suppress(OSError, ValueError, StopIteration):
        lines = MEMINFO.read_text(encoding="ascii").splitlines()
        free = 1024 * int(next(line.split()[1] for line in lines if line.startswith("MemAvailable:")))
        return min(free, _of_group() or free)
    return 0


def disk(folder: Path) -> int:
    """Bytes that are free where the folder is, or will be."""
    return shutil.disk_usage(existing(folder)).free


def existing(folder: Path) -> Path:
    """The folder, or what of its path is there already."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())


def shortages(asked: Rehearsed, project: Path) -> Iterator[str]:
    """A sentence, without its full stop, for each thing that there is too little of."""
    together, free = min(asked.runs, asked.processes), memory()
    if free and asked.memory * together > free:
        fits = max(1, free // asked.memory)
        yield (
            f"{together} runs at a time take about {_size(asked.memory * together)} of memory, and {_size(free)} are "
            f"free: --workers {fits}" + ("" if asked.memory <= free else " may still be too many")
        )
    if asked.disk > (space := disk(project)):
        most = "may take" if asked.most else "take"
        yield (
            f"the runs {most} about {_size(asked.disk)} of the disk, and {_size(space)} are free at {project}: "
            "what is finished is kept, and the same command goes on where there is more"
        )


def _of_group() -> int:
    """What is left of a container's memory, 0 where there is no limit."""
    with suppress(OSError, ValueError):
        most = int((GROUP / "memory.max").read_text(encoding="ascii"))
        return max(1, most - int((GROUP / "memory.current").read_text(encoding="ascii")))
    return 0


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
