from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from tracked import TOOLS, left

import normlab
from normlab.errors import NormlabError, SpecError
from normlab.tables.sources import folder as folders


def judged(path: Path, score: str | None = None) -> str:
    """The error of what cannot be judged, which is one line."""
    with pytest.raises(NormlabError) as caught:
        normlab.judge(path, score=score)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_of_none_of_the_tools_says_which_there_are(tmp_path: Path) -> None:
    """Empty, or with other files."""
    known = "expected Hydra's jobs, MLflow's files, Weights & Biases' run folders, Lightning's CSV logs, TensorBoard's "
    assert judged(tmp_path).endswith("got an empty folder")
    (tmp_path / "notes.txt").write_text("nothing")
    assert known in judged(tmp_path)
    assert judged(tmp_path).endswith("got none of these")


def test_what_is_no_plain_file_is_never_opened(tmp_path: Path) -> None:
    """A pipe would be waited for: given by name, or found in a folder."""
    os.mkfifo(tmp_path / "metrics.csv")
    assert "got a device or a pipe" in judged(tmp_path / "metrics.csv")
    (tmp_path / "hparams.yaml").write_text("norm: bn\n")
    assert "got none of these" in judged(tmp_path)


def test_too_many_files_and_too_large_ones_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before they are read."""
    home = left("lightning", tmp_path)
    monkeypatch.setattr(folders, "MOST_BYTES", 8)
    assert "expected a plain file of at most" in judged(home)
    monkeypatch.setattr(folders, "MOST_FILES", 11)
    assert "more than 11 files: name the folder of the runs to judge in it" in judged(home)


def test_a_link_in_a_folder_is_not_read(tmp_path: Path) -> None:
    """Whatever it leads to is not of the run."""
    home = left("hydra", tmp_path)
    (tmp_path / "secret.yaml").write_text("norm: secret\nextra: 1\n")
    for path in home.rglob("config.yaml"):
        path.unlink()
        path.symlink_to(tmp_path / "secret.yaml")
    assert {arm.name for arm in normlab.judge(home, score="val_acc").arms} == {"bn", "gn"}


def test_references_in_yaml_do_not_unfold_without_end(tmp_path: Path) -> None:
    """A configuration of a few lines may say more than memory holds, or itself."""
    home = left("lightning", tmp_path)
    lines = ["a0: &a0 {x: 1, y: 2}", *(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}" for n in range(1, 40))]
    text = "\n".join([*lines, "self: &self {x: *self, '': *self}", "norm: bn\n"])
    for path in home.rglob("hparams.yaml"):
        path.write_text(text)
    assert "expected arms to compare" in judged(home) or "could all be the score" in judged(home)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "hparams.yaml, line 1: expected YAML, got expected ',' or ']'"),
        ("[" * 2000, "hparams.yaml: expected YAML, got what is nested too deep"),
        ("a: \x01", "hparams.yaml: expected YAML, got unacceptable character #x0001"),
    ],
)
@pytest.mark.slow
def test_broken_yaml_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    """With the line where there is one."""
    home = left("lightning", tmp_path)
    (home / "lightning_logs" / "version_0" / "hparams.yaml").write_text(text)
    assert said in judged(home)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "expected JSON, got"),
        ("[" * 100_000, "expected JSON, got JSON that is nested too deep"),
        ('{"acc": 1}', "expected an array of objects, one for each run, got {'acc': 1}"),
        ("[1]", "expected an array of objects, one for each run, got 1 in it"),
        ("[]", "expected a row for each run, got nothing"),
    ],
)
def test_json_that_is_no_array_of_objects_is_told(tmp_path: Path, text: str, said: str) -> None:
    """What was expected, and what came."""
    path = tmp_path / "runs.json"
    path.write_text(text)
    assert said in judged(path)


def test_a_database_of_others_is_told(tmp_path: Path) -> None:
    """Other tables, a damaged file, or two databases in a folder."""
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE songs (name)")
    assert "expected a database of MLflow's or Optuna's, got other tables" in judged(path)
    path.write_bytes(path.read_bytes()[:3000])
    assert "cannot be read as a database" in judged(path)
    (tmp_path / "b.db").touch()
    assert "got several: a.db, b.db; name one" in judged(tmp_path)


def test_a_query_without_end_is_stopped(tmp_path: Path) -> None:
    """Somebody's view may count for ever; only tables are taken."""
    home = left("optuna_sqlite", tmp_path)
    with closing(sqlite3.connect(home / "study.db")) as database:
        database.execute("ALTER TABLE trials RENAME TO kept")
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS trial_id FROM n"
        database.execute(f"CREATE VIEW trials AS {endless}")
        database.commit()
    assert "got other tables" in judged(home / "study.db")


def test_runs_of_one_arm_or_without_a_number_are_told(tmp_path: Path) -> None:
    """What was left out stands beside it."""
    home = left("tensorboard", tmp_path)
    for path in home.rglob("gn_seed*/*"):
        path.unlink()
    assert "nothing that runs were made with that differs" in judged(home / "runs" / "bn_seed0", "val_acc")
    logs = left("lightning", tmp_path)
    for path in logs.rglob("metrics.csv"):
        path.write_text("epoch,step\n0,1\n")
    assert judged(logs).endswith("Lightning's CSV logs, 6 runs, none with a number measured")


def test_two_runs_of_an_arm_and_seed_are_a_question(tmp_path: Path) -> None:
    """As in any table: neither is taken for the other's end."""
    home = left("optuna_journal", tmp_path)
    path = home / "journal.log"
    lines = path.read_text().splitlines()
    changed = [line.replace('"param_value_internal":2.0', '"param_value_internal":1.0') for line in lines]
    path.write_text("\n".join(changed) + "\n")
    assert "a second score of gn, seed 1, after run trial" in judged(home)


def test_a_number_beyond_all_floats_is_none(tmp_path: Path) -> None:
    """JSON has whole numbers of any length."""
    path = tmp_path / "runs.json"
    path.write_text(json.dumps([{"arm": arm, "acc": 10**400} for arm in "ab"]))
    assert "no column is known as a score" in judged(path)


def mangled(whole: bytes, rng: np.random.Generator) -> bytes:
    """A file as it may be after an accident: cut short, or with other bytes in some places."""
    if rng.random() < 0.3:
        return whole[: rng.integers(len(whole) + 1)]
    other = rng.choice(np.frombuffer(b'0-:,"[]{}\n &*!\x00\xff', np.uint8), len(whole))
    hit = rng.random(len(whole)) < 0.03
    return np.where(hit, other, np.frombuffer(whole, np.uint8)).astype(np.uint8).tobytes()


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.slow
def test_whatever_stands_in_a_file_is_judged_or_told(tool: str, tmp_path: Path) -> None:
    """As an error of ours, and never as a traceback."""
    rng, home = np.random.default_rng(3), left(tool, tmp_path)
    files = sorted(path for path in home.rglob("*") if path.is_file())
    for place in rng.integers(len(files), size=30):
        whole = files[place].read_bytes()
        files[place].write_bytes(mangled(whole, rng))
        with contextlib.suppress(SpecError):
            normlab.judge(home, score="value" if "optuna" in tool else "val_acc", lower_is_better=False)
        files[place].write_bytes(whole)
