from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from projects import finished
from typer.testing import CliRunner

import normlab
from normlab.cli import app
from normlab.data import Dataset, cache
from normlab.data.preprocess import network_input
from normlab.errors import DataError, SpecError, StoreError, UnknownName
from normlab.models.registry import trained_network
from normlab.prediction import as_trained
from normlab.records import RunRecord
from normlab.spec import design
from normlab.store import Store
from normlab.verbs import engines, projects

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def project(mnist: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two arms on two seeds, trained on a few thousand digits, and photographs of six others."""
    folder = tmp_path_factory.mktemp("project")
    fields = {"epochs": 1, "train_images": 4000, "holdout": 200, "engine": "lanes"}
    finished(folder / "out", design(norms=["bn", "ln"], l1=[0.0], seeds=[0, 1], name="s", **fields), mnist, (0, 1))
    for index in range(6):
        large = np.asarray(Image.fromarray(mnist.test_images[index, 0]).resize((280, 280)))
        page = np.full((500, 400), 225, np.uint8)
        page[150:430, 90:370] -= (large * 0.8).astype(np.uint8)
        Image.fromarray(page).save(folder / f"{index}.png")
    return folder


@pytest.mark.long
def test_photographs_of_digits_are_known(project: Path, mnist: Dataset) -> None:
    """Each arm says what the digit is, with the spread of its seeds; what was done to the picture is told."""
    labels = mnist.test_labels[:6]
    found = normlab.predict("s", [project / f"{i}.png" for i in range(6)], out=project / "out")
    right = sum(each.label == str(label) for each, label in zip(found, labels, strict=True))
    assert right >= 5
    for each in found:
        assert [guess.arm for guess in each.guesses] == ["bn", "ln"]
        assert any("inverted" in note for note in each.notes)
        for guess in each.guesses:
            assert guess.seeds == 2
            assert guess.low <= guess.probability <= guess.high


@pytest.mark.long
def test_each_seed_answers_with_its_own_network(project: Path, mnist: Dataset, tmp_path: Path) -> None:
    """What is told of an arm are the probabilities of its runs, to the bit."""
    Image.fromarray(mnist.test_images[0, 0]).save(tmp_path / "seven.png")
    (found,) = normlab.predict("s", [tmp_path / "seven.png"], out=project / "out")
    images = network_input(mnist.test_images[:1], mnist, "standardize")
    for guess in found.guesses:
        with torch.inference_mode():
            said = [float(trained_network(run)(images).softmax(1)[0, 7]) for run in runs(project / "out", guess.arm)]
        assert (guess.label, guess.low, guess.high) == ("7", min(said), max(said))


def runs(out: Path, arm: str) -> list[RunRecord]:
    """Those of an arm of the study, from the store."""
    place = projects.find("s", out)
    with Store.reading(out) as store:
        made = engines.maker(place.study, store)
        return [run for run in store.runs(made.jobs()) if run.arm == arm]


@pytest.mark.parametrize("asked", ["?resize=28", "?resize=28&grey"])
def test_a_training_image_of_ones_own_is_seen_as_in_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """The network is given exactly the same input: light ground, transparency and size are made the same of."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    place, rng = f"{tmp_path / 'photos'}{asked}", np.random.default_rng(0)
    for number, shade in enumerate(rng.integers(128, 256, (8, 40, 50, 4), np.uint8)):
        path = tmp_path / "photos" / ("train", "test")[number % 2] / ("cat", "dog")[number // 4] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(shade).save(path)
    data, fields = normlab.load(place), {"dataset": place, "epochs": 1, "engine": "eager", "name": "s"}
    finished(tmp_path / "out", design(norms=["bn"], l1=[0.0], seeds=[0], **fields), data)
    paths = sorted((tmp_path / "photos" / "train").glob("*/*.png"))
    np.testing.assert_array_equal(np.stack([as_trained(each, data).pixels for each in paths]), data.train_images)
    found = normlab.predict("s", paths, out=tmp_path / "out")
    (run,) = runs(tmp_path / "out", "bn")
    with torch.inference_mode():
        said = trained_network(run)(network_input(data.train_images, data, "standardize")).softmax(1).max(1).values
    # the input is the same to the bit; what PyTorch computes of it in two calls may differ in the last one
    np.testing.assert_allclose([each.guesses[0].probability for each in found], said.numpy(), rtol=3e-7)


@pytest.mark.long
def test_images_of_ones_own_in_an_array_were_no_pictures(
    mnist: Dataset, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A photograph is made one of them as of a data set with a name, and what was done is told."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    some = (slice(0, 300), slice(0, 100))
    arrays = {"x_train": mnist.train_images[some[0], 0], "y_train": mnist.train_labels[some[0]]}
    arrays |= {"x_test": mnist.test_images[some[1], 0], "y_test": mnist.test_labels[some[1]]}
    np.savez(tmp_path / "digits.npz", **arrays)
    fields = {"dataset": str(tmp_path / "digits.npz"), "epochs": 1, "engine": "eager", "name": "s"}
    finished(tmp_path / "out", design(norms=["bn"], l1=[0.0], seeds=[0], **fields), normlab.load(fields["dataset"]))
    (found,) = normlab.predict("s", [project / "0.png"], out=tmp_path / "out")
    assert [note.partition(":")[0] for note in found.notes] == [
        "inverted",
        "cut to its ink and centred, as the training images are",
    ]


def test_the_command_prints_the_answer_first_and_json(project: Path) -> None:
    """A line with the class, then a line for each arm; JSON has the same."""
    line = ["predict", "s", str(project / "0.png"), "--project", str(project / "out")]
    told = CliRunner().invoke(app, line)
    assert told.exit_code == 0
    assert told.output.splitlines()[0].startswith(f"{project / '0.png'}: 7 (")
    said = json.loads(CliRunner().invoke(app, [*line, "--arm", "bn", "--format", "json"]).output)
    assert [guess["arm"] for guess in said["pictures"][0]["guesses"]] == ["bn"]
    assert said["pictures"][0]["label"] == "7"


def test_what_cannot_be_predicted_is_told(project: Path) -> None:
    """No picture, a file that is none, an arm or a study that is not there."""
    out = project / "out"
    with pytest.raises(SpecError, match="at least one picture"):
        normlab.predict("s", [], out=out)
    with pytest.raises(DataError, match="not there"):
        normlab.predict("s", [project / "none.png"], out=out)
    with pytest.raises(UnknownName, match="bn, ln"):
        normlab.predict("s", [project / "0.png"], arm="gn", out=out)
    with pytest.raises(StoreError):
        normlab.predict("other", [project / "0.png"], out=out)
