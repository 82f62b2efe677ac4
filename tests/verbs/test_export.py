from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from own_images import noise, write_folders
from projects import finished
from safetensors.numpy import load_file
from typer.testing import CliRunner

import normlab
from normlab import files
from normlab.bundle import Bundle
from normlab.cli import app
from normlab.data import Dataset, cache
from normlab.data.split import split
from normlab.errors import Diverged, SpecError, StoreError, UnknownName
from normlab.models.jobs import Material
from normlab.plans import Maker
from normlab.records import Held, RunRecord
from normlab.spec import design
from normlab.store import Store
from normlab.verbs.one_run import find

pytestmark = pytest.mark.training
# The plain loop judges as the script computes; other engines round otherwise in the last digit.
FEW = {"epochs": 1, "train_images": 64, "holdout": 50, "engine": "reference", "name": "s"}


@pytest.fixture(scope="module")
def project(mnist: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two arms with a penalty, of which seed 0 is finished."""
    out = tmp_path_factory.mktemp("project")
    finished(out, design(norms=["bn", "gn:4"], l1=[1e-3], penalty=["prox"], seeds=[0, 1], **FEW), mnist)
    return out


def told(bundle: Bundle, images: np.ndarray, away: Path) -> dict[str, object]:
    """What the script says of images uint8 (N, C, H, W), run in a process of its own in an empty folder."""
    away.mkdir()
    np.save(away.parent / "images.npy", images)
    code = f"""
        import json, runpy, numpy
        told = runpy.run_path({str(bundle.files[0])!r})
        found = told["probabilities"](numpy.load({str(away.parent / "images.npy")!r}))
        print(json.dumps([found.tolist(), told["CLASSES"], told["__doc__"]]))
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], cwd=away, capture_output=True, text=True, check=False, env=os.environ
    )
    assert done.returncode == 0, done.stderr
    found, classes, doc = json.loads(done.stdout)
    return {"probabilities": np.array(found, np.float32), "classes": classes, "doc": doc}


def judged(run: RunRecord, data: Dataset) -> np.ndarray:
    """The images that a run was judged on."""
    return split(data, run.job.recipe, run.job.root).judged_images


@pytest.mark.long
def test_the_script_says_what_the_run_said(project: Path, mnist: Dataset, tmp_path: Path) -> None:
    """To the bit, of images as they are stored; it tells their size, the classes and the run that it is of."""
    arm = "gn:4"
    run = find("s", arm, None, out=project)
    made = normlab.export("s", arm, folder=tmp_path / "out", out=project, onnx=False)
    found = told(made, judged(run, mnist), tmp_path / "away")
    np.testing.assert_array_equal(found["probabilities"], run.probabilities)
    assert found["classes"] == [*mnist.classes]
    assert "grey images of 28×28 pixels as mnist has them" in str(found["doc"])
    assert run.key in str(found["doc"])
    assert load_file(tmp_path / "out" / "weights.safetensors").keys() == run.weights.keys()


@pytest.mark.long
def test_a_network_of_ones_own_names_its_file(mnist: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The script finds it from anywhere and says that it needs it."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    code = """
        from torch import nn

        class Net(nn.Sequential):
            def forward(self, images):
                from beside import halved
                return super().forward(halved(images))

        def make(norm, classes):
            return Net(nn.Conv2d(1, 4, 5, stride=4), norm(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, classes))
    """
    Path("nets.py").write_text(dedent(code), encoding="utf-8")
    Path("beside.py").write_text("def halved(images):\n    return images / 2\n", encoding="utf-8")
    finished(tmp_path / "p", design(model="nets.py:make", norms=["bn"], l1=[0.0], seeds=[0], **FEW), mnist)
    run = find("s", None, None, out=tmp_path / "p")
    made = normlab.export("s", out=tmp_path / "p", onnx=False)
    found = told(made, judged(run, mnist), tmp_path / "away")
    np.testing.assert_array_equal(found["probabilities"], run.probabilities)
    assert f"{tmp_path / 'here' / 'nets.py'}, unchanged since the training" in str(found["doc"])


@pytest.mark.long
def test_images_of_ones_own_keep_their_colours_and_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class may be called anything: nothing in a name is run."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    place = write_folders(tmp_path / "photos", noise(channels=3, side=28))
    for name in ("train", "test"):
        (place / name / "class 1").rename(place / name / 'say """; raise SystemExit(1)')
    data, fields = normlab.load(str(place)), {**FEW, "holdout": 0, "train_images": 0, "dataset": str(place)}
    finished(tmp_path / "p", design(norms=["bn"], l1=[0.0], seeds=[0], preprocess="stretch", **fields), data)
    found = told(normlab.export("s", out=tmp_path / "p", onnx=False), data.test_images, tmp_path / "away")
    run = find("s", None, None, out=tmp_path / "p")
    np.testing.assert_array_equal(found["probabilities"], run.probabilities)
    assert found["classes"] == [*data.classes]
    assert "colour images of 30×28 pixels as photos has them" in str(found["doc"])
    assert "the levels of each image by stretch" in str(found["doc"])


@pytest.mark.long
def test_names_from_outside_are_text(mnist: Dataset, tmp_path: Path) -> None:
    """An arm's name with quotes and a backslash stands in the script and is not run."""
    arm = '"""; raise SystemExit(1) #\\'
    finished(
        tmp_path / "p",
        design(arms=[{"name": arm, "norm": "bn"}, {"name": "other", "norm": "ln"}], seeds=[0], **FEW),
        mnist,
    )
    made = normlab.export("s", arm, out=tmp_path / "p", onnx=False)
    assert arm in str(told(made, mnist.test_images[:1], tmp_path / "away")["doc"])


@pytest.mark.slow  # PyTorch takes seconds to export a network to ONNX
@pytest.mark.long
def test_onnx_gives_the_same(project: Path, mnist: Dataset, tmp_path: Path) -> None:
    """Within 1e-5, from images prepared as the script prepares them."""
    from normlab.compaction import onnx_file
    from normlab.data.preprocess import network_input

    run = find("s", "bn", 0, out=project)
    made = normlab.export("s", run.arm, 0, tmp_path / "out", out=project)
    assert [path.name for path in made.files] == ["load.py", "weights.safetensors", "network.onnx"]
    session = onnx_file.session(made.files[-1].read_bytes())
    scores = onnx_file.scores(session, network_input(judged(run, mnist), mnist, "standardize"))
    shares = np.exp(scores - scores.max(1, keepdims=True))
    np.testing.assert_allclose(shares / shares.sum(1, keepdims=True), run.probabilities, atol=1e-5)
    assert "network.onnx" in made.files[0].read_text(encoding="utf-8")


def test_without_the_extra_onnx_is_left_out_and_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is written, and the command says what to install; the first finished seed is named."""
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "onnx" else real(name))
    done = CliRunner().invoke(app, ["export", "s", "--arm", "gn:4", "--project", str(project)])
    assert done.exit_code == 0, done.output
    first, *written, last = done.output.splitlines()
    assert first == "The network of gn:4 · seed 0, as trained"
    home = project / "s" / "export" / "gn-4-seed0"
    assert [line.split(" (")[0] for line in written] == [
        f"Written: {home / 'load.py'}",
        f"Written: {home / 'weights.safetensors'}",
    ]
    assert last.startswith("Left out: network.onnx: ONNX needs onnx: pip install 'normlab[onnx]'")


def test_the_numbers_of_a_study_are_exported(project: Path, tmp_path: Path) -> None:
    """By the command and the verb alike: into the study's folder, or where it is said; one run is for networks."""
    done = CliRunner().invoke(app, ["export", "s", "--to", "csv", "--project", str(project)])
    home = project / "s" / "export" / "csv"
    assert (done.exit_code, done.output) == (0, f"Written: {home} (2 files)\n")
    assert normlab.export_numbers("s", "csv", tmp_path / "runs.csv", out=project).files == (tmp_path / "runs.csv",)
    assert (tmp_path / "runs.csv").read_text() == (home / "runs.csv").read_text()
    refused = CliRunner().invoke(app, ["export", "s", "--to", "csv", "--arm", "bn", "--project", str(project)])
    assert "leave --arm and --seed out" in str(refused.exception)


@pytest.mark.parametrize(
    ("asked", "kind", "message"),
    [
        ((None, None), SpecError, "--arm: the study has several, name one: bn"),
        (("bm", None), UnknownName, "unknown arm 'bm'"),
        (("bn", 1), StoreError, "has no finished run of .* with seed 1; finished seeds: 0"),
    ],
)
def test_a_run_that_is_not_there_is_one_line(
    project: Path, asked: tuple[str | None, int | None], kind: type[Exception], message: str, tmp_path: Path
) -> None:
    """It lists what there is, and nothing is written."""
    with pytest.raises(kind, match=message) as caught:
        normlab.export("s", *asked, folder=tmp_path / "out", out=project)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_run_that_has_diverged_is_refused(mnist: Dataset, tmp_path: Path) -> None:
    """The error says when it diverged, and that another has to be chosen."""
    wild = {**FEW, "epochs": 2, "train_images": 256, "lr": 1e9}
    finished(tmp_path, design(norms=["none"], seeds=[0], l1=[0.0], **wild), mnist)
    with pytest.raises(Diverged, match="has diverged in epoch 1: choose another run"):
        normlab.export("s", seed=0, out=tmp_path)


def test_of_several_seeds_one_with_a_network_is_taken(mnist: Dataset, tmp_path: Path) -> None:
    """The first that has not diverged."""
    study = design(norms=["bn"], seeds=[3, 5, 7], l1=[0.0], **FEW)
    finished(tmp_path / "p", study, mnist, (7,))
    ended = replace(find("s", None, 7, out=tmp_path / "p"), diverged_at=1, epochs=[])
    with Store.open(tmp_path / "p") as store:
        lost = Maker(study, "reference", Material.of(study)).job(study.arms[0], 3)
        store.commit(replace(ended, job=lost, contents=Held(np.empty((0, 10), np.float32), {})))
    assert normlab.export("s", out=tmp_path / "p", onnx=False).seed == 7


def test_a_folder_with_other_files_is_left_alone(project: Path, tmp_path: Path) -> None:
    """An earlier export of the same run is replaced; anything else, another run's too, stays as it is."""

    def again(arm: str) -> Bundle:
        return normlab.export("s", arm, folder=tmp_path / "out", out=project, onnx=False)

    again("bn")
    before = {path: path.read_bytes() for path in again("bn").files}
    with pytest.raises(SpecError, match="holds the export of another run"):
        again("gn:4")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(SpecError, match=r"holds other files \(notes.txt\): choose another --out"):
        again("bn")
    assert all(path.read_bytes() == payload for path, payload in before.items())
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match="cannot write to"):
        normlab.export("s", "bn", folder=tmp_path / "file", out=project, onnx=False)


def test_an_export_that_was_killed_is_done_again(project: Path, tmp_path: Path) -> None:
    """What it has left behind is no other file."""
    left = tmp_path / "out" / ".export.0123abcd.part"
    left.mkdir(parents=True)
    (left / "load.py").write_text("half")
    made = normlab.export("s", "bn", folder=tmp_path / "out", out=project, onnx=False)
    assert {*(tmp_path / "out").iterdir()} == {*made.files}


def test_a_folder_is_filled_when_all_files_are_there(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at the weights leaves no script without them."""

    def full(path: Path, payload: bytes) -> Path:
        if path.name == "weights.safetensors":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, payload)

    write = files.write
    monkeypatch.setattr(files, "write", full)
    with pytest.raises(StoreError, match=r"cannot write to .*: No space left on device"):
        normlab.export("s", "bn", folder=tmp_path / "out", out=project, onnx=False)
    assert not [*(tmp_path / "out").iterdir()]
