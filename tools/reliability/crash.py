"""How much a study loses to `kill -9`: `python tools/reliability/crash.py [--kills 200]`.

A study of six runs is begun again and again, and its whole process group is killed at a random moment: while it is
imported, prepared, rehearsed, trained, saved, kept, reported. Whenever it comes to its end it is counted, and begun in
a new folder. Every run that was ever in a store has to be there, and at each end all runs have to be those of a study
that nobody killed, to the bit, with no lease, checkpoint or half file left.
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
from pathlib import Path
from tempfile import TemporaryDirectory

STUDY = "compare --norms bn,gn:2 --seeds 3 --epochs 12 --set train_images=2048 --holdout 500 --engine eager"
LONGEST = 16.0
"""Seconds after which a study is left to come to its end."""
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
    """Run the study for so long, and kill it; False where it came to its end before."""
    process = begin(folder)
    try:
        _, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    if process.returncode:
        sys.exit(f"the study ended with code {process.returncode}: {errors}")
    return False


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
        killed(whole, 600)
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
                continue
            ends += 1
            if rows(folder) != expected:
                sys.exit(f"runs differ from those of a study that nobody killed: {folder.name}")
            if over := left_over(folder):
                sys.exit(f"left over: {', '.join(over)}")
        last = Path(base) / f"study-{ends}"
        last.mkdir(exist_ok=True)
        killed(last, 600)
        same = rows(last) == expected
    told = ", ".join(f"{count} {what}" for what, count in moments.most_common())
    minutes = (time.monotonic() - began) / 60
    print(
        f"{kills} kills ({told}), {ends + 1} studies to their end, {minutes:.0f} min: 0 runs lost, all the same: {same}"
    )
    sys.exit(not same)


if __name__ == "__main__":
    main()
