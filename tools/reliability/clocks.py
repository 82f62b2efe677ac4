"""What clocks that jump do to a study: `python tools/reliability/clocks.py [--studies 10]`.

A study of six runs is made by three processes at once, `compare` and two workers, each with a wall clock of its own, as
on three machines. These are years apart at the start and jump every second, forward and back, by seconds up to years;
files that a process touches get its time. Every study has to come to its end with the runs of one whose clock stands
right, to the bit, no run may be lost, or made twice, and no lease, checkpoint or half file may be left.

The clocks are those of `clock.c`, preloaded: without Linux or a C compiler there is nothing to try, which is said.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from crash import STUDY, left_over, rows

NAME, LONGEST = "compare", 1_200
"""Of the study; seconds that it may take."""
SPANS = 10.0, 120.0, 7_200.0, 9e4, 4e7, 3e8
"""Seconds by which a clock is off at most, one of them at a time: within a lease's minute, beyond it, a day, years."""
WORKERS = 2


@dataclass
class Clock:
    """A process's: a file that says by how much it is off."""

    path: Path
    draw: random.Random
    jumps: int = -1

    def __post_init__(self) -> None:
        self.path.write_bytes(bytes(8))
        self.jump()

    def jump(self) -> None:
        """By any of the spans, forward or back."""
        span = self.draw.choice(SPANS)
        with self.path.open("r+b") as file:  # in its place: it is mapped into the process's memory
            file.write(struct.pack("d", self.draw.uniform(-span, span)))
        self.jumps += 1


@dataclass
class Party:
    """Processes that make one study together, and their clocks."""

    folder: Path
    library: Path
    draw: random.Random
    clocks: list[Clock] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def begin(self, words: str) -> None:
        """A command of normlab's with a clock of its own."""
        self.clocks.append(Clock(self.folder / f"clock-{len(self.clocks)}", self.draw))
        shifted = {"LD_PRELOAD": str(self.library), "CLOCK_FILE": str(self.clocks[-1].path)}
        command = [sys.executable, "-m", "normlab", *words.split()]
        with self._said(len(self.processes)).open("w") as said:
            where = {"cwd": self.folder, "stdout": said, "stderr": said}
            self.processes.append(subprocess.Popen(command, env=os.environ | shifted, **where))

    def ended(self) -> list[str]:
        """What each said, in their order, once all are done; meanwhile clocks jump."""
        start = time.monotonic()
        while any(process.poll() is None for process in self.processes):
            self.draw.choice(self.clocks).jump()
            time.sleep(self.draw.uniform(0, 2 / len(self.clocks)))
            if time.monotonic() - start > LONGEST:
                for process in self.processes:
                    process.kill()
                sys.exit(f"a study did not end in {LONGEST} s")
        said = [self._said(number).read_text() for number in range(len(self.processes))]
        for process, words in zip(self.processes, said, strict=True):
            if process.returncode:
                sys.exit(f"{process.args} ended with code {process.returncode}: {words}")
        return said

    def _said(self, number: int) -> Path:
        return self.folder / f"said-{number}"


def begun(folder: Path) -> None:
    """A study that owes all its runs."""
    words = ["submit", "--slurm", *STUDY.split()[1:]]
    subprocess.run([sys.executable, "-m", "normlab", *words], cwd=folder, check=True, capture_output=True)


def made(said: str) -> int:
    """How many runs a process made."""
    trained = re.search(r"(\d+) runs? made here", said) or re.search(r'"trained": (\d+)', said)
    if trained is None:
        sys.exit(f"it does not say what it made: {said}")
    return int(trained[1])


def compiled(home: Path) -> Path | None:
    """The library of clocks that jump, None where there is no compiler, or the system takes no such library."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        return None
    library = home / "clock.so"
    source = Path(__file__).with_name("clock.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl", "-lm"], check=True)
    return library


def shared(folder: Path, library: Path, draw: random.Random) -> tuple[list[int], int]:
    """A study made by three processes; gives how many runs each made, and how often clocks jumped."""
    begun(folder)
    party = Party(folder, library, draw)
    party.begin(f"compare {NAME} --workers 1 --format json")
    for _ in range(WORKERS):
        party.begin(f"worker {NAME} --workers 1")
    return [made(said) for said in party.ended()], sum(clock.jumps for clock in party.clocks)


def whole(folder: Path) -> list[tuple[object, ...]]:
    """What the runs come to where the clock stands right."""
    begun(folder)
    subprocess.run([sys.executable, "-m", "normlab", "compare", NAME], cwd=folder, check=True, capture_output=True)
    return rows(folder)


def main() -> None:
    """Let clocks jump, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=10)
    parser.add_argument("--entropy", type=int, default=0)
    given = parser.parse_args()
    draw, jumps, shares = random.Random(given.entropy), 0, [0] * (WORKERS + 1)
    with TemporaryDirectory() as home:
        library = compiled(Path(home))
        if library is None:
            print("skipped: clocks that jump need Linux and a C compiler (cc)")
            return
        folders = [Path(home) / f"study-{number}" for number in range(given.studies + 1)]
        for folder in folders:
            folder.mkdir()
        expected = whole(folders.pop())
        for folder in folders:
            each, jumped = shared(folder, library, draw)
            jumps, shares = jumps + jumped, [sum(pair) for pair in zip(shares, each, strict=True)]
            if rows(folder) != expected:
                sys.exit(f"runs differ from those of a clock that stands right: {folder.name}")
            if over := left_over(folder):
                sys.exit(f"left over: {', '.join(over)}")
    twice = sum(shares) - len(expected) * given.studies
    print(f"{given.studies} studies, {jumps} jumps: 0 runs lost, {twice} made twice, all the same; by whom: {shares}")
    sys.exit(twice > 0)


if __name__ == "__main__":
    main()
