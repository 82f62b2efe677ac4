"""What a study loses to a disk that is full or fails: `python tools/reliability/disk.py [--disks 20] [--faults 20]`.

A study of six runs is made on a disk of memory that is too small for it (a tmpfs of a random size; needs root), which
is made larger when the command has ended, until it comes to its end there. Then on a disk whose n-th flush or rename
fails with an input/output error, for random n. Every time the command has to end in one line and a code that is not 0,
no finished run may be lost, and in the end all runs have to be those of a study on a sound disk, to the bit.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crash import PATIENCE, STUDY, left_over, rows

FAILS = """
import errno, os, sys
from itertools import count
left = count(1)
def failing(real):
    def call(*given, **named):
        if next(left) == {number}:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(*given, **named)
    return call
os.fsync, os.replace, os.rename = failing(os.fsync), failing(os.replace), failing(os.rename)
from normlab.cli import main
sys.argv = ["normlab", *{words!r}]
main()
"""
SMALLEST, LARGEST, STEP = 100, 2_500, 800
"""Kilobytes of a disk at first, and by how many it grows."""


@contextmanager
def tmpfs(folder: Path, kilobytes: int) -> Iterator[Callable[[int], None]]:
    """A disk of memory; gives what makes it another size."""
    folder.mkdir()
    _call("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", folder)
    try:
        yield lambda size: _call("mount", "-o", f"remount,size={size}k", folder)
    finally:
        _call("umount", "--lazy", folder)  # a process that is on its way out may be there still


def _call(*words: str | Path) -> None:
    subprocess.run(words, check=True)


def tried(folder: Path, words: list[str]) -> bool:
    """Whether the command came to its end; where it did not, in one line."""
    before = rows(folder)
    ended = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if not set(before) <= set(rows(folder)):
        sys.exit("a finished run was lost")
    said = ended.stderr.strip().splitlines()
    if ended.returncode and (ended.returncode != 1 or "Traceback" in ended.stderr or not said):
        sys.exit(f"it ended with code {ended.returncode}: {ended.stderr}")
    if ended.returncode:
        print(f"    {said[-1][:160]}")
    return ended.returncode == 0


def full(base: Path, number: int, size: int, expected: list[tuple[object, ...]]) -> int:
    """A study on a disk that grows whenever it was full; gives how often that was."""
    folder, times = base / f"disk-{number}", 0
    with tmpfs(folder, size) as grow:
        while not tried(folder, [sys.executable, "-m", "normlab", *STUDY.split()]):
            times, size = times + 1, size + STEP
            grow(size)
        _same(folder, expected)
    return times


def failing(base: Path, number: int, nth: int, expected: list[tuple[object, ...]]) -> bool:
    """A study whose n-th flush or rename fails, and then on a sound disk; gives whether it was told."""
    folder = base / f"fault-{number}"
    folder.mkdir()
    told = not tried(folder, [sys.executable, "-c", FAILS.format(number=nth, words=STUDY.split())])
    if not tried(folder, [sys.executable, "-m", "normlab", *STUDY.split()]):
        sys.exit("it does not end on a sound disk")
    _same(folder, expected)
    return told


def _same(folder: Path, expected: list[tuple[object, ...]]) -> None:
    if rows(folder) != expected:
        sys.exit(f"runs differ from those on a sound disk: {folder.name}")
    if over := left_over(folder):
        sys.exit(f"left over: {', '.join(over)}")


def main() -> None:
    """Fill, fail, and say what was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option in ("--disks", "--faults"):
        parser.add_argument(option, type=int, default=20)
    parser.add_argument("--entropy", type=int, default=0)
    given = parser.parse_args()
    chance = random.Random(given.entropy)
    with TemporaryDirectory() as home:
        base = Path(home)
        whole = base / "whole"
        whole.mkdir()
        tried(whole, [sys.executable, "-m", "normlab", *STUDY.split()])
        expected = rows(whole)
        disks = given.disks if hasattr(os, "geteuid") and os.geteuid() == 0 else 0
        times = [full(base, n, chance.randint(SMALLEST, LARGEST), expected) for n in range(disks)]
        print(f"{disks} disks that were full {sum(times)} times: 0 runs lost, all the same")
        told = [failing(base, n, chance.randint(1, 40), expected) for n in range(given.faults)]
        print(
            f"{given.faults} flushes or renames that failed, {sum(told)} ended the command: 0 runs lost, all the same"
        )


if __name__ == "__main__":
    main()
