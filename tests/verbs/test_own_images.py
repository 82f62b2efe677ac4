"""Studies of a person's own images, from a folder to the report."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from own_images import noise, write_folders

import normlab
from normlab.data import cache
from normlab.errors import DataError, SpecError
from normlab.events import Decoded, Event, ImagesNoted
from normlab.verbs import projects

SIDE = 28
"""The least that the model takes, by a little."""


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of images in three classes and both splits, and a cache of its own."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    return write_folders(tmp_path / "photos", noise(side=SIDE))


def small(photos: Path, out: Path, told: list[Event] | None = None) -> normlab.StudyResult:
    """The smallest study of these images that has a verdict."""
    tell = (told if told is not None else []).append
    options = {"norms": ["bn", "ln"], "l1": [0], "seeds": 2, "epochs": 1, "engine": "eager"}
    return normlab.compare(dataset=str(photos), out=out, workers=1, tell=tell, **options)  # type: ignore[arg-type]


@pytest.mark.training
@pytest.mark.long
def test_a_folder_becomes_a_report_and_the_same_images_elsewhere_are_not_trained_again(
    photos: Path, tmp_path: Path
) -> None:
    """The classes are called as their folders; the report says what was trained on; a copy keeps its runs."""
    told: list[Event] = []
    result = small(photos, tmp_path / "out", told)
    assert any(isinstance(event, Decoded) for event in told)
    assert result.comparison.classes == ("class 0", "class 1", "class 2")
    assert result.comparison.trained == np.bincount(normlab.load(str(photos)).train_labels).tolist()
    assert result.trained == 4
    page = result.report.read_text()
    assert "lean on photos:" in page
    assert "class 2" in page
    again = small(shutil.copytree(photos, tmp_path / "copy"), tmp_path / "out")
    assert (again.kept, again.trained, again.folder.name) == (4, 0, "compare-2")


@pytest.mark.training
def test_one_network_is_trained_on_a_folder_without_a_test_split(photos: Path, tmp_path: Path) -> None:
    """What is judged by is told before, and stands in the report's lede."""
    told: list[Event] = []
    normlab.train("bn", dataset=str(photos / "train"), epochs=1, engine="eager", out=tmp_path / "out", tell=told.append)
    (note,) = [event.line for event in told if isinstance(event, ImagesNoted)]
    assert note == "there are no test images: 20% of each class are set aside and judged by"


COUNTED = """
import numpy as np
from pathlib import Path

def images():
    with Path(__file__).with_suffix(".calls").open("a") as calls:
        calls.write("called\\n")
    labels = np.arange(40) % 2
    pixels = np.random.default_rng(0).integers(0, 256, (40, 28, 28)).astype("u1")
    return pixels, labels, pixels, labels
"""


@pytest.mark.usefixtures("photos")
@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_a_function_is_asked_once_for_what_is_known_and_once_for_the_images(tmp_path: Path) -> None:
    """However many runs and networks a study has."""
    (tmp_path / "mine.py").write_text(COUNTED)
    many = {"norms": ["bn", "ln", "gn:2"], "l1": [0, 1e-4], "seeds": 3}
    normlab.lint(dataset=f"{tmp_path}/mine.py:images", **many)
    assert (tmp_path / "mine.calls").read_text().count("called") == 2
    place = normlab.train("bn", dataset=f"{tmp_path}/mine.py:images", epochs=1, out=tmp_path / "out").folder
    assert (tmp_path / "mine.calls").read_text().count("called") == 4
    assert place.is_dir()


def test_a_relative_path_in_a_file_starts_there(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one in an option where the command is given; both are kept whole."""
    (tmp_path / "study.toml").write_text('[recipe]\ndataset = "photos"\n')
    assert projects.stated(tmp_path / "study.toml", tmp_path, {}).study.recipe.dataset == str(photos)
    monkeypatch.chdir(tmp_path)
    given = projects.stated(None, tmp_path, {"dataset": "photos", "grey": True})
    assert given.study.recipe.dataset == f"{photos}?grey"


def test_trouble_is_told_before_anything_is_trained(photos: Path, tmp_path: Path) -> None:
    """A broken image, a place that is not there, options for images that have a name."""
    broken = next((photos / "train").rglob("*.png"))
    broken.write_bytes(broken.read_bytes()[:30])
    with pytest.raises(DataError, match="1 of 18 images cannot be read"):
        small(photos, tmp_path / "out")
    with pytest.raises(DataError, match="there is no such file or folder"):
        small(tmp_path / "nowhere", tmp_path / "out")
    with pytest.raises(SpecError, match="are for your own images"):
        normlab.compare(resize=14, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_judged_images_are_those_of_the_folder(photos: Path) -> None:
    """In Python as on the command line, `load` takes a path."""
    arrays = noise(side=SIDE)
    order = np.argsort(arrays.test_labels, kind="stable")
    np.testing.assert_array_equal(normlab.load(str(photos)).test_images, arrays.test[order])
