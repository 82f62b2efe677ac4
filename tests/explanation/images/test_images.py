from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlab.data import Dataset
from normlab.errors import DataError, Disagreement, SpecError, UnknownName
from normlab.explanation.images import ImageExplanation, charts, explain_image, explained
from normlab.explanation.images.explained import Treated
from normlab.explanation.images.words import levels, pixel, spelled
from normlab.explanation.preprocessings import PREPROCESSINGS
from normlab.spec import PREPROCESSES


@pytest.fixture(scope="module")
def digit(mnist: Dataset) -> ImageExplanation:
    """A real digit, treated in every way."""
    return explain_image((), mnist, 1234)


def test_levels_from_20_to_100_are_stretched_to_the_full_range() -> None:
    """The course's example of image normalization: distances keep their proportions."""
    stretched = explain_image(["stretch"]).treated[1]
    assert [int(level) for level in np.unique(stretched.levels)] == [0, 32, 64, 128, 191, 255]


def test_equalizing_is_something_else() -> None:
    """A level becomes its share of pixels, (F − F(min)) / (1 − F(min)), so distances change."""
    found = explain_image(["equalize"])
    shares = {level: (found.image <= level).mean() for level in (20, 30, 40, 60, 80, 100)}
    wanted = [int(255 * (share - shares[20]) / (1 - shares[20]) + 0.5) for share in shares.values()]
    assert [int(level) for level in np.unique(found.treated[1].levels)] == wanted == [0, 85, 170, 213, 234, 255]


def test_every_preprocessing_is_worked_for_a_digit(digit: ImageExplanation) -> None:
    """Each in the terminal's text, with the arithmetic of one pixel and a table of levels."""
    text = str(digit)
    assert [treated.kind for treated in digit.treated] == list(PREPROCESSINGS)
    assert all(f"  {kind}: " in text for kind in PREPROCESSINGS)
    assert "(201 / 255 − 0.1307) / 0.3081 = 2.134162" in text
    assert "equalize: (691 − 594) / (784 − 594) = 0.510526, level 130 of 255" in text


def test_the_terminals_numbers_are_the_pixels(digit: ImageExplanation) -> None:
    """The pixel that is worked out has the level that the arithmetic begins with."""
    at = pixel(digit)
    assert digit.image[at] == 201
    assert spelled(digit, digit.treated[0]) == "201 / 255 = 0.788235"


@settings(max_examples=40)
@given(st.lists(st.integers(0, 255), min_size=16, max_size=16))
def test_any_image_has_arithmetic_that_agrees(values: list[int]) -> None:
    """The level that a formula gives is the one that scikit-image gives; else the difference would be raised."""
    pixels = np.array(values, np.uint8).reshape(1, 4, 4)
    treated = tuple(explained._treat(kind, pixels, (0.5,), (0.25,)) for kind in PREPROCESSINGS)
    found = ImageExplanation("any", pixels, (0.5,), (0.25,), "nobody", treated)
    for each in treated:
        assert spelled(found, each)
    assert levels(found)[1]


def test_a_level_that_the_formula_does_not_give_is_not_shown(digit: ImageExplanation) -> None:
    """Neither is silently believed."""
    wrong = Treated("equalize", digit.image, digit.image / 255)
    with pytest.raises(Disagreement, match="is not level 201"):
        spelled(digit, wrong)


@pytest.mark.slow
def test_the_page_is_whole(digit: ImageExplanation, tmp_path: Path) -> None:
    """Five pictures, histograms and cumulative curves."""
    text = digit.save(tmp_path / "image.html").read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert text.count('<img src="data:') == 5
    assert text.count('class="chart"') == 2


def test_an_image_that_is_not_there_is_told_with_those_that_are(mnist: Dataset) -> None:
    """The range stands in the message."""
    for index in (10_000, -1):
        with pytest.raises(DataError, match="are 0 to 9999"):
            explain_image((), mnist, index)


def test_an_unknown_preprocessing_is_told_with_those_there_are() -> None:
    """The nearest first."""
    with pytest.raises(UnknownName, match="did you mean stretch"):
        explain_image(["strech"])


@pytest.mark.long
def test_images_are_explained_without_pytorch() -> None:
    """NumPy and scikit-image are enough."""
    code = "import sys; from normlab.explanation.images import explain_image; print(explain_image()); "
    done = subprocess.run(
        [sys.executable, "-c", code + "sys.exit('torch' in sys.modules)"], capture_output=True, check=False
    )
    assert done.returncode == 0


def test_what_is_explained_is_what_studies_can_do() -> None:
    """Every preprocessing of a study, and no other."""
    assert sorted(PREPROCESSINGS) == sorted(PREPROCESSES)


def test_each_channel_is_standardized_by_its_own_mean() -> None:
    """A colour image has three."""
    pixels = np.arange(48, dtype=np.uint8).reshape(3, 4, 4)
    treated = explained._treat("standardize", pixels, (0.1, 0.2, 0.3), (1.0, 2.0, 4.0))
    assert treated.seen[2] == pytest.approx((pixels[2] / 255 - 0.3) / 4)


def test_cumulative_curves_step_where_the_values_are() -> None:
    """A quarter of the example's pixels have level 20, half have at most 30."""
    rows = charts.shares(explain_image(["stretch"]).treated[0])
    shares = {round(255 * row["low"]): row["share"] for row in rows[1:-1]}
    assert shares == {20: 0.25, 30: 0.5, 40: 0.75, 60: 0.875, 80: 0.9375, 100: 1.0}


def test_an_image_needs_its_data_set() -> None:
    """A number alone names none."""
    with pytest.raises(SpecError, match="of which data set"):
        explain_image(image=3)
