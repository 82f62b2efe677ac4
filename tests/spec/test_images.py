"""What a recipe's `dataset` says: a name, or a place and how its images are read; and what of it is a part of a run."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import SpecError
from normlab.records import Job
from normlab.spec import Recipe, design
from normlab.spec.images import Images, images, is_name

PLACES = st.text("abc/.-: ,", min_size=1).filter(lambda text: "?" not in text and text.strip())


@given(PLACES, st.integers(0, 1024), st.booleans(), st.booleans())
def test_what_is_written_is_read_back(place: str, resize: int, grey: bool, skip_bad: bool) -> None:
    """A place keeps how its images are read, in one text."""
    wanted = Images(place, resize, grey, skip_bad)
    assert images(str(wanted)) == wanted


@pytest.mark.parametrize("text", ["mnist", "fashion-mnist", "cifar10", "my_set"])
def test_names_are_words(text: str) -> None:
    """Without dots, slashes and question marks."""
    assert is_name(text)
    assert images(text) == Images(text)


@pytest.mark.parametrize("text", ["./photos", "/a/photos", "photos.npz", "photos?grey", "module:name", "C:\\mine"])
def test_places_are_no_names(text: str) -> None:
    """Nor is a name with how its images are to be read."""
    assert not is_name(text)


def test_where_images_lie_is_no_part_of_a_run(tmp_path: Path) -> None:
    """Their content is: the same elsewhere is the same run, something else there is another."""
    one, other = (Recipe(dataset=str(tmp_path / name)) for name in ("here", "there?resize=28"))
    assert one.digest == other.digest
    assert Job(one, 0, data="a").key == Job(other, 0, data="a").key != Job(one, 0, data="b").key
    assert Job(one, 0, data="a").treatment == Job(other, 1, data="a").treatment != Job(one, 0, data="b").treatment


def test_the_digest_of_a_recipe_with_a_name_has_it(tmp_path: Path) -> None:
    """Keys that studies were published with do not change."""
    recipe = Recipe()
    assert json.loads(recipe.text)["dataset"] == "mnist"
    assert recipe.digest == Job(recipe, 0, data="a").treatment == hashlib.sha256(recipe.text.encode()).hexdigest()
    assert recipe.digest not in (Recipe(dataset="fashion-mnist").digest, Recipe(dataset=str(tmp_path)).digest)


def test_how_images_are_read_is_asked_for_by_options() -> None:
    """They go to the place that the study has, or that comes with them."""
    study = design(dataset="./photos", resize=32, grey=True)
    assert study.recipe.dataset == "./photos?resize=32&grey"
    grown = design(study, bad_images="skip", grey=False)
    assert grown.recipe.dataset == "./photos?resize=32&skip-bad"
    assert design(grown, bad_images="fail").recipe.dataset == "./photos?resize=32"


@pytest.mark.parametrize("options", [{"bad_images": "perhaps"}, {"resize": 5000}])
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    """With what is expected."""
    with pytest.raises(SpecError, match=r"expected skip or fail|from 1 to 1,024"):
        design(dataset="./photos", **options)  # type: ignore[arg-type]
