"""Models and norms of installed packages: a real one, as pip leaves it on the search path."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from torch import nn

from normlab.errors import NetworkError, OwnCodeError, SpecError, UnknownName
from normlab.imports import entry_points
from normlab.models import build, known
from normlab.models.jobs import job_of
from normlab.models.untrained import Untrained
from normlab.norms import Slot, names, resolve
from normlab.spec import Recipe, design

CODE = """
from torch import nn
from normlab import Slot

def tiny(norm, *, dropout, shape, classes, width=4):
    if width < 0:
        raise ValueError("a width below zero")
    middle = norm(Slot("norm1", width, shape[1:], groups=2))
    return nn.Sequential(nn.Conv2d(shape[0], width, 1), middle, nn.Flatten(), nn.LazyLinear(classes))

class HalfNorm(nn.BatchNorm2d):
    pass

def half(slot):
    return HalfNorm(slot.channels, momentum=0.5)
"""
POINTS = """
[normlab.models]
tiny = plugged_in:tiny
lean = plugged_in:tiny

[normlab.norms]
half = plugged_in:half
bn = plugged_in:half
gone = plugged_out:half
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder that the package is installed in."""
    about = tmp_path / "plugged_in-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged-in\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    (tmp_path / "plugged_in.py").write_text(CODE.replace("nn.LazyLinear(classes)", "nn.Linear(4 * 784, classes)"))
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("plugged_in", None)


def test_their_names_stand_beside_normlabs_own() -> None:
    """Those of normlab's own stand there once."""
    assert known().count("lean") == known().count("tiny") == 1
    assert names.known().count("bn") == names.known().count("half") == 1


def test_a_study_takes_them_like_others() -> None:
    """A model with its arguments, and a norm in any model's slots."""
    study = design(norms=["bn", "half"], l1=[0.0], seeds=[0], model="tiny", set={"model_args": {"width": 4}})
    networks = [network for _, network in Untrained(study).checked()]
    assert [type(network[1]).__name__ for network in networks] == ["BatchNorm2d", "HalfNorm"]  # type: ignore[index]
    assert type(build(job_of(Recipe(norm="half"), 0)).get_submodule("norm1")).__name__ == "HalfNorm"


def test_a_name_of_normlabs_own_keeps_its_meaning() -> None:
    """No package changes what `lean` or `bn` are, nor what runs of them are known by."""
    assert type(resolve("bn")(Slot("norm", 4, None, None))) is nn.BatchNorm2d
    assert len(list(build(job_of(Recipe(model="lean"), 0)).children())) > 4
    assert job_of(Recipe(), 0).code == ""


def test_their_code_is_part_of_what_a_run_is_known_by(site: Path) -> None:
    """Of the model, and of the norm."""
    recipes = [Recipe(model="tiny", norm="ln"), Recipe(norm="half"), Recipe(model="tiny", norm="half")]
    before = [job_of(recipe, 0) for recipe in recipes]
    assert all(job.code for job in before)
    (site / "plugged_in.py").write_text(CODE + "# another version\n")
    assert all(job_of(recipe, 0).key != job.key for recipe, job in zip(recipes, before, strict=True))


def test_what_they_raise_is_told_with_their_own_lines() -> None:
    """As of any code that is not normlab's."""
    with pytest.raises(OwnCodeError, match=r"model plugged_in:tiny: its code raised ValueError: a width") as caught:
        build(job_of(Recipe.model_validate({"model": "tiny", "model_args": {"width": -1}}), 0))
    assert 'raise ValueError("a width below zero")' in caught.value.details


def test_what_is_not_there_is_told() -> None:
    """A module that is gone, an argument that the model does not take, a name that nobody has registered."""
    with pytest.raises(NetworkError, match="norm gone: plugged_out:half cannot be imported: ModuleNotFoundError"):
        resolve("gone")
    with pytest.raises(SpecError, match="model_args: tiny takes no argument depth; it takes width"):
        build(job_of(Recipe.model_validate({"model": "tiny", "model_args": {"depth": 1}}), 0))
    with pytest.raises(UnknownName, match="did you mean tiny"):
        build(job_of(Recipe(model="tinny"), 0))


def test_packages_in_the_current_folder_register_nothing(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies there by chance is not installed."""
    monkeypatch.chdir(site)
    assert "tiny" not in entry_points("normlab.models")
