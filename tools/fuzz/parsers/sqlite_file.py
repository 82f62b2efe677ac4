"""SQLite: the store of a project, changed anywhere; all that can be read of it is read."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from harness import Parser

sys.path.insert(0, str(Path(__file__).parents[3] / "tests" / "store"))

from stub_runs import job, look, record

from normlab.store import Store

JOBS = [job(seed) for seed in (0, 1)]


def seeds() -> list[bytes]:
    """A store with two runs, a study and a look."""
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder)) as store:
            for each in JOBS:
                store.commit(record(each))
            store.note("norms", 'name = "norms"', [each.key for each in JOBS])
            store.look(look(*JOBS))
            store.keep_tested({JOBS[0].key: (5, 7)})
        return [(Path(folder) / "runs.db").read_bytes()]


def read(case: bytes, folder: Path) -> object:
    """Records, listing, studies, looks and tested runs."""
    (folder / "runs.db").write_bytes(case)
    store = Store.reading(folder)
    digests = [each.recipe.digest for each in JOBS]
    read_so = (store.listing, store.studies, lambda: store.looks(digests), lambda: store.tested(JOBS), store.unused)
    return [*(run.probabilities for run in store.runs(JOBS)), *(each() for each in read_so)]


PARSER = Parser("SQLite", seeds, read)
