from __future__ import annotations

import pickle
import sqlite3
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from stub_runs import HERE, job, record, same

from normlab.errors import StoreError
from normlab.records import Environment, Epoch, Flow, Held, Job, KernelSize, RunRecord
from normlab.store import Final, Store
from normlab.store.rows import Row

FRACTIONS = st.floats(allow_nan=False)
COUNTS = st.integers(0, 2**62)
EPOCHS = st.lists(
    st.builds(Epoch, COUNTS, *[FRACTIONS] * 4, COUNTS, COUNTS, FRACTIONS, COUNTS, COUNTS, FRACTIONS),
    min_size=1,
    max_size=4,
    unique_by=lambda epoch: epoch.epoch,
).map(lambda epochs: tuple(sorted(epochs, key=lambda epoch: epoch.epoch)))
SIZES = st.lists(st.builds(KernelSize, COUNTS, st.text(), *[COUNTS] * 3, FRACTIONS, FRACTIONS), max_size=5).map(tuple)
FLOW = st.lists(st.builds(Flow, COUNTS, st.text(), FRACTIONS, FRACTIONS), max_size=5).map(tuple)
SCORES = st.integers(0, 5).map(lambda n: np.random.default_rng(n).random((n, 3), np.float32))


@given(
    of=st.builds(job, st.integers(0, 2**32 - 1), root=st.integers(0, 2**80)),
    made=st.fixed_dictionaries(
        {"epochs": EPOCHS, "sizes": SIZES, "flow": FLOW, "parameters": COUNTS, "seconds": FRACTIONS}
    ),
    scores=SCORES,
    processor=st.text(),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.slow
def test_a_record_comes_back_as_it_went_in(
    tmp_path: Path, of: Job, made: dict[str, Any], scores: Any, processor: str
) -> None:
    """Every number and name of a record survives the store exactly, however awkward."""
    where = Environment(**{**vars(HERE), "processor": processor})
    run = record(of, environment=where, contents=Held(scores, {"w": scores[:1]}), **made)
    with Store.open(tmp_path) as store:
        store.drop(row.key for row in store.listing())
        assert store.commit(run)
    assert same(Store.reading(tmp_path).runs([run.job])[0], run)


def test_a_run_is_committed_once(tmp_path: Path) -> None:
    """A second commit of the same run changes nothing and says so."""
    with Store.open(tmp_path) as store:
        assert store.commit(record(job()))
        assert not store.commit(record(job(), parameters=1))
        assert [run.parameters for run in store.runs([job()])] == [9802]


def test_a_run_is_known_by_what_it_computes_and_not_by_its_name(tmp_path: Path) -> None:
    """A study that calls its arm otherwise finds the same run, under its own name."""
    with Store.open(tmp_path) as store:
        store.commit(record(job(label="bn")))
        assert [run.arm for run in store.runs([job(label="batch norm")])] == ["batch norm"]


@pytest.mark.parametrize("changed", [{"norm": "ln"}, {"seed": 1}, {"root": 1}, {"engine": "lanes"}, {"after": "a"}])
def test_another_run_is_not_taken_for_it(tmp_path: Path, changed: dict[str, Any]) -> None:
    """Another recipe, seed, root, engine or start is another run."""
    with Store.open(tmp_path) as store:
        store.commit(record(job()))
        other = job(**changed)
        assert store.runs([other]) == store.finals([other]) == []
        assert store.have([other.key, job().key]) == {job().key}


def test_runs_come_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    """Whoever finished first, and with those left out that are owed."""
    jobs = [job(seed, norm) for norm in ("ln", "bn") for seed in (2, 0, 1)]
    with Store.open(tmp_path) as store:
        for each in sorted(jobs[1:], key=lambda one: one.key):
            store.commit(record(each))
        assert [run.job for run in store.runs(jobs)] == jobs[1:]
        assert [final.job for final in store.finals(jobs)] == jobs[1:]


def test_a_diverged_run_is_a_record(tmp_path: Path) -> None:
    """A run without predictions is kept with the epoch at which it diverged."""
    run = record(job(), diverged_at=1, epochs=(), sizes=())
    with Store.open(tmp_path) as store:
        store.commit(run)
        assert same(store.runs([run.job])[0], run)
        assert store.finals([run.job]) == [Final(run.job, None, None, 1, 3.25)]


def test_finals_are_the_last_epochs_counts(tmp_path: Path) -> None:
    """What a verdict needs is told without the epochs."""
    epochs = record(job()).epochs
    run = record(job(), epochs=(epochs[0], Epoch(2, *[0.5] * 4, 58, 60, 0.5, 6, 7, 1.5)))
    with Store.open(tmp_path) as store:
        store.commit(run)
        assert store.finals([run.job]) == [Final(run.job, 6, 7, None, 3.25)]


def test_what_is_large_is_opened_when_it_is_asked_for(tmp_path: Path) -> None:
    """A record can be read whose weights are gone, until it is asked for them, from another process as well."""
    with Store.open(tmp_path) as store:
        store.commit(record(job()))
    [run] = Store.reading(tmp_path).runs([job()])
    again: RunRecord = pickle.loads(pickle.dumps(run))  # noqa: S301 - our own bytes
    assert same(again, record(job()))
    assert again.weights is not again.weights
    next((tmp_path / "weights").iterdir()).unlink()
    assert again.final == record(job()).final
    with pytest.raises(StoreError, match=r"bn · seed 0 \(its weights are missing"):
        _ = again.weights


def test_weights_are_plain_safetensors_files(tmp_path: Path) -> None:
    """The weights can be read by anyone's safetensors, in a file named by the run's key."""
    with Store.open(tmp_path) as store:
        store.commit(record(job()))
    [path] = (tmp_path / "weights").iterdir()
    assert path.name == f"{job().key}.safetensors"
    assert np.array_equal(load_file(path)["conv1.weight"], record(job()).weights["conv1.weight"])


def test_dropped_runs_are_gone_with_all_that_was_theirs(tmp_path: Path) -> None:
    """Neither rows nor a weights file stay, others' do, and the same run can be committed again."""
    with Store.open(tmp_path) as store:
        for seed in (0, 1):
            store.commit(record(job(seed)))
        store.keep_tested({job().key: (5, 7)})
        store.drop([job().key])
        assert store.have([job().key, job(1).key]) == {job(1).key}
        assert [path.stem for path in (tmp_path / "weights").iterdir()] == [job(1).key]
        assert store.commit(record(job()))
        assert store.tested([job()]) == {}
        assert all(same(run, record(run.job)) for run in store.runs([job(), job(1)]))


def test_dropped_runs_give_their_space_back(tmp_path: Path) -> None:
    """The file is smaller without them."""
    big = Held(np.ones((50_000, 10), np.float32), {})
    with Store.open(tmp_path) as store:
        store.commit(record(job()))
        store.commit(record(job(1), contents=big))
        store.drop([job(1).key])
    assert (tmp_path / "runs.db").stat().st_size < 500_000


def test_accuracies_on_the_test_images_are_kept_by_run(tmp_path: Path) -> None:
    """Counted anew they replace what was there; of a run that is not here none is kept."""
    with Store.open(tmp_path) as store:
        store.commit(record(job()))
        store.keep_tested({job().key: (1, 7), job(1).key: (2, 7)})
        store.keep_tested({job().key: (5, 7)})
        assert store.tested([job(), job(1)]) == {job().key: (5, 7)}


def test_a_store_that_is_open_for_reading_is_not_written(tmp_path: Path) -> None:
    """Its error says how to open it."""
    with pytest.raises(StoreError, match=r"Store\.open"):
        Store.reading(tmp_path).commit(record(job()))


def test_the_columns_are_the_fields(tmp_path: Path) -> None:
    """The schema and the dataclasses that mirror its tables name the same columns in the same order."""
    Store.open(tmp_path).close()
    db = sqlite3.connect(tmp_path / "runs.db")
    whole = {"epoch": (Epoch, 1, None), "kernel_size": (KernelSize, 2, None), "flow": (Flow, 2, None)}
    mirrored = {"run": (Row, 1, -1), **whole}
    for table, (kind, first, last) in mirrored.items():
        columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")]
        assert columns[first:last] == [field.name for field in fields(kind)]
