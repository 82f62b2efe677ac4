"""Bits of a finished study turned around, one at a time: `python tools/flips --flips 400`.

A flip is noticed where what is read of the study raises an error, or says what is missing or damaged; it is harmless
where every number, verdict and file is the same as before. Anything else is a result that changed in silence.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from normlab.data import Dataset
from normlab.data.split import split
from normlab.errors import NormlabError
from normlab.models import build
from normlab.records import Held
from normlab.report import html
from normlab.spec import design
from normlab.store import Store
from normlab.verbs import projects
from normlab.verbs.projects import Place

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))  # its made-up runs

import comparisons
from makers import maker

SEEDS, STUDY = 2, "flips"
ORDER = (".db", ".safetensors", ".toml", ".html")
"""Each kind of file gets as many flips, however many and large they are."""
PAGE = comparisons.make_comparison(arms=[{"norm": "bn"}, {"norm": "ln"}])
WORDS = ("noticed, the run named", "noticed", "harmless", "SILENT")


def main() -> None:
    """Print how many flips of each kind of file were noticed, were harmless, or changed something in silence."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--flips", type=int, default=400, help="how many that are not harmless")
    asked.add_argument("--seed", type=int, default=0)
    given = asked.parse_args()
    draw, tallies = Random(given.seed), Counter[tuple[str, str]]()  # noqa: S311 - not to keep secrets
    with tempfile.TemporaryDirectory() as folder:
        whole, spoiled = Path(folder) / "whole", Path(folder) / "spoiled"
        study(whole)
        before = {name: value for name, value in said(whole).items() if name != "report"}
        while _that_matter(tallies) < given.flips:
            tallies[turned(whole, spoiled, draw, before)] += 1
    _print(tallies)
    sys.exit(any(word == WORDS[-1] for _, word in tallies))


def study(project: Path) -> None:
    """A finished study of two arms on two seeds: rows, probabilities and weights as `compare` keeps them."""
    data = _images()
    made = design(norms=["bn", "gn:4"], l1=[0.0], seeds=SEEDS, epochs=1, name=STUDY, holdout=100, engine="eager")
    jobs = maker(made, "eager", data.digest)
    labels = split(data, made.recipe, made.root).judged_labels
    with Store.open(project) as store:
        for job in jobs.jobs():
            arm = made.arm(job.label)
            record = comparisons.run(arm, job.seed, made, labels, 0.01)
            weights = {name: value.numpy() for name, value in build(job).state_dict().items()}
            store.commit(replace(record, job=job, contents=Held(record.probabilities, weights)))
        projects.put(Place(made, project), store, [job.key for job in jobs.jobs()], jobs.engine)
    html.write(PAGE, project / STUDY / "report.html", ())


def _images() -> Dataset:
    draw = np.random.default_rng(0)
    images, labels = draw.integers(0, 256, (600, 1, 28, 28), np.uint8), np.arange(600) % 10
    words = tuple("0123456789")
    return Dataset("mnist", images, labels, images[:100], labels[:100], words, (0.5,), (0.25,), "ab" * 32)


def said(project: Path) -> dict[str, Any]:
    """All that can be read of the study, by what it is; what raises is told by its error."""
    store, found = Store.reading(project), projects.find(STUDY, project).study
    jobs = maker(found, "eager", _images().digest).jobs()
    ways: dict[str, Callable[[], Any]] = {
        "study": found.to_toml,
        "rows": lambda: [(run.key, run.environment, run.seconds, *run.epochs) for run in store.runs(jobs)],
        "sizes": lambda: [(*run.sizes, *run.flow) for run in store.runs(jobs)],
        "finals": lambda: store.finals(jobs),
        "probabilities": lambda: [run.probabilities.tobytes() for run in store.runs(jobs)],
        "weights": lambda: [{n: v.tobytes() for n, v in run.weights.items()} for run in store.runs(jobs)],
        "listing": store.listing,
        "noted": store.studies,
        "report": lambda: html.is_current(PAGE, project / STUDY / "report.html", ()),
        "looks": lambda: store.looks(found.digests),
    }
    return {name: read() for name, read in ways.items()}


def turned(whole: Path, spoiled: Path, draw: Random, before: dict[str, Any]) -> tuple[str, str]:
    """The kind of file in which one bit was turned around, and what came of it."""
    shutil.rmtree(spoiled, ignore_errors=True)
    shutil.copytree(whole, spoiled)
    path = draw.choice(sorted(spoiled.rglob(f"*{draw.choice(ORDER)}")))
    content = bytearray(path.read_bytes())
    bit = draw.randrange(8 * len(content))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    kind = path.suffix.removeprefix(".")
    try:
        found = said(spoiled)
        if not found.pop("report"):
            return kind, WORDS[1]  # it is written again
        if len(found["rows"]) < len(before["rows"]):
            return kind, WORDS[1]  # the run is owed, and trained again
        return kind, "harmless" if found == before else WORDS[-1]
    except NormlabError as error:
        return kind, WORDS[0] if "seed" in str(error) else WORDS[1]


def _print(tallies: Counter[tuple[str, str]]) -> None:
    print(f"{'file':<14}" + "".join(f"{word:>26}" for word in WORDS))
    for kind in sorted({kind for kind, _ in tallies}):
        print(f"{kind:<14}" + "".join(f"{tallies[kind, word]:>26,}" for word in WORDS))
    matter = _that_matter(tallies)
    silent = sum(count for (_, word), count in tallies.items() if word == WORDS[-1])
    print(f"{matter - silent:,} of {matter:,} flips that could alter a result were noticed")


def _that_matter(tallies: Counter[tuple[str, str]]) -> int:
    """How many were not harmless: the others hit what nothing is read of, as free pages of the database."""
    return sum(count for (_, word), count in tallies.items() if word != "harmless")


if __name__ == "__main__":
    main()
