"""One damaged weights file: what needs it says so by name, and all else of the study is there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import finished

import normlab
from normlab.data import Dataset
from normlab.errors import DamagedRun
from normlab.spec import design
from normlab.verbs.one_run import find

pytestmark = [pytest.mark.long, pytest.mark.training, pytest.mark.timeout(120)]
FEW = {"epochs": 1, "train_images": 64, "holdout": 50, "engine": "reference"}


@pytest.fixture(scope="module")
def stock(mnist: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study with a penalty, and a path: two seeds of each are finished."""
    out = tmp_path_factory.mktemp("stock")
    finished(out, design(norms=["bn"], l1=[0.0, 1e-3], penalty=["prox"], seeds=2, name="s", **FEW), mnist, (0, 1))
    path = design(norms=["bn"], l1=[0.0, 1e-2], penalty=["prox"], seeds=2, name="p", warm_start=True, **FEW)
    finished(out, path, mnist, (0, 1))
    return out


def flipped(path: Path) -> None:
    """One bit of the last number."""
    payload = bytearray(path.read_bytes())
    payload[-1] ^= 1
    path.write_bytes(payload)


def a_pipe(path: Path) -> None:
    """What waits for somebody at its other end."""
    path.unlink()
    os.mkfifo(path)


def a_device(path: Path) -> None:
    """What has no end."""
    path.unlink()
    path.symlink_to("/dev/zero")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("spoil", [flipped, a_pipe, a_device, Path.unlink])
@pytest.mark.parametrize("study", ["s", "p"])
def test_a_study_is_reported_without_one_runs_weights(
    stock: Path, tmp_path: Path, spoil: Callable[[Path], None], study: str
) -> None:
    """The run is named beside the table, its accuracy counts, and what looks into weights does without it."""
    out = Path(shutil.copytree(stock, tmp_path / "out"))
    arm = normlab.reopen(study, out=out).comparison.study.arms[1].name
    run = find(study, arm, 0, out=out)
    spoil(out / "weights" / f"{run.key}.safetensors")
    found = normlab.reopen(study, out=out)
    assert f"Damaged in the store: {arm} · seed 0 (its weights " in found.findings()[0]
    assert "Damaged in the store" in found.report.read_text()
    assert [len(found.comparison.of(each.name)) for each in found.comparison.study.arms] == [2, 2]
    with pytest.raises(DamagedRun, match=r"seed 0 \(its weights "):
        normlab.export(study, arm, 0, out=out, onnx=False)
    assert normlab.export(study, arm, 1, out=out, onnx=False).files


def test_a_layer_is_explained_on_the_next_seed(stock: Path, tmp_path: Path) -> None:
    """Unless the damaged one is asked for: then it is named."""
    out = Path(shutil.copytree(stock, tmp_path / "out"))
    flipped(out / "weights" / f"{find('s', 'bn', 0, out=out).key}.safetensors")
    assert "on seed 1" in str(normlab.explain_layer("s", "norm1", out=out).origin)
    with pytest.raises(DamagedRun, match=r"bn · seed 0 \(its weights were changed\)"):
        normlab.explain_layer("s", "norm1", seed=0, out=out)


def test_a_report_that_cannot_be_written_is_told_from_what_it_would_say(
    stock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A study on a disk that may only be read can be judged; why there is no page is said."""
    out = Path(shutil.copytree(stock, tmp_path / "out"))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("normlab.files.write", refuse)
    found = normlab.reopen("s", out=out)
    assert "Read-only file system" in found.unwritten
    assert found.comparison.owed == 0
