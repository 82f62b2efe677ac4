"""`submit`: begin a study for workers on a cluster, and write the script that starts them."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Unpack

from normlab.errors import SpecError
from normlab.events import Planned, Tell
from normlab.plans import AllOwed
from normlab.progress import told
from normlab.spec import Options, Study
from normlab.store import Store
from normlab.verbs import engines, projects, registered
from normlab.verbs.checks import Basis, ready
from normlab.verbs.projects import Place
from normlab.verbs.rehearsal import Hall
from normlab.verbs.signature import named_options

CHUNK = 1_000
"""Tasks of an array, at most: what most Slurm clusters allow."""
SPARE = 120
"""Seconds before the end of its time at which a worker saves its run."""


@dataclass(frozen=True)
class Submission:
    """A study that is begun: its folder, how many runs it owes, and a script to be submitted so many `times`."""

    folder: Path
    owed: int
    script: str
    times: int


@named_options
def submit(
    study: Study | str | Path | None = None,
    *,
    out: str | Path = "normlab-out",
    array: int | None = None,
    seconds: int = 3600,
    partition: str = "",
    tell: Tell | None = None,
    **options: Unpack[Options],
) -> Submission:
    """Begin a study, and write a Slurm script of an array of workers; nothing is trained and nothing submitted.

    A worker takes what nobody else makes, one run after another, so an array may be smaller than the study. One that is
    requeued, or runs out of time, has saved its run. Where what comes next depends on how other runs end, until a study
    is settled and along a path, the first task is a `compare`, which says that and keeps what the others leave.

    Args:
        study, out, options: as for `compare`.
        array: how many workers; by default as many as runs are owed. More than 1,000 are several equal arrays.
        seconds: the time of each, at least 5 minutes.
        partition: where they run; the cluster's own choice if empty.
        tell: told what happens, as by `compare`.

    Raises what `compare` raises before it trains.
    """
    if seconds < 2 * SPARE + 60:
        raise SpecError(f"--time: expected at least 5 minutes, got {seconds} s: a worker saves its run in good time")
    place = projects.stated(study, Path(out), options)
    tell = tell or told(place.study)
    named = study is not None or options.get("name") is not None
    place, owed = _begun(place, ready(place.study, tell), tell, named=named)
    wanted = min(array or owed, owed, CHUNK if place.study.unfolds else owed)
    times = ceil(wanted / CHUNK)
    script = _script(place, ceil(wanted / times), seconds, partition) if owed else ""
    return Submission(place.folder, owed, script, times)


def _begun(place: Place, basis: Basis, tell: Tell, *, named: bool) -> tuple[Place, int]:
    """The study under its name, noted with its engine, and how many runs it owes."""
    with Store.open(place.project) as store:
        place = projects.claimed(place, store, given=named)
        registered.found(place.project, place.study.name)  # an edited one is refused before anything is trained for it
        made = engines.maker(place.study, store, basis.networks.material)
        store.merge_spool()
        owed = AllOwed(made.every(), store.have([job.key for job in made.every()])).ready()
        if owed:
            made = engines.settled(made, store, basis.data, tell)
            made = Hall(store, basis.data, len(owed), tell).rehearsed(made, lambda each: each.every())
        projects.put(place, store, [job.key for job in made.every()], made.engine)
        tell(Planned(len(made.every()) - len(owed), None if place.study.unfolds else len(owed)))
    return place, len(owed)


FIRST = """\
# What comes next depends on how other runs end: the first task says it, and keeps what the others leave.
if [ "$SLURM_ARRAY_TASK_ID" = 1 ]; then
  exec {normlab} compare {folder} --workers 1
fi"""


def _script(place: Place, tasks: int, seconds: int, partition: str) -> str:
    hours, rest = divmod(seconds, 3600)
    named = {
        "normlab": f"{shlex.quote(sys.executable)} -P -m normlab",
        "folder": shlex.quote(str(place.folder.resolve())),
    }
    lines = [
        "#!/bin/bash",
        "# Each task makes runs that nobody else makes; one that is cut or requeued has saved its run.",
        f"#SBATCH --job-name={shlex.quote('normlab-' + place.study.name)}",
        f"#SBATCH --array=1-{tasks}",
        f"#SBATCH --time={hours:02}:{rest // 60:02}:{rest % 60:02}",
        "#SBATCH --cpus-per-task=1",
        "#SBATCH --requeue",
        f"#SBATCH --signal=TERM@{SPARE // 2}",
        *([f"#SBATCH --partition={shlex.quote(partition)}"] if partition else []),
        "export OMP_NUM_THREADS=1",
        *([FIRST.format(**named)] if place.study.unfolds else []),
        "exec {normlab} worker {folder} --workers 1 ".format(**named) + f"--for {seconds - SPARE}s",
    ]
    return "\n".join(lines) + "\n"
