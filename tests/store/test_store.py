from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from normlab.errors import StoreError
from normlab.records import RunRecord
from normlab.spec import Study, from_toml, parse
from normlab.store import Store

Make = Callable[..., RunRecord]


def same(a: RunRecord, b: RunRecord) -> bool:
    return (
        (a.arm, a.seed, a.parameters, a.seconds, a.diverged_at)
        == (b.arm, b.seed, b.parameters, b.seconds, b.diverged_at)
        and [astuple(e) for e in a.epochs] == [astuple(e) for e in b.epochs]
        and a.environment == b.environment
        and np.array_equal(a.probabilities, b.probabilities)
        and a.weights.keys() == b.weights.keys()
        and all(np.array_equal(a.weights[k], b.weights[k]) for k in a.weights)
    )


def test_a_record_comes_back_as_it_went_in(tmp_path: Path, study: Study, record: Make) -> None:
    """Every number of a record survives the store exactly."""
    with Store.for_study(tmp_path, study) as store:
        assert store.commit(record())
    with Store.for_study(tmp_path, study) as store:
        assert len(store.runs()) == 1
        assert same(store.runs()[0], record())


def test_a_run_is_committed_once(tmp_path: Path, study: Study, record: Make) -> None:
    """A second commit of the same run changes nothing and says so."""
    with Store.for_study(tmp_path, study) as store:
        assert store.commit(record())
        assert not store.commit(record())
        assert len(store.runs()) == 1


def test_records_come_in_the_order_of_arms_and_seeds(tmp_path: Path, study: Study, record: Make) -> None:
    """Whoever finishes first, reading gives arms in the study's order and seeds ascending."""
    names = [arm.name for arm in study.arms]
    with Store.for_study(tmp_path, study) as store:
        for arm, seed in ((names[1], 1), (names[0], 1), (names[1], 0), (names[0], 0)):
            store.commit(record(arm, seed))
        assert [(run.arm, run.seed) for run in store.runs()] == [(a, s) for a in names for s in (0, 1)]


def test_a_diverged_run_is_a_record(tmp_path: Path, study: Study, record: Make) -> None:
    """A run without predictions is kept with the epoch at which it diverged."""
    with Store.for_study(tmp_path, study) as store:
        store.commit(record(diverged_at=3))
        assert store.runs()[0].diverged_at == 3
        assert store.done() == {("bn", 0)}


def test_the_engines_of_the_finished_runs_are_told(tmp_path: Path, study: Study, record: Make) -> None:
    """None in an empty store, each once however many runs it made; that is how a study keeps its engine."""
    lanes = record("bn", 1)
    with Store.for_study(tmp_path, study) as store:
        assert store.engines() == set()
        store.commit(record("bn", 0))
        store.commit(record("gn:4 + L1 0.0001", 0))
        assert store.engines() == {"eager"}
        store.commit(replace(lanes, environment=replace(lanes.environment, engine="lanes")))
        assert store.engines() == {"eager", "lanes"}
    with Store.for_study(tmp_path, study) as store:
        assert store.engines() == {"eager", "lanes"}


def test_another_spec_gets_another_store(tmp_path: Path, study: Study, record: Make) -> None:
    """Changing one field of the spec makes a new, empty store beside the old one."""
    changed = parse({**study.model_dump(mode="json"), "root": 1})
    with Store.for_study(tmp_path, study) as store, Store.for_study(tmp_path, changed) as other:
        store.commit(record())
        assert other.done() == set()
        assert store.folder != other.folder


def test_a_folder_of_another_study_is_refused(tmp_path: Path, study: Study) -> None:
    """A store whose digest differs is never written into, even if its folder has the right name."""
    Store.for_study(tmp_path, study).close()
    changed = parse({**study.model_dump(mode="json"), "root": 1})
    (tmp_path / study.folder_name).rename(tmp_path / changed.folder_name)
    with pytest.raises(StoreError, match="belongs to another study"):
        Store.for_study(tmp_path, changed)


def test_the_folder_carries_the_study_as_toml(tmp_path: Path, study: Study) -> None:
    """`study.toml` in the folder reads back to the same study, as does the store itself."""
    with Store.for_study(tmp_path, study) as store:
        assert from_toml((store.folder / "study.toml").read_text()) == study
        folder = store.folder
    with Store.at(folder) as again:
        assert again.study == study


def test_weights_are_plain_safetensors_files(tmp_path: Path, study: Study, record: Make) -> None:
    """The weights can be read by anyone's safetensors."""
    with Store.for_study(tmp_path, study) as store:
        store.commit(record())
        files = list((store.folder / "weights").iterdir())
    assert [file.name for file in files] == ["00-bn-seed0.safetensors"]
    assert np.array_equal(load_file(files[0])["conv1.weight"], record().weights["conv1.weight"])


def test_changed_weights_are_noticed(tmp_path: Path, study: Study, record: Make) -> None:
    """A weights file that is not the run's own is an error, not a silent answer."""
    with Store.for_study(tmp_path, study) as store:
        store.commit(record())
        file = next((store.folder / "weights").iterdir())
        file.write_bytes(file.read_bytes()[:-1] + b"\x01")
        with pytest.raises(StoreError, match="is not the file that its run wrote"):
            store.runs()


def test_a_full_disk_loses_nothing_that_was_earned(tmp_path: Path, study: Study, record: Make) -> None:
    """When SQLite can grow no more, commit fails with one clear line and the earlier runs are whole."""
    store = Store.for_study(tmp_path, study)
    store.commit(record())
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    big = record(seed=1)
    big = RunRecord(**{**vars(big), "probabilities": np.zeros((50_000, 10), np.float32)})
    with pytest.raises(StoreError, match=r"full.*same command continues"):
        store.commit(big)
    store.close()
    with Store.for_study(tmp_path, study) as again:
        assert [same(run, record()) for run in again.runs()] == [True]
        assert again.commit(record(seed=1))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_folder_that_cannot_be_made_is_one_clear_line(study: Study) -> None:
    """An impossible folder is a StoreError that names it and the way out."""
    with pytest.raises(StoreError, match=r"/dev/full/.*--out"):
        Store.for_study(Path("/dev/full"), study)


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_one_clear_line(tmp_path: Path, study: Study) -> None:
    """A folder that may not be written is a StoreError."""
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="--out"):
        Store.for_study(tmp_path, study)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path, study: Study) -> None:
    """Rubbish in the place of the store is an error, and stays as it is."""
    folder = tmp_path / study.folder_name
    folder.mkdir()
    (folder / "runs.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store.for_study(tmp_path, study)
    assert (folder / "runs.sqlite").read_bytes().startswith(b"not a database")


def test_a_newer_format_is_refused(tmp_path: Path, study: Study) -> None:
    """A store that a later normlab wrote is not guessed at."""
    with Store.for_study(tmp_path, study) as store:
        folder = store.folder
    connection = sqlite3.connect(folder / "runs.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="format 99"):
        Store.at(folder)


def test_a_folder_without_a_study_says_so(tmp_path: Path) -> None:
    """`Store.at` on any other folder names what it expected."""
    with pytest.raises(StoreError, match=r"runs\.sqlite"):
        Store.at(tmp_path)


def test_two_stores_on_one_study_commit_each_run_once(tmp_path: Path, study: Study, record: Make) -> None:
    """Two processes on one study do double work at worst, never a double record."""
    with Store.for_study(tmp_path, study) as one, Store.for_study(tmp_path, study) as two:
        assert one.commit(record())
        assert not two.commit(record())
        assert two.commit(record(seed=1))
        assert len(one.runs()) == 2


def test_a_store_of_the_first_format_is_brought_up_to_date(
    tmp_path: Path, study: Study, record: Callable[..., RunRecord]
) -> None:
    """Runs that were made before kernels' sizes were kept are read without them, and new ones keep theirs."""
    with Store.for_study(tmp_path, study) as store:
        store.commit(record())
        folder = store.folder
    with sqlite3.connect(folder / "runs.sqlite") as database:
        database.execute("DROP TABLE kernel_size")
        database.execute("PRAGMA user_version = 1")
    with Store.at(folder) as store:
        assert [run.sizes for run in store.runs()] == [()]
        store.commit(record(seed=1))
        assert len(store.runs()[1].sizes) == 2
