"""The one run of a study that a verb is about: by its arm and its seed, or what is plain without them."""

from __future__ import annotations

import re
from pathlib import Path

from normlab.errors import Diverged, SpecError, StoreError
from normlab.records import RunRecord
from normlab.store import Store
from normlab.verbs import engines, projects


def find(study: str | Path, arm: str | None, seed: int | None, *, out: str | Path = "normlab-out") -> RunRecord:
    """The run of a study that is meant.

    Args:
        study: its name in the project `out`, or its folder.
        arm: its name; the study's only one if left out.
        seed: the first that is finished if left out, one that has not diverged before others.

    Raises:
        StoreError: there is no study, or no such run is finished.
        SpecError: no arm is named where there are several. `UnknownName` where the arm is not there.
        Diverged: the run has no network worth keeping.
    """
    place = projects.find(study, Path(out))
    arms = [each.name for each in place.study.arms]
    if arm is None and len(arms) > 1:
        raise SpecError(f"--arm: the study has several, name one: {', '.join(arms)}")
    wanted = place.study.arm(arms[0] if arm is None else arm)
    with Store.reading(place.project) as store:
        made = engines.maker(place.study, store)
        runs = {run.seed: run for run in store.runs([made.job(wanted, each) for each in place.study.seeds])}
        record = _chosen(runs, wanted.name, seed, place.folder)
        if record.diverged_at is not None:
            raise Diverged(f"{record.job.name} has diverged in epoch {record.diverged_at}: choose another run")
        return record


def called(arm: str, seed: int) -> str:
    """What a run's files are called: a name that is valid everywhere."""
    return f"{re.sub(r'[^A-Za-z0-9.=-]+', '-', arm)}-seed{seed}"


def _chosen(runs: dict[int, RunRecord], arm: str, seed: int | None, folder: Path) -> RunRecord:
    if not runs or (seed is not None and seed not in runs):
        finished = ", ".join(map(str, runs)) or "none"
        asked = "" if seed is None else f" with seed {seed}"
        raise StoreError(f"{folder} has no finished run of {arm}{asked}; finished seeds: {finished}")
    return runs[seed] if seed is not None else min(runs.values(), key=lambda run: run.diverged_at is not None)
