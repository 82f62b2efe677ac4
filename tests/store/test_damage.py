"""A store that is not what was written: everything that is read of it is either right, or an error."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stub_runs import job, look, record, same

from normlab.errors import DamagedRun, StoreError
from normlab.records import Checkup
from normlab.store import Store

JOBS = [job(seed, norm) for norm in ("bn", "ln") for seed in (0, 1)]
FLIPS = 60
CHECKUP = Checkup(500, 400, 450, 1000, 880, 900, 0.5, "norm1", 16, 1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with four runs, two studies, two looks, a tested run and a checkup, that nobody has open."""
    project = tmp_path_factory.mktemp("whole")
    with Store.open(project) as store:
        for each in JOBS:
            store.commit(record(each))
        store.note("norms", 'name = "norms"', [each.key for each in JOBS[:2]])
        store.note("seeds", 'name = "seeds"', [JOBS[0].key])
        store.look(look(JOBS[0], JOBS[2]))
        store.look(look(JOBS[0], JOBS[2], seeds=(0, 1, 2, 3), rules="grown", when="2026-03-02T10:00:00+00:00"))
        store.keep_tested({JOBS[0].key: (5, 7)})
        store.keep_checkups({JOBS[0].key: CHECKUP})
    return project


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Path:
    """A copy of it to be spoiled."""
    return Path(shutil.copytree(whole, tmp_path / "project"))


def change(project: Path, statement: str, *values: Any) -> None:
    """Change the database behind the store's back."""
    db = sqlite3.connect(project / "runs.db")
    db.execute(statement, values)
    db.commit()
    db.close()


def flip(path: Path, bit: int) -> None:
    """Turn one bit of a file around."""
    payload = bytearray(path.read_bytes())
    payload[bit // 8] ^= 1 << bit % 8
    path.write_bytes(payload)


def everything(store: Store) -> dict[str, Callable[[], Any]]:
    """All that can be read, by what it is; runs by key."""
    ways: dict[str, Callable[[], Any]] = {
        "records": lambda: {run.key: run for run in store.runs(JOBS) if run.predictions.size and run.weights},
        "finals": lambda: {final.job.key: final for final in store.finals(JOBS)},
        "listing": lambda: {row.key: row for row in store.listing()},
        "tested": lambda: store.tested(JOBS),
        "checkups": lambda: store.checkups(JOBS),
        "studies": store.studies,
        "looks": lambda: store.looks([each.recipe.digest for each in JOBS]),
    }
    return ways | {f"noted {name}": lambda name=name: store.noted(name) for name in ("norms", "seeds")}


def equal(one: Any, other: Any) -> bool:
    """Records are compared number by number."""
    return same(one, other) if hasattr(one, "contents") else bool(one == other)


def seen_right(read: Callable[[], Any], expected: Any) -> bool:
    """What is read is what was written, or an error of one line; runs may be missing, for they are owed then."""
    try:
        found = read()
    except StoreError as error:
        return "\n" not in str(error)
    if isinstance(expected, dict):
        return all(equal(value, expected[key]) for key, value in found.items())
    return bool(found == expected)


def flips(whole: Path, spoiled: Path, count: int, seed: int) -> None:
    """Turn one bit around `count` times, anywhere in the project, and read everything after each."""
    draw = random.Random(seed)  # noqa: S311 - not to keep secrets
    expected = {name: read() for name, read in everything(Store.reading(whole)).items()}
    for path in sorted(path for path in whole.rglob("*") if path.is_file()):
        for _ in range(round(count * (0.9 if path.name == "runs.db" else 0.1 / len(JOBS)))):
            shutil.rmtree(spoiled, ignore_errors=True)
            shutil.copytree(whole, spoiled)
            bit = draw.randrange(8 * path.stat().st_size)
            flip(spoiled / path.relative_to(whole), bit)
            try:
                ways = everything(Store.reading(spoiled))
            except StoreError:
                continue
            wrong = [name for name, read in ways.items() if not seen_right(read, expected[name])]
            assert not wrong, f"bit {bit} of {path.name}"


@pytest.mark.slow
def test_a_flipped_bit_is_noticed_or_changes_nothing(whole: Path, tmp_path: Path) -> None:
    """Whichever bit it is, no number comes out that did not go in, and no study or look is lost silently."""
    flips(whole, tmp_path / "spoiled", FLIPS, seed=1)


@pytest.mark.long
@pytest.mark.slow  # everything is read after each of 400 flips
def test_many_flipped_bits_are_noticed_or_change_nothing(whole: Path, tmp_path: Path) -> None:
    """The same for 400 bits more."""
    flips(whole, tmp_path / "spoiled", 400, seed=2)


CHANGES = {
    "UPDATE run SET judged_correct = judged_correct + 1 WHERE id = 1": "row was changed",
    "UPDATE run SET recipe = replace(recipe, '0.9', '0.8') WHERE id = 1": "row was changed",
    "UPDATE run SET environment = replace(environment, '2.13', '2.12') WHERE id = 1": "row was changed",
    "UPDATE run SET diverged_at = 2 WHERE id = 1": "row was changed",
    "UPDATE epoch SET judged_correct = judged_correct + 1 WHERE run = 1 AND epoch = 2": "epochs were changed",
    "DELETE FROM epoch WHERE run = 1 AND epoch = 2": "epochs were changed",
    "INSERT INTO epoch SELECT run, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM epoch WHERE run = 1 AND epoch = 1": "epochs",
    "UPDATE kernel_size SET zeros = 0 WHERE run = 1": "kernels",
    "DELETE FROM kernel_size WHERE run = 1": "kernels",
    "UPDATE flow SET pull = 0 WHERE run = 1": "flow",
    "DELETE FROM flow WHERE run = 1": "flow",
}


@pytest.mark.parametrize(("statement", "why"), CHANGES.items())
def test_an_edited_run_is_named(project: Path, statement: str, why: str) -> None:
    """Whoever changes a number, or deletes a row, finds the run refused by name, and the others sound."""
    change(project, statement)
    store = Store.reading(project)
    with pytest.raises(DamagedRun, match=r"bn · seed 0 \(.*" + why) as error:
        store.runs(JOBS)
    assert error.value.why.keys() == store.damaged(JOBS).keys() == {JOBS[0].key}
    assert len(store.runs(JOBS[1:])) == 3


def test_all_damaged_runs_are_named_at_once(project: Path) -> None:
    """One error tells of every one."""
    change(project, "UPDATE epoch SET seconds = 0 WHERE run IN (2, 3)")
    with pytest.raises(DamagedRun, match=r"bn · seed 1 .*, ln · seed 0 .*--repair") as error:
        Store.reading(project).runs(JOBS)
    assert [*error.value.why] == [JOBS[1].key, JOBS[2].key]


def test_a_row_that_has_moved_to_another_key_is_noticed(project: Path) -> None:
    """Two runs whose keys were exchanged are both refused."""
    change(project, "UPDATE run SET key = 'x' WHERE id = 1")
    change(project, "UPDATE run SET key = ? WHERE id = 2", JOBS[0].key)
    change(project, "UPDATE run SET key = ? WHERE id = 1", JOBS[1].key)
    assert Store.reading(project).damaged(JOBS).keys() == {JOBS[0].key, JOBS[1].key}


BLOBS = {
    "UPDATE prediction SET probabilities = (SELECT probabilities FROM prediction WHERE run = 2)"
    " WHERE run = 1": "swapped",
    "UPDATE prediction SET probabilities = substr(probabilities, 1, 40) WHERE run = 1": "shortened",
    "DELETE FROM prediction WHERE run = 1": "gone",
}


@pytest.mark.parametrize("statement", BLOBS, ids=BLOBS.values())
def test_other_probabilities_are_noticed_when_they_are_opened(project: Path, statement: str) -> None:
    """A blob that is another run's, or shortened, or gone."""
    change(project, statement)
    store = Store.reading(project)
    [run] = store.runs(JOBS[:1])
    with pytest.raises(DamagedRun, match=r"bn · seed 0 \(its probabilities were changed"):
        _ = run.probabilities
    assert store.damaged(JOBS) == {}
    assert store.damaged(JOBS, deep=True).keys() == {JOBS[0].key}


def weights_of(project: Path, number: int) -> Path:
    return project / "weights" / f"{JOBS[number].key}.safetensors"


def exchanged(project: Path) -> None:
    shutil.copy(weights_of(project, 1), weights_of(project, 0))


def shortened(project: Path) -> None:
    os.truncate(weights_of(project, 0), 20)


def gone(project: Path) -> None:
    weights_of(project, 0).unlink()


def linked(project: Path) -> None:
    elsewhere = project / "elsewhere"
    weights_of(project, 0).rename(elsewhere)
    weights_of(project, 0).symlink_to(elsewhere)


def piped(project: Path) -> None:
    gone(project)
    os.mkfifo(weights_of(project, 0))


def folder(project: Path) -> None:
    gone(project)
    weights_of(project, 0).mkdir()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("spoil", [exchanged, shortened, gone, linked, piped, folder])
def test_other_weights_are_noticed_when_they_are_opened(project: Path, spoil: Callable[[Path], None]) -> None:
    """Another file, half a file, none, a link to the right one, a pipe (that nobody waits for), a folder."""
    spoil(project)
    store = Store.reading(project)
    [run] = store.runs(JOBS[:1])
    with pytest.raises(DamagedRun, match=r"bn · seed 0 \(its weights"):
        _ = run.weights
    assert store.damaged(JOBS, deep=True).keys() == {JOBS[0].key}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("spoil", [exchanged, shortened, gone, linked, piped])
def test_a_damaged_run_can_be_trained_again(project: Path, spoil: Callable[[Path], None]) -> None:
    """Dropped and committed anew, everything is sound, and nothing but plain files is there."""
    spoil(project)
    change(project, "UPDATE epoch SET run = 77 WHERE run = 1 AND epoch = 1")
    with Store.open(project) as store:
        assert store.repair(JOBS).keys() == {JOBS[0].key}
        assert store.commit(record(JOBS[0]))
        assert store.damaged(JOBS, deep=True) == {}
        assert all(same(run, record(run.job)) for run in store.runs(JOBS))
    assert all(path.is_file() and not path.is_symlink() for path in (project / "weights").iterdir())


def test_a_linked_folder_of_weights_is_neither_read_nor_written(project: Path) -> None:
    """Weights stay in the project."""
    (project / "weights").rename(project / "elsewhere")
    (project / "weights").symlink_to(project / "elsewhere")
    with Store.open(project) as store:
        assert len(store.damaged(JOBS, deep=True)) == 4
        with pytest.raises(StoreError, match="weights is a link"):
            store.commit(record(job(9)))
    assert len([*(project / "elsewhere").iterdir()]) == 4


def test_an_edited_accuracy_on_the_test_images_is_named(project: Path) -> None:
    """It belongs to a run, and is counted anew with it."""
    change(project, "UPDATE tested SET correct = correct + 1")
    store = Store.reading(project)
    with pytest.raises(DamagedRun, match=r"bn · seed 0 \(its accuracy on the test images"):
        store.tested(JOBS)
    assert store.damaged(JOBS).keys() == {JOBS[0].key}


def test_an_edited_checkup_is_named(project: Path) -> None:
    """What was found of a run's norms belongs to it."""
    change(project, "UPDATE checkup SET found = replace(found, '500', '501')")
    with pytest.raises(DamagedRun, match=r"bn · seed 0 \(what was found of its norms was changed"):
        Store.reading(project).checkups(JOBS)


@pytest.mark.parametrize("column", ["toml", "keys", "noted"])
def test_an_edited_study_is_refused(project: Path, column: str) -> None:
    """By its name; the other study can still be asked for, and the edited one be noted anew."""
    change(project, f"UPDATE study SET {column} = {column} || ' ' WHERE name = 'norms'")  # noqa: S608 - our own columns
    with Store.open(project) as store:
        for read in (lambda: store.noted("norms"), store.studies, store.unused):
            with pytest.raises(StoreError, match=r"the study 'norms' is damaged.*--repair"):
                read()
        assert store.noted("seeds")
        store.repair(JOBS)
        assert store.noted("norms") is None
        store.note("norms", "", [])
        assert [study.name for study in store.studies()] == ["norms", "seeds"]


LOOKS = [
    "DELETE FROM look WHERE id = 2",
    "DELETE FROM look",
    "UPDATE look SET rules = 'always'",
    "UPDATE look SET id = 3 WHERE id = 2",
]


@pytest.mark.parametrize("statement", LOOKS)
def test_a_look_that_is_missing_or_edited_is_noticed(project: Path, statement: str) -> None:
    """Whoever looked cannot make it undone, and no look is added to such a list."""
    change(project, statement)
    with Store.open(project) as store:
        with pytest.raises(StoreError, match=r"runs\.db is damaged \(a look"):
            store.looks([each.recipe.digest for each in JOBS])
        with pytest.raises(StoreError, match=r"runs\.db is damaged \(a look"):
            store.look(look(JOBS[1], JOBS[3]))


@pytest.mark.parametrize("table", ["study", "look"])
def test_a_row_that_a_flipped_bit_hides_is_noticed(project: Path, table: str) -> None:
    """SQLite itself reads on when a page says that it has a row less than it has."""
    db = sqlite3.connect(project / "runs.db")
    page = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    size = db.execute("PRAGMA page_size").fetchone()[0]
    db.close()
    payload = bytearray((project / "runs.db").read_bytes())
    cells = (page - 1) * size + 3
    assert struct.unpack_from(">H", payload, cells) == (2,)
    struct.pack_into(">H", payload, cells, 0)
    (project / "runs.db").write_bytes(payload)
    store = Store.reading(project)
    with pytest.raises(StoreError, match="is damaged"):
        store.studies() if table == "study" else store.looks([each.recipe.digest for each in JOBS])


def test_a_malformed_file_is_one_line(project: Path) -> None:
    """What SQLite itself cannot read is told with the file's name and the way out."""
    payload = bytearray((project / "runs.db").read_bytes())
    payload[4096:] = bytes(len(payload) - 4096)
    (project / "runs.db").write_bytes(payload)
    with pytest.raises(StoreError, match=r"runs\.db is damaged .*malformed.*--out, or delete the file"):
        Store.reading(project).runs(JOBS)
