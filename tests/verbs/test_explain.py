from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from makers import maker
from own_images import noise, write_folders
from projects import finished, kept
from torch import nn

from normlab.data import Dataset, load
from normlab.errors import DataError, Disagreement, SpecError, StoreError, UnknownName
from normlab.explanation.layers import LayerExplanation, layer
from normlab.models.registry import trained_network
from normlab.spec import Study, design
from normlab.store import Store
from normlab.verbs import networks
from normlab.verbs.explain import explain_layer
from normlab.verbs.projects import SPEC

pytestmark = pytest.mark.slow  # a network of each kind of norm is trained for them

NORMS = ["bn", "ln", "gn", "in", "ln-c", "ln-chw", "rms", "none"]
NORMS += ["gbn:16", "brn:1", "frn", "dyt", "evonorm-s0", "ws+gn:2"]


@pytest.fixture(scope="module")
def study() -> Study:
    """Every kind of norm, on little data."""
    return design(
        norms=NORMS, l1=[0.0], seeds=[3, 4], recipe="course", epochs=1, train_images=256, holdout=500, engine="eager"
    )


@pytest.fixture(scope="module")
def folder(study: Study, mnist: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study, its first seed finished."""
    return finished(tmp_path_factory.mktemp("studies"), study, mnist, (3,))


@pytest.fixture(scope="module")
def found(folder: Path) -> LayerExplanation:
    """The third norm and held-out image 42."""
    return explain_layer(folder, "norm3", 42)


@pytest.mark.long
def test_each_network_is_explained_by_its_own_numbers(found: LayerExplanation, study: Study) -> None:
    """One for each norm, all on one seed, with an image that the study judges by."""
    assert [each.name for each in found.layers] == [arm.name for arm in study.arms]
    assert "seed 3" in found.origin
    assert all(each.x.shape == each.y.shape == (16, 10, 10) for each in found.layers)
    assert min(each.probability for each in found.layers) > 0


@pytest.mark.long
def test_what_leaves_is_what_the_network_computes(
    found: LayerExplanation, folder: Path, study: Study, mnist: Dataset
) -> None:
    """The rest of the network makes of it what the whole network makes of the image, in float32."""
    with Store.reading(folder.parent) as store:
        jobs = [job for job in maker(study, "eager", mnist.digest).jobs() if job.seed == 3]
        records = {run.arm: run for run in store.runs(jobs)}
    for each in found.layers:
        model = trained_network(records[each.name])
        assert isinstance(model, nn.Sequential)
        names = [name for name, _ in model.named_children()]
        rest = model[names.index("norm3") + 1 :]
        with torch.no_grad():
            scores = rest(torch.from_numpy(each.y[None]).float())[0].softmax(0).numpy()
        assert scores == pytest.approx(records[each.name].probabilities[42], abs=1e-4)


def test_each_norm_subtracts_what_it_is_called_after(found: LayerExplanation) -> None:
    """Layer norm one number for all channels, group norm one a group, instance norm each channel's own mean."""
    mean = {each.name: each.mean for each in found.layers}
    own = {each.name: each.x.mean((1, 2)) for each in found.layers}
    assert len(set(mean["ln"])) == 1
    assert len(set(mean["gn"])) == 2
    assert mean["in"] == pytest.approx(own["in"])
    assert not np.allclose(mean["bn"], own["bn"], rtol=1e-3)
    assert np.isnan(mean["ln-c"]).all()
    assert (mean["rms"] == 0).all()
    assert (mean["frn"] == 0).all()
    assert (mean["dyt"] == 0).all()
    assert (mean["evonorm-s0"] == 0).all()
    assert not np.allclose(mean["gbn:16"], own["gbn:16"], rtol=1e-3)


def test_the_terminal_has_everything(found: LayerExplanation) -> None:
    """The image, two distributions, the channels of each norm, and one value's arithmetic."""
    text = str(found)
    assert all(arm in text for arm in NORMS)
    assert text.count("The largest value") == len(NORMS) - 1
    assert "Before the norm" in text
    assert "These are running statistics" in text
    assert "In training mode, beside 127 other images" in text
    assert "In training mode, beside 15 other images" in text
    assert all(f" · {word}(" in text for word in ("tanh", "sigmoid"))
    assert "varies" in text
    assert "█" in text


@pytest.mark.long
def test_the_page_is_whole(found: LayerExplanation, tmp_path: Path) -> None:
    """Charts, maps of all channels before and after, and a table for each norm with numbers."""
    text = found.save(tmp_path / "layer.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count('class="chart"') == 3
    assert text.count("<b>channel 16</b>") == 2 * len(NORMS)
    assert text.count("what each channel is moved and scaled by") == 2 * (len(NORMS) - 1)


def test_only_norms_that_are_asked_for_are_shown(folder: Path) -> None:
    """In the order of the study."""
    assert [each.name for each in explain_layer(folder, "norm1", norms=["ln", "bn"]).layers] == ["bn", "ln"]


@pytest.mark.parametrize(
    ("layer_name", "more", "error", "words"),
    [
        ("norm9", {}, UnknownName, "norm1, norm2, norm3, norm4, norm5"),
        ("conv1", {}, UnknownName, "layers are norm1"),
        (None, {}, SpecError, "It has norm1, norm2"),
        ("norm1", {"image": 500}, DataError, "held-out images are 0 to 499"),
        ("norm1", {"image": -1}, DataError, "held-out images are 0 to 499"),
        ("norm1", {"norms": ["gn:4"]}, UnknownName, "norms are bn, brn:1, dyt"),
        ("norm1", {"seed": 4}, StoreError, "are all finished: 3, asked for 4"),
        ("norm1", {"seed": 9}, StoreError, "asked for 9; name some of the norms, or finish the study"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    folder: Path, layer_name: str | None, more: dict[str, object], error: type[Exception], words: str
) -> None:
    """In one line, with the valid choices."""
    with pytest.raises(error, match=words) as caught:
        explain_layer(folder, layer_name, **more)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def test_a_folder_without_a_study_is_told(tmp_path: Path) -> None:
    """As every command that reads one does."""
    with pytest.raises(StoreError, match="no study"):
        explain_layer(tmp_path, "norm1")


def test_a_network_that_computes_something_else_is_not_explained(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The captured output is compared, not shown in good faith."""
    real = layer.passage

    def spoiled(*given: object) -> object:
        passed = real(*given)  # type: ignore[arg-type]
        return replace(passed, y=passed.y + 1e-6)

    monkeypatch.setattr(layer, "passage", spoiled)
    with pytest.raises(Disagreement, match="output of norm1"):
        explain_layer(folder, "norm1", norms=["bn"])


BASE = {"l1": [0.0], "epochs": 1, "train_images": 128, "holdout": 250, "engine": "eager"}


def test_the_newest_study_that_compares_norms_is_taken(mnist: Dataset, tmp_path: Path) -> None:
    """Of the model and the images, with the norms that are asked for; folders of something else are passed over."""
    assert networks.newest(tmp_path, "lean") is None
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / SPEC).write_bytes(b"not a study")
    both = finished(tmp_path, design(norms=["bn", "ln"], name="both", seeds=[0], **BASE), mnist)
    single = finished(tmp_path, design(norms=["rms"], name="single", seeds=[0], **BASE), mnist)
    os.utime(single / SPEC, (time.time() + 60,) * 2)
    assert networks.newest(tmp_path, "lean") == both
    assert networks.newest(tmp_path, "lean", ["rms"]) == single
    assert networks.newest(tmp_path, "lean", ["in"]) is None
    assert networks.newest(tmp_path, "course") is None
    assert networks.newest(tmp_path, "lean", dataset="fashion-mnist") is None
    assert networks.newest(tmp_path, "lean", seed=7) is None


def test_a_study_of_own_images_is_found_by_their_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is given on the command line, where the study has the whole one."""
    monkeypatch.setenv("NORMLAB_DATA", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    place = write_folders(tmp_path / "photos", noise(side=28))
    study = design(dataset=str(place), norms=["bn", "ln"], name="mine", seeds=[0], l1=[0.0], epochs=1, engine="eager")
    folder = finished(tmp_path / "out", study, load(str(place)))
    assert networks.newest(tmp_path / "out", "lean", dataset="photos") == folder
    assert networks.newest(tmp_path / "out", "lean", dataset="photos?grey") is None


def test_a_study_that_is_not_finished_is_passed_over(mnist: Dataset, tmp_path: Path) -> None:
    """Where no seed has all its norms, an older study that has is shown, and the rest of the newer one by name."""
    whole = finished(tmp_path, design(norms=["bn", "ln"], name="whole", seeds=[0], **BASE), mnist)
    study = design(norms=["bn", "ln"], name="begun", seeds=[5, 6], **BASE)
    made = maker(study, "eager", mnist.digest)
    begun = kept(tmp_path, study, mnist, [made.job(arm, seed) for arm, seed in zip(study.arms, (5, 6), strict=True)])
    os.utime(begun / SPEC, (time.time() + 60,) * 2)
    assert networks.newest(tmp_path, "lean") == whole
    assert networks.newest(tmp_path, "lean", ["ln"]) == begun
    with pytest.raises(StoreError, match="name some of the norms, or finish the study: normlab compare"):
        explain_layer(begun, "norm1")


def test_an_arm_without_a_penalty_stands_for_its_norm(mnist: Dataset, tmp_path: Path) -> None:
    """Where a norm was trained with and without, whichever came first."""
    study = design(norms=["bn"], l1=[1e-3, 0.0], seeds=[0], epochs=1, train_images=128, holdout=250, engine="eager")
    assert [each.name for each in explain_layer(finished(tmp_path, study, mnist), "norm1").layers] == ["bn"]
