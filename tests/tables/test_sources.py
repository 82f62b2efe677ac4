from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tracked import TOOLS, left

import normlab
from normlab.errors import MissingPackage, SpecError
from normlab.stats.verdict import Kind
from normlab.tables import Judgement
from normlab.tables.sources.labels import read as labels

BN, GN = (99.31, 99.25, 99.36), (99.43, 99.37, 99.46)
WANTED = [
    {"norm": norm, "seed": seed, "val_acc": score}
    for norm, scores in (("bn", BN), ("gn", GN))
    for seed, score in enumerate(scores)
]


def pairs(found: Judgement) -> list[Any]:
    """What is judged."""
    return [(pair.first.name, pair.second.name, pair.kind, pair.interval, pair.seeds) for pair in found.pairs]


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_has_left_has_the_verdicts_of_its_numbers(tool: str, tmp_path: Path) -> None:
    """To the last digit, and what it was taken for is said."""
    found = normlab.judge(left(tool, tmp_path), score="value" if "optuna" in tool else "val_acc", margin=0.1)
    assert pairs(found) == pairs(normlab.judge(WANTED))
    assert found.reading.startswith(f"{TOOLS[tool]} · arm: ")
    assert not found.lower_is_better


@pytest.mark.parametrize("tool", sorted(TOOLS.keys() - {"tensorboard_hparams", "optuna_sqlite", "optuna_journal"}))
def test_the_last_step_counts_and_that_is_said(tool: str, tmp_path: Path) -> None:
    """Not the best one."""
    found = normlab.judge(left(tool, tmp_path), score="val_acc")
    assert "the last of 3 steps of each run counts, not its best one" in found.notes()


def test_steps_are_counted_of_the_score(tmp_path: Path) -> None:
    """A loss may be written far more often."""
    home = left("lightning", tmp_path)
    for path in home.rglob("metrics.csv"):
        path.write_text(path.read_text() + "".join(f"3,{30 + step},0.02,\n" for step in range(40)))
    assert "the last of 3 steps of each run counts, not its best one" in normlab.judge(home, score="val_acc").notes()


def test_nested_names_are_known_by_their_last_part(tmp_path: Path) -> None:
    """As configurations have them."""
    path = tmp_path / "runs.json"
    path.write_text(
        json.dumps(
            [{"model.norm": row["norm"], "train.seed": row["seed"], "val/acc": row["val_acc"]} for row in WANTED]
        )
    )
    assert pairs(normlab.judge(path)) == pairs(normlab.judge(WANTED))


@pytest.mark.parametrize("tool", ["mlflow_files", "lightning", "wandb", "tensorboard"])
def test_of_several_measures_one_has_to_be_named(tool: str, tmp_path: Path) -> None:
    """And one on held-out images is named first."""
    with pytest.raises(SpecError, match=r"val_acc and train_loss could all be the score: .* --score val_acc"):
        normlab.judge(left(tool, tmp_path))


@pytest.mark.parametrize("tool", ["optuna_sqlite", "optuna_journal"])
def test_a_study_says_which_way_is_better(tool: str, tmp_path: Path) -> None:
    """And trials that are not complete are counted."""
    found = normlab.judge(left(tool, tmp_path))
    assert found.pairs[0].kind is Kind.worse
    assert found.notes()[:2] == ["1 run left out: still running", "1 run left out: pruned"]


@pytest.mark.parametrize("tool", ["mlflow_files", "mlflow_sqlite"])
def test_deleted_runs_are_left_out(tool: str, tmp_path: Path) -> None:
    """Seed 9 is one; what failed or still runs is told too."""
    home = left(tool, tmp_path)
    if tool == "mlflow_files":
        meta = next(path for path in home.rglob("meta.yaml") if "bn_seed2" in path.read_text())
        meta.write_text(meta.read_text().replace("status: 3", "status: 4"))
    else:
        with closing(sqlite3.connect(home / "mlflow.db")) as database:
            database.execute("UPDATE runs SET status = 'FAILED' WHERE name = 'bn_seed2'")
            database.commit()
    found = normlab.judge(home, score="val_acc")
    assert found.arms[0].seeds == ("0", "1")
    assert {"1 run left out: deleted", "1 run left out: failed"} <= set(found.notes())


def test_a_run_that_goes_on_may_be_cut_short(tmp_path: Path) -> None:
    """Its last record is left out in event files; W&B says itself whether a run has ended."""
    home = left("tensorboard", tmp_path)
    for path in home.rglob("*.tfevents.*"):
        path.write_bytes(path.read_bytes()[:-5])
    assert pairs(normlab.judge(home, score="val_acc")) == pairs(normlab.judge(WANTED))
    runs = left("wandb", tmp_path)
    first = min(runs.rglob("*.wandb"), key=lambda path: b"gn_seed2" not in path.read_bytes())
    first.write_bytes(first.read_bytes()[:-5])
    found = normlab.judge(runs, score="val_acc")
    assert found.arms[1].seeds == ("0", "1")
    assert "1 run left out: not ended" in found.notes()


@pytest.mark.parametrize(("tool", "files"), [("tensorboard", "*.tfevents.*"), ("wandb", "*.wandb")])
def test_a_damaged_file_is_told(tool: str, files: str, tmp_path: Path) -> None:
    """By its checksum, with the place."""
    home = left(tool, tmp_path)
    path = min(home.rglob(files))
    whole = bytearray(path.read_bytes())
    whole[-30] ^= 1
    path.write_bytes(whole)
    with pytest.raises(SpecError, match=r"the record at byte [0-9,]+ is damaged: its checksum is another"):
        normlab.judge(home, score="val_acc")


def test_runs_without_a_score_are_counted(tmp_path: Path) -> None:
    """And those that diverged; both are named."""
    home = left("lightning", tmp_path)
    logs = home / "lightning_logs"
    (logs / "version_5" / "metrics.csv").write_text("epoch,step,train_loss\n0,1,0.5\n")
    (logs / "version_1" / "metrics.csv").write_text("epoch,step,val_acc\n0,1,99.1\n1,2,nan\n")
    (logs / "version_0" / "metrics.csv").unlink()
    found = normlab.judge(logs, score="val_acc")
    assert found.notes()[0] == "1 run left out: no metrics.csv"
    assert "1 run without val_acc left out: version_5" in found.notes()
    assert "1 run whose val_acc is no finite number counted as failed: version_1" in found.notes()


def test_objects_in_yaml_are_never_made(tmp_path: Path) -> None:
    """Lightning writes tags of Python's objects; they are passed over, and nothing is run."""
    home = left("lightning", tmp_path)
    marker = tmp_path / "run"
    for path in home.rglob("hparams.yaml"):
        path.write_text(
            f"{path.read_text()}act: !!python/name:torch.nn.ReLU ''\n"
            f"bad: !!python/object/apply:pathlib.Path.touch [!!python/object/apply:pathlib.Path ['{marker}']]\n"
            "layers: [8, 16]\n"
        )
    assert pairs(normlab.judge(home, score="val_acc")) == pairs(normlab.judge(WANTED))
    assert not marker.exists()


def test_a_database_is_not_written(tmp_path: Path) -> None:
    """Nor is anything put beside it."""
    home = left("mlflow_sqlite", tmp_path)
    before = (home / "mlflow.db").read_bytes()
    normlab.judge(home / "mlflow.db", score="val_acc")
    assert [path.name for path in home.iterdir()] == ["mlflow.db"]
    assert (home / "mlflow.db").read_bytes() == before


def test_links_are_not_followed(tmp_path: Path) -> None:
    """What lies outside the folder is not of it."""
    inside = tmp_path / "in"
    inside.mkdir()
    (inside / "runs").symlink_to(left("tensorboard", tmp_path))
    with pytest.raises(SpecError, match="got an empty folder"):
        normlab.judge(inside)


def test_keras_writes_into_two_folders_of_a_run(tmp_path: Path) -> None:
    """What was measured on held-out images is called after its folder."""
    for path in [*left("tensorboard", tmp_path).rglob("*.tfevents.*")]:
        (path.parent / "validation").mkdir()
        path.rename(path.parent / "validation" / path.name)
    found = normlab.judge(tmp_path / "tensorboard", score="validation/val_acc")
    assert pairs(found) == pairs(normlab.judge(WANTED))


def test_without_yaml_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tools' files need none."""
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(
        MissingPackage, match=r'hparams\.yaml needs PyYAML to be read: pip install "normlab\[trackers\]"'
    ):
        normlab.judge(left("lightning", tmp_path))
    assert normlab.judge(left("mlflow_files", tmp_path), score="val_acc").arms


RUNS_CSV = """"Name","State","User","Tags","Created","Runtime","lr","norm","seed","epoch","train_loss","val_acc"
"keen-sun-7","finished","me","","2026-01-07T10:00:00Z","60","0.1","gn","1","2","0.02","99.37"
"warm-sky-6","finished","me","","2026-01-06T10:00:00Z","61","0.1","gn","0","2","0.02","99.43"
"slow-bee-5","crashed","me","","2026-01-05T10:00:00Z","2","0.1","bn","2","0","1.2","31"
"bold-elk-4","finished","me","","2026-01-04T10:00:00Z","59","0.1","bn","1","2","0.02","99.25"
"calm-fox-3","finished","me","","2026-01-03T10:00:00Z","63","0.1","bn","0","2","0.02","99.31"
"""


def test_the_table_of_runs_of_wandb_is_read(tmp_path: Path) -> None:
    """By its configuration, not by names and dates; runs that crashed are told."""
    path = tmp_path / "wandb_export.csv"
    path.write_text(RUNS_CSV)
    found = normlab.judge(path, score="val_acc")
    assert pairs(found) == pairs(normlab.judge([row for row in WANTED if row["seed"] != 2]))
    assert found.reading.startswith("Weights & Biases' table of runs · arm: norm · seed: seed")
    assert found.notes() == ["1 run left out: crashed"]


def test_a_chart_of_wandb_is_read(tmp_path: Path) -> None:
    """A line for each run, of which the last step counts; its name says arm and seed."""
    lines = [f"{row['norm']}_seed{row['seed']} - val_acc" for row in WANTED]
    heads = ["Step", *(f"{line}{end}" for line in lines for end in ("", "__MIN", "__MAX"))]
    early = ["0", *(cell for _ in WANTED for cell in ["97.5"] * 3)]
    late = ["9", *(cell for row in WANTED for cell in [str(row["val_acc"])] * 3)]
    path = tmp_path / "chart.csv"
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in (heads, early, late)))
    found = normlab.judge(path)
    assert pairs(found) == pairs(normlab.judge(WANTED))
    assert "the last of 2 steps of each run counts, not its best one" in found.notes()


def test_an_array_of_json_objects_is_a_table(tmp_path: Path) -> None:
    """One a run."""
    path = tmp_path / "runs.json"
    path.write_text(json.dumps(WANTED))
    assert pairs(normlab.judge(path)) == pairs(normlab.judge(WANTED))


def test_a_job_of_hydra_may_write_json(tmp_path: Path) -> None:
    """Results of one object, or a line an epoch, the last of which may be half written."""
    home = left("hydra", tmp_path)
    for place, path in enumerate(sorted(home.rglob("metrics.csv"))):
        last = float(path.read_text().split(",")[-2])
        path.unlink()
        if place % 2:
            (path.parent / "results.json").write_text(json.dumps({"test": {"acc": last}}))
        else:
            lines = [f'{{"test.acc": {score}, "epoch": {epoch}}}' for epoch, score in enumerate([50, last])]
            (path.parent / "log.jsonl").write_text("\n".join([*lines, '{"te']))
    found = normlab.judge(home)
    assert pairs(found) == pairs(normlab.judge(WANTED, margin=0.1))
    assert found.layout.score == "test.acc"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["bn_seed0", "gn_seed1"], [{"arm": "bn", "seed": "0"}, {"arm": "gn", "seed": "1"}]),
        (["lr=0.1,seed=3", "lr=0.01,seed=3"], [{"lr": "0.1", "seed": "3"}, {"lr": "0.01", "seed": "3"}]),
        (["lr=0.1_weight_decay=0_seed=3"], [{"lr": "0.1", "weight_decay": "0", "seed": "3"}]),
        (["gn4/seed_1", "bn/seed_2"], [{"arm": "gn4", "seed": "1"}, {"arm": "bn", "seed": "2"}]),
        (["x/bn/run-3/tb", "x/gn/run-3/tb"], [{"arm": "bn", "seed": "3"}, {"arm": "gn", "seed": "3"}]),
        (["bn/run-3", "gn/run-4"], [{"arm": "bn", "seed": "3"}, {"arm": "gn", "seed": "4"}]),
        (["seed1_resnet-18", "seed2_vgg"], [{"arm": "resnet-18", "seed": "1"}, {"arm": "vgg", "seed": "2"}]),
        (["bn", "gn", "bn"], [{"arm": "bn"}, {"arm": "gn"}, {"arm": "bn"}]),
        (["keen-sun-7", "calm-fox-3"], [{}, {}]),
        (["12-00-00/0", "12-00-00/1"], [{}, {}]),
        (["bn_seed" + "0" * 200_000], [{}]),
    ],
)
def test_names_of_runs_are_read(names: list[str], said: list[dict[str, str]]) -> None:
    """Pairs, or a seed and what stands beside it; parts that all share say nothing, nor do names made up or endless."""
    assert labels(names) == said


@pytest.mark.long
def test_the_command_line_takes_a_folder(tmp_path: Path) -> None:
    """And prints what it was taken for."""
    home = left("mlflow_files", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "normlab", "judge", str(home), "--score", "val_acc"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("MLflow's files · arm: norm · seed: seed · score: val_acc")


def test_a_folder_of_one_table_is_that_table(tmp_path: Path) -> None:
    """Of two, one has to be named."""
    (tmp_path / "runs.csv").write_text("arm,seed,acc\na,0,99\na,1,98\nb,0,97\nb,1,96\n")
    assert [arm.name for arm in normlab.judge(tmp_path).arms] == ["a", "b"]
    (tmp_path / "other.csv").write_text("arm,seed,acc\n")
    with pytest.raises(SpecError, match=r"got several: other\.csv, runs\.csv; name one"):
        normlab.judge(tmp_path)
