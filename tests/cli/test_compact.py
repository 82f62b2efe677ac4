from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import torch
import typer
from makers import maker
from safetensors.torch import save_file
from torch import nn
from typer.testing import CliRunner, Result

from normlab.cli.compact import compact
from normlab.compaction import load, measure
from normlab.data import Dataset
from normlab.errors import CompactError, Diverged, SpecError, StoreError, UnknownName
from normlab.models import build
from normlab.records import Job
from normlab.spec import Study, design
from normlab.store import Store
from normlab.training import train
from normlab.verbs import projects
from normlab.verbs.projects import Place

APP = typer.Typer()
APP.command()(compact)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def study() -> Study:
    """Two arms on little data."""
    return design(norms=["bn", "ln"], seeds=[0, 4], epochs=1, train_images=256, holdout=500, engine="eager")


@pytest.fixture(scope="module")
def folder(study: Study, mnist: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of which one arm's first run is finished."""
    return kept(study, tmp_path_factory.mktemp("project"), mnist)


def kept(study: Study, project: Path, data: Dataset) -> Path:
    """The folder of a study whose first run is trained and kept."""
    made = maker(study, "eager", data.digest)
    with Store.open(project) as store:
        store.commit(train(made.jobs()[0], data))
        projects.put(Place(study, project), store, [job.key for job in made.jobs()], "eager")
    return project / study.name


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speeds are taken in no time."""
    monkeypatch.setattr(measure, "speeds", partial(measure.speeds, rounds=1, seconds=0.01))


def weights(path: Path) -> Path:
    """A file of `lean` with batch norm, some channels dead."""
    wanted = design(norms=["bn"], seeds=[0])
    model = build(Job(wanted.arms[0].recipe, 0))
    nn.init.zeros_(model.get_submodule("conv3").weight[2:9])  # type: ignore[index, arg-type]
    save_file(model.state_dict(), path)
    return path


@pytest.mark.long
@pytest.mark.slow  # PyTorch takes seconds to export a network to ONNX
def test_a_run_of_a_study_is_made_smaller(folder: Path, study: Study, tmp_path: Path) -> None:
    """The table, the channels and the files are printed; the study's own files stay as they are."""
    before = {path: path.read_bytes() for path in folder.parent.rglob("*") if path.is_file()}
    result = run(folder, "--arm", study.arms[0].name, "--out", tmp_path)
    assert result.exit_code == 0, result.output
    assert "parameters" in result.output
    assert "ONNX Runtime, batch 128: images/s" in result.output
    assert "Channels: conv1 8 → 8, conv2" in result.output
    assert "Same class on all 10,000 test images" in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bn-seed0.onnx", "bn-seed0.safetensors"]
    assert load(tmp_path / "bn-seed0.safetensors")(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    assert all(path.read_bytes() == payload for path, payload in before.items())


@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_a_file_of_weights_is_made_smaller(tmp_path: Path, mnist: Dataset) -> None:  # noqa: ARG001 - has to be there
    """With the model and the norm named; without ONNX there is one file, in a folder beside."""
    result = run(weights(tmp_path / "w.safetensors"), "--model", "lean", "--norm", "bn", "--no-onnx")
    assert result.exit_code == 0, result.output
    assert "conv3 16 → 9" in result.output
    assert "ONNX" not in result.output
    assert [path.name for path in (tmp_path / "compact").iterdir()] == ["w.safetensors"]


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((), SpecError, "--arm: the study has several, name one: bn, ln"),
        (("--arm", "bm"), UnknownName, "unknown arm 'bm': did you mean bn"),
        (("--arm", "ln"), StoreError, "has no finished run of ln; finished seeds: none"),
        (("--arm", "bn", "--seed", "4"), StoreError, "has no finished run of bn with seed 4; finished seeds: 0"),
    ],
)
def test_a_run_that_is_not_there_is_named(
    folder: Path, arguments: tuple[str, ...], kind: type[Exception], message: str
) -> None:
    """The error lists what there is, and no folder is made."""
    result = run(folder, *arguments, "--no-onnx")
    assert type(result.exception) is kind
    assert message in str(result.exception)
    assert not (folder / "compact").exists()


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((), SpecError, "--model and --norm: a file of weights does not say"),
        (("--model", "lena", "--norm", "bn"), UnknownName, "did you mean lean"),
        (("--model", "lean", "--norm", "bm"), UnknownName, "did you mean bn"),
        (("--model", "lean", "--norm", "none"), CompactError, "the weights are not those of lean with norm none"),
        (("--model", "course", "--norm", "bn"), CompactError, "the weights are not those of course with norm bn"),
    ],
)
@pytest.mark.slow
def test_weights_of_something_else_are_an_error(
    tmp_path: Path, arguments: tuple[str, ...], kind: type[Exception], message: str
) -> None:
    """What they should have been is said; nothing is written."""
    result = run(weights(tmp_path / "w.safetensors"), *arguments, "--no-onnx")
    assert type(result.exception) is kind
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]


def test_what_is_no_weights_file_is_an_error(tmp_path: Path) -> None:
    """So is a source that is not there."""
    (tmp_path / "odd").write_bytes(b"odd")
    odd = run(tmp_path / "odd", "--model", "lean", "--norm", "bn", "--no-onnx")
    assert isinstance(odd.exception, CompactError)
    assert "expected a safetensors file" in str(odd.exception)
    assert isinstance(run(tmp_path / "absent", "--no-onnx").exception, StoreError)


def test_a_dead_network_writes_nothing(tmp_path: Path) -> None:
    """The error names the layer that has nothing left, and the file is as it was."""
    wanted = design(norms=["bn"], seeds=[0])
    model = build(Job(wanted.arms[0].recipe, 0))
    nn.init.zeros_(model.get_submodule("conv2").weight)  # type: ignore[arg-type]
    save_file(model.state_dict(), tmp_path / "w.safetensors")
    before = (tmp_path / "w.safetensors").read_bytes()
    result = run(tmp_path / "w.safetensors", "--model", "lean", "--norm", "bn", "--no-onnx")
    assert (tmp_path / "w.safetensors").read_bytes() == before
    assert isinstance(result.exception, CompactError)
    assert "nothing is left of conv2" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]


def test_a_diverged_run_is_refused(tmp_path: Path, mnist: Dataset) -> None:
    """It has no network worth making smaller."""
    wild = design(norms=["none"], seeds=[0], epochs=2, train_images=256, holdout=500, engine="eager", lr=1e9)
    assert isinstance(run(kept(wild, tmp_path, mnist), "--no-onnx").exception, Diverged)
