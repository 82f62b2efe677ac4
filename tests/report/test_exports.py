from __future__ import annotations

import csv
import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

import normlab
from normlab.analysis import gather
from normlab.errors import MissingPackage, SpecError, StoreError, UnknownName
from normlab.events import EpochDone, NetworkBuilt, RunKept
from normlab.records import Comparison
from normlab.report import latex
from normlab.report.exports import package, paper, write
from normlab.report.exports.runs import logged
from normlab.report.frames import columns
from normlab.report.tables import table
from normlab.tables import Judgement
from normlab.verbs.results import StudyResult

if TYPE_CHECKING:
    from comparisons import Make

SCORE = {"csv": "final_accuracy", "tensorboard": "judged_accuracy"}


@pytest.fixture
def three(make: Make) -> Comparison:
    """Three norms, one of them better, on four seeds."""
    return make(vary={"norm": ["bn", "gn:4", "ln"]}, seeds=4, errors={"gn:4": 0.003})


def agree(found: Judgement, comparison: Comparison) -> bool:
    """Whether a judgement says of each pair what the study's verdicts say: kind, mean, interval."""
    told = {(pair.first.name, pair.second.name): pair for pair in found.pairs}
    contrasts = gather(comparison).contrasts
    for contrast in contrasts:
        pair = told[contrast.arms]
        assert pair.kind is contrast.verdict.kind
        assert pair.seeds == tuple(map(str, contrast.seeds))
        assert pair.interval is not None
        assert contrast.interval is not None
        said = (pair.mean, pair.interval.low, pair.interval.high, pair.interval.level)
        wanted = (contrast.mean, contrast.interval.low, contrast.interval.high, contrast.interval.level)
        assert said == pytest.approx(wanted, abs=1e-9)
    return len(told) == len(contrasts)


@pytest.mark.parametrize("form", SCORE)
@pytest.mark.slow
def test_what_is_exported_is_judged_as_the_study_is(form: str, three: Comparison, tmp_path: Path) -> None:
    """The same differences, intervals and verdicts, whether by table or by event files."""
    exported = write(three, form, tmp_path / "out")
    path = exported.files[-1] if form == "csv" else exported.path
    assert path.name in ("runs.csv", "out")
    assert agree(normlab.judge(path, arm="arm", score=SCORE[form]), three)


def test_results_in_json_are_judged_as_the_study_is(three: Comparison, tmp_path: Path) -> None:
    """What `--format json` prints is a table of runs too."""
    path = tmp_path / "results.json"
    path.write_text(table(three, "json"))
    assert agree(normlab.judge(path, score="judged_accuracy"), three)
    path.write_text('{"study": "a", "arms": [], "questions": [], "runs": [{"arm": "a", "epochs": []}]}')
    with pytest.raises(SpecError, match="expected the results of a study, got IndexError"):
        normlab.judge(path)


@pytest.mark.slow
def test_a_table_has_every_run_and_every_epoch(six: Comparison, tmp_path: Path) -> None:
    """As the frames have them; in Parquet with their types."""
    epochs, runs = write(six, "csv", tmp_path / "csv").files
    with runs.open(newline="") as file:
        rows = list(csv.DictReader(file))
    wanted = columns(six, "runs")
    assert [float(row["final_accuracy"]) for row in rows] == wanted["final_accuracy"]
    assert [row["norm"] for row in rows] == wanted["norm"]
    assert len(epochs.read_text().splitlines()) == 1 + 18 * 5
    _, typed = write(six, "parquet", tmp_path / "parquet").files
    assert parquet.read_table(typed).to_pydict() == wanted


def test_epochs_are_logged_as_they_end(make: Make, three: Comparison, tmp_path: Path) -> None:
    """By whoever is told of them; a second call adds files, and the later word counts; a run may diverge."""
    for _ in range(2):
        tell = normlab.log_to_tensorboard(tmp_path / "runs")
        tell(NetworkBuilt("a summary"))
        for run in three.runs:
            for epoch in run.epochs:
                tell(EpochDone(run.job.name, len(run.epochs), epoch))
    assert len([*(tmp_path / "runs").glob("*/*.tfevents.*")]) == 2 * len(three.runs)
    found = normlab.judge(tmp_path / "runs", score="judged_accuracy")
    assert [arm.name for arm in found.arms] == ["bn", "gn-4", "ln"]
    assert [arm.mean for arm in found.arms] == pytest.approx(
        [row.final.mean for row in gather(three).arms if row.final]
    )
    lost = make(vary={"norm": ["bn"]}, seeds=1, epochs=9, diverged=[("bn", 0, 7)]).runs[0]
    tell(RunKept(lost))
    judged = normlab.judge(tmp_path / "runs", score="judged_accuracy")
    assert "1 run whose judged_accuracy is no finite number counted as failed: bn-seed-0" in judged.notes()
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"cannot write to .*file"):
        normlab.log_to_tensorboard(tmp_path / "file")(EpochDone("bn · seed 0", 1, three.runs[0].final))


def test_a_run_that_diverged_has_no_end(make: Make, tmp_path: Path) -> None:
    """Its last epoch before is not taken for it; who judges the folder is told."""
    comparison = make(vary={"norm": ["bn", "ln"]}, seeds=3, epochs=3, diverged=[("ln", 1, 2)])
    write(comparison, "tensorboard", tmp_path / "out")
    found = normlab.judge(tmp_path / "out", arm="arm", score="judged_accuracy")
    assert agree(found, comparison)
    assert "1 run whose judged_accuracy is no finite number counted as failed: ln-seed1" in found.notes()


def test_names_of_runs_are_valid_and_apart(make: Make) -> None:
    """Also of arms whose names differ in letters that no file has."""
    comparison = make(arms=[{"name": "a/b", "norm": "bn"}, {"name": "a:b", "norm": "ln"}], seeds=1)
    assert [run.name for run in logged(comparison)] == ["a-b-seed0", "a-b-seed0-2"]
    assert [run.config["arm"] for run in logged(comparison)] == ["a/b", "a:b"]


def test_the_paper_has_each_arm_with_its_interval_and_verdict(three: Comparison) -> None:
    """Against the best arm, or against the baseline."""
    text = paper.text(three)
    assert r"arm & seeds & test accuracy (\%) & against gn:4 \\" in text
    assert re.search(r"^bn & 4 & 99\.\d\d \$\\pm\$ 0\.\d\d & worse \\\\$", text, re.M)
    assert re.search(r"^gn:4 & 4 & 99\.\d\d \$\\pm\$ 0\.\d\d & -- \\\\$", text, re.M)


def test_the_paper_is_told_against_the_baseline(make: Make) -> None:
    """Where the study has one; of one seed there is no interval."""
    comparison = make(vary={"norm": ["bn", "gn:4"]}, seeds=1, baseline="bn")
    rows = [line for line in paper.text(comparison).splitlines() if line.endswith(r"\\")]
    assert rows[0].endswith(r"& against bn \\")
    assert re.fullmatch(r"gn:4 & 1 & 99\.\d\d & not enough evidence \\\\", rows[2])


def test_two_seeds_have_no_interval_in_a_paper(make: Make) -> None:
    """It may be ±170 points; that it is missing is said."""
    text = paper.text(make(arms=[{"norm": "bn"}, {"norm": "ln"}], seeds=2))
    assert r"\pm" not in text
    assert "% One or two seeds have no interval that says anything." in text


def test_names_are_letters_in_latex_and_never_commands(make: Make) -> None:
    """Of each row only the marks between cells and its end are LaTeX's."""
    name = r"50%_a&b#1$x^2~{y}\input{z}"
    comparison = make(arms=[{"name": name, "norm": "bn"}, {"name": "ln", "norm": "ln"}], seeds=2)
    (row,) = [line for line in paper.text(comparison).splitlines() if line.startswith("50")]
    assert row.startswith(r"50\%\_a\&b\#1\$x\textasciicircum{}2\textasciitilde{}\{y\}\textbackslash{}input\{z\} & 2 & ")
    assert len(re.findall(r"(?<!\\)&", row)) == 3
    assert latex.escaped("a\nb\x1b") == "a b "


def test_an_export_is_replaced_by_one_of_the_same_study_alone(make: Make, three: Comparison, tmp_path: Path) -> None:
    """A folder of anything else is left as it is: another form, another study, files of the user's."""
    home = tmp_path / "out"
    write(three, "csv", home)
    first = (home / "runs.csv").read_text()
    write(three, "csv", home)
    assert (home / "runs.csv").read_text() == first
    with pytest.raises(SpecError, match="holds something else than latex of compare"):
        write(three, "latex", home)
    with pytest.raises(SpecError, match="holds something else than csv of other"):
        write(make(vary={"norm": ["bn", "ln"]}, name="other"), "csv", home)
    (home / "notes.txt").write_text("mine")
    with pytest.raises(SpecError, match=r"holds other files \(notes\.txt\)"):
        write(three, "csv", home)
    assert sorted(path.name for path in home.iterdir()) == [".normlab-export", "epochs.csv", "notes.txt", "runs.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_the_users_is_left_alone(three: Comparison, tmp_path: Path) -> None:
    """Whatever its files are called."""
    (tmp_path / "runs.csv").write_text("mine")
    with pytest.raises(SpecError, match="choose another --out"):
        write(three, "csv", tmp_path)
    with pytest.raises(SpecError, match="is there already, and no earlier export"):
        write(three, "csv", tmp_path / "runs.csv")
    assert (tmp_path / "runs.csv").read_text() == "mine"


@pytest.mark.parametrize(("form", "name"), [("csv", "x.csv"), ("latex", "x.tex")])
def test_a_file_is_written_over_an_earlier_export(form: str, name: str, three: Comparison, tmp_path: Path) -> None:
    """Of the runs or the arms alone."""
    for _ in range(2):
        exported = write(three, form, tmp_path / name)
    assert exported.files == (tmp_path / name,)
    assert str(exported) == f"Written: {tmp_path / name} (1 file)"


def test_what_cannot_be_exported_is_told(make: Make, three: Comparison, tmp_path: Path) -> None:
    """A form that there is not, a file for what needs a folder, a study without a run."""
    with pytest.raises(UnknownName, match=r"unknown form 'xlsx': .*forms are csv, latex, methods, mlflow, parquet"):
        write(three, "xlsx", tmp_path)
    with pytest.raises(SpecError, match=r"tensorboard is not written to a file x\.csv: name a folder"):
        write(three, "tensorboard", tmp_path / "x.csv")
    with pytest.raises(StoreError, match="no run is finished; train first: normlab compare compare"):
        write(make(seeds=1, missing=6), "csv", tmp_path / "out")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("mlflow", 'a database of MLflow is written by its own package: pip install "normlab[mlflow]"'),
        ("wandb", 'runs of Weights & Biases are written by its own package: pip install "normlab[wandb]"'),
        ("parquet", 'Parquet is written by pyarrow: pip install "normlab[parquet]"'),
    ],
)
def test_a_package_that_is_missing_is_named_with_its_extra(
    form: str, said: str, three: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is left behind."""

    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(package, "import_module", missing)
    with pytest.raises(MissingPackage, match=re.escape(said)):
        write(three, form, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_result_exports_itself(three: Comparison, tmp_path: Path) -> None:
    """Into its study's folder, unless another is named."""
    result = StudyResult(three, tmp_path, tmp_path / "report.html")
    assert result.export("latex").files == (tmp_path / "export" / "latex" / "arms.tex",)
    assert importlib.import_module("normlab").export_numbers.__name__ == "export_numbers"
