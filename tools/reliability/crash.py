"""How much a study loses to `kill -9`: `python tools/reliability/crash.py [--kills 200]`.

A study of six runs is begun again and again, and its whole process group is killed at a random moment: while it is
imported, prepared, rehearsed, trained, saved, kept, reported. Moments are counted in its processes' processor time, so
that they are the same on a busy machine; Linux tells it. Whenever the study comes to its end it is counted, and begun
in a new folder. Every run that was ever in a store has to be there, and at each end all runs have to be those of a
study that nobody killed, to the bit, with no lease, checkpoint or half file left.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

STUDY = "compare --norms bn,gn:2 --seeds 3 --epochs 12 --set train_images=2048 --holdout 500 --engine eager"
LONGEST = 24.0
"""Seconds of all its processes together after which a study is left to come to its end."""
PATIENCE = 3_600.0
"""Seconds that it may take to its end."""
LOOK = 0.05
"""Seconds between two looks at what its processes have spent."""
TOLD_EVERY = 20
TICKS = os.sysconf("SC_CLK_TCK")
SQL = "SELECT key, judged_correct, epochs, probabilities_sha, weights_sha FROM run ORDER BY key"


def begin(folder: Path) -> subprocess.Popen[str]:
    """The study's command, in a process group of its own."""
    words = [sys.executable, "-m", "normlab", *STUDY.split()]
    return subprocess.Popen(
        words, cwd=folder, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def rows(folder: Path) -> list[tuple[object, ...]]:
    """What every finished run came to."""
    store = folder / "normlab-out" / "runs.db"
    if not store.exists():
        return []
    with sqlite3.connect(store) as db:
        try:
            return db.execute(SQL).fetchall()
        except sqlite3.OperationalError:
            return []  # killed before it had tables


def moment(folder: Path) -> str:
    """Roughly what the study did when it was killed."""
    project = folder / "normlab-out"
    if not (project / "leases").exists() or not any((project / "leases").iterdir()):
        return "between runs"
    return "training, after a checkpoint" if any(project.glob("checkpoints/*.checkpoint")) else "training"


def killed(folder: Path, seconds: float) -> bool:
    """Let the study spend so much processor time, and kill it; False where it came to its end before."""
    process, start = begin(folder), time.monotonic()
    while process.poll() is None:
        if spent(process.pid) >= seconds:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return True
        if time.monotonic() - start > PATIENCE:
            sys.exit(f"the study did not end in {PATIENCE:.0f} s")
        time.sleep(LOOK)
    if process.returncode:
        sys.exit(f"the study ended with code {process.returncode}: {process.communicate()[1]}")
    return False


def spent(group: int) -> float:
    """Processor seconds of the processes of a group that are there, and of those that they have waited for."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[2]) == group:
                found += sum(map(int, fields[11:15]))
    return found / TICKS


def left_over(folder: Path) -> list[str]:
    """Files that a finished study should not have."""
    project = folder / "normlab-out"
    there = [*project.glob("leases/*"), *project.glob("checkpoints/*"), *project.rglob(".*.*")]
    return [str(path.relative_to(project)) for path in there]


def main() -> None:
    """Kill, and say what was lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--entropy", type=int, default=0)
    asked = parser.parse_args()
    chance, kills, ends, moments, began = random.Random(asked.entropy), 0, 0, Counter[str](), time.monotonic()
    with TemporaryDirectory() as base:
        whole = Path(base) / "whole"
        whole.mkdir()
        killed(whole, PATIENCE)
        expected = rows(whole)
        while kills < asked.kills:
            folder = Path(base) / f"study-{ends}"
            folder.mkdir(exist_ok=True)
            before = rows(folder)
            if killed(folder, chance.uniform(0.5, LONGEST)):
                kills += 1
                moments[moment(folder)] += 1
                if not set(before) <= set(rows(folder)):
                    sys.exit(f"a finished run was lost at kill {kills}")
                if kills % TOLD_EVERY == 0:
                    print(f"{kills} kills, {ends} studies to their end: 0 runs lost", flush=True)
                continue
            ends += 1
            if rows(folder) != expected:
                sys.exit(f"runs differ from those of a study that nobody killed: {folder.name}")
            if over := left_over(folder):
                sys.exit(f"left over: {', '.join(over)}")
        last = Path(base) / f"study-{ends}"
        last.mkdir(exist_ok=True)
        killed(last, PATIENCE)
        same = rows(last) == expected
    told = ", ".join(f"{count} {what}" for what, count in moments.most_common())
    minutes = (time.monotonic() - began) / 60
    print(
        f"{kills} kills ({told}), {ends + 1} studies to their end, {minutes:.0f} min: 0 runs lost, all the same: {same}"
    )
    sys.exit(not same)


if __name__ == "__main__":
    main()
