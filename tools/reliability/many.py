"""Ten thousand runs by eight workers of which 200 are killed: `python tools/reliability/many.py [--runs 10000]`.

The runs are stubs, records as training leaves them of a study with 100 evaluation images and real networks' weights,
made in no time, so that all that is measured is what stands around training: leases, files in a spool, and the one
process that merges them into the database. Workers take part as `normlab worker` does, each a process; whenever another
share of the runs is merged one of them, or the one that merges, is killed and begun anew. In the end every run has to
be in the store once and as it was made, with no lease and nothing in the spool. Then the report of the study is
written, as `normlab report` does it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))  # its made-up runs

import comparisons

from normlab.data import load
from normlab.data.split import split
from normlab.events import RunKept, silent
from normlab.execution.backlog import Backlog
from normlab.execution.here import Here
from normlab.models import build
from normlab.models.jobs import Material
from normlab.plans import AllOwed, Held, Maker
from normlab.records import Held as InMemory
from normlab.records import Job, RunRecord
from normlab.spec import design
from normlab.store import Leases, Spool, Store, weighed
from normlab.verbs import projects
from normlab.verbs.part import Part
from normlab.verbs.projects import Place

ARMS = ["bn", "ln", "gn:2", "in", "rms", "none", "ln-c", "gn:cpg=2", "frn", "dyt"]
NAME, IMAGES = "many", 100
FORK = multiprocessing.get_context("fork")


def planned(runs: int) -> Maker:
    """The jobs of ten arms on as many seeds as it takes."""
    norms = ARMS[: min(len(ARMS), runs)]
    study = design(
        norms=norms, l1=[0.0], seeds=-(-runs // len(norms)), epochs=2, name=NAME, holdout=IMAGES, model="lean"
    )
    return Maker(study, "eager", Material.of(study))


class Stubs:
    """Makes records as training would leave them, and notes in a file that it did."""

    def __init__(self, maker: Maker, made: Path) -> None:
        self.study, self.made = maker.study, made
        recipe = self.study.arms[0].recipe
        self.labels = split(load("mnist"), recipe, self.study.root).judged_labels
        self.weights = {arm.name: _weights(maker.job(arm, 0)) for arm in self.study.arms}

    def __call__(self, job: Job) -> RunRecord:
        """The same for a job whenever it is asked for."""
        with self.made.open("a") as file:
            file.write(f"{job.key}\n")
        record = comparisons.run(self.study.arm(job.label), job.seed, self.study, self.labels, 0.01)
        return replace(record, job=job, contents=InMemory(record.probabilities, self.weights[job.label]))


def _weights(job: Job) -> dict[str, Any]:
    return {name: value.numpy() for name, value in build(job).state_dict().items()}


def work(project: Path, jobs: list[Job], stubs: Stubs) -> None:
    """Take part until nothing is left that nobody makes."""
    part = Part(project, None, None)
    while len(part.made()) < len(jobs):
        owed = AllOwed(jobs, part.made())
        held = Held(owed, lambda part=part, owed=owed: part.over(owed))
        Here(Backlog(held, lambda run, part=part: part.leave(run, silent), silent, part, RunKept), stubs).run()
        part.elsewhere.clear()
        part.there = part.made()
        time.sleep(0.2)


def merge(project: Path, total: int) -> None:
    """Keep what workers leave until all is there."""
    with Store.open(project) as store:
        while len(store.have(_keys(project))) < total:
            store.merge_spool()
            time.sleep(0.05)


@cache
def _keys(project: Path) -> tuple[str, ...]:
    with Store.reading(project) as store:
        return store.studies()[0].keys


def begun(target: Any, *given: Any) -> Any:
    """A process in a group of its own, with what is asked of it."""
    process = FORK.Process(target=target, args=given, daemon=True)
    process.start()
    return process


def killed(project: Path, ways: list[tuple[Any, ...]], kills: int, total: int, draw: random.Random) -> Counter[str]:
    """Run until all is merged; gives how often whom was killed."""
    processes = [begun(*way) for way in ways]
    tally, due = Counter[str](), sorted(draw.uniform(0, 0.98) * total for _ in range(kills))
    while any(process.is_alive() for process in processes):
        there = len(weighed(project))
        while due and there >= due[0]:
            due.pop(0)
            place = draw.randrange(len(processes))
            with suppress(ProcessLookupError):
                os.kill(processes[place].pid, signal.SIGKILL)
            processes[place].join()
            tally[ways[place][0].__name__] += 1
            processes[place] = begun(*ways[place])
        time.sleep(0.02)
    return tally


def faults(project: Path, jobs: list[Job], stubs: Stubs) -> Iterator[str]:
    """What is lost, doubled, changed, or left over."""
    with Store.reading(project) as store:
        listed = Counter(row.key for row in store.listing())
        damaged = store.damaged(jobs, deep=True)
        runs = {run.key: run for run in store.runs(jobs)}
    yield from (f"{job.name}: lost" for job in jobs if job.key not in listed)
    yield from (f"{key}: kept {count} times" for key, count in listed.items() if count > 1)
    yield from (f"{key}: {why}" for key, why in damaged.items())
    for job in jobs[:: max(1, len(jobs) // 200)]:
        if job.key in runs and list(runs[job.key].epochs) != list(stubs(job).epochs):
            yield f"{job.name}: not what was made"
    yield from (f"lease left: {key}" for key in Leases(project).leased())
    yield from (f"in the spool: {key}" for key in Spool(project).waiting())


def report(project: Path) -> None:
    """Write the study's report by its command, and say what that took."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-m", "normlab", "report", NAME, "--out", str(project)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    page = (project / NAME / "report.html").stat().st_size / 1e6
    print(
        f"report: {time.perf_counter() - start:.1f} s (CPU {cpu:.1f} s), {used.ru_maxrss / 1e3:.0f} MB, {page:.1f} MB"
    )


def main() -> None:
    """Say what was lost, how fast it went, and what the report took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, usual in {"--runs": 10_000, "--workers": 8, "--kills": 200, "--seed": 0}.items():
        parser.add_argument(option, type=int, default=usual)
    given = parser.parse_args()
    maker = planned(given.runs)
    jobs = maker.jobs()
    with TemporaryDirectory() as base:
        project, made = Path(base) / "project", Path(base) / "made"
        stubs = Stubs(maker, made)
        with Store.open(project) as store:
            projects.put(Place(maker.study, project), store, [job.key for job in jobs], maker.engine)
        ways = [(work, project, jobs, stubs)] * given.workers + [(merge, project, len(jobs))]
        start = time.perf_counter()
        tally = killed(project, ways, given.kills, len(jobs), random.Random(given.seed))
        seconds = time.perf_counter() - start
        with Store.open(project) as store:  # as the next start does: whoever merged last may have been killed at it
            store.merge_spool()
            store.tidy()
        again = len(made.read_text().splitlines()) - len(jobs)
        found = list(faults(project, jobs, stubs))
        print(f"{len(jobs):,} runs by {given.workers} workers in {seconds:.0f} s: {len(jobs) / seconds:.0f} a second")
        print(f"killed: {dict(tally)}; {again} runs made again; {len(found)} faults")
        print(*found[:20], sep="\n")
        report(project)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
