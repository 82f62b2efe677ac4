"""Pictures made images by the page, beside what `normlab predict` makes of the same files."""

from __future__ import annotations

from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from normlab.data import Dataset
from normlab.prediction import Habits, as_trained, picture

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser

MADE = (
    (resources.files("normlab.playground") / "picture.js").read_text("utf-8")
    + """
const [width, height, data, shape, habits] = arguments;
return toImage(toShades({ width, height, data }, shape[0]), shape, habits);
"""
)
Pixels = np.ndarray[Any, np.dtype[np.uint8]]


def made(browser: Chrome, image: Image.Image, data: Dataset) -> tuple[Pixels, list[str]]:
    """What the page makes of a picture, (C, H, W), and what it says of it."""
    shape = data.train_images.shape[1:]
    rgba = np.asarray(image.convert("RGBA")).ravel().tolist()
    habits = asdict(Habits.of(data)) | {"own": data.pictures}
    found: dict[str, Any] = browser.execute_script(MADE, *image.size, rgba, shape, habits)
    return np.array(found["pixels"]).reshape(shape), found["notes"]


def page(size: tuple[int, int], shade: int, ink: int) -> Image.Image:
    """Something like a 4, off centre."""
    paper = Image.new("L", size, shade)
    ways = [(0.3, 0.2), (0.25, 0.5), (0.6, 0.5), (0.55, 0.25), (0.58, 0.8)]
    ImageDraw.Draw(paper).line([(x * size[0], y * size[1]) for x, y in ways], ink, max(2, size[0] // 12), "curve")
    return paper


@pytest.mark.parametrize(
    "drawing", [((280, 280), 255, 0), ((500, 340), 225, 40), ((90, 200), 10, 240), ((40, 17), 110, 60)]
)
def test_a_drawing_is_cut_and_centred_as_by_predict(
    browser: Chrome, mnist: Dataset, tmp_path: Path, drawing: tuple[tuple[int, int], int, int]
) -> None:
    """Dark on light and light on dark, large, long and small: the same pixels, to a level or two."""
    page(*drawing).save(tmp_path / "four.png")
    wanted = picture(tmp_path / "four.png", mnist)
    ours, notes = made(browser, Image.open(tmp_path / "four.png"), mnist)
    assert np.abs(ours - wanted.pixels.astype(float)).max() <= 2
    assert (notes[0] == "inverted") == wanted.notes[0].startswith("inverted")


def test_an_image_of_the_data_set_passes_unchanged(browser: Chrome, mnist: Dataset) -> None:
    """And there is nothing to say of it; on paper it comes back."""
    image = mnist.test_images[0]
    ours, notes = made(browser, Image.fromarray(image[0]), mnist)
    assert (ours == image).all()
    assert notes == []
    ours, notes = made(browser, Image.fromarray(255 - image[0]), mnist)
    assert (ours == image).all()
    assert notes == ["inverted"]


def test_an_empty_page_is_an_empty_image(browser: Chrome, mnist: Dataset) -> None:
    """Nothing is found on it, and that is said."""
    ours, notes = made(browser, Image.new("L", (300, 200), 230), mnist)
    assert not ours.any()
    assert notes[-1] == "nothing was found on it"


def colours(*, pictures: bool) -> Dataset:
    """Images of noise, 24×32 in three colours."""
    images = np.random.default_rng(0).integers(0, 256, (20, 3, 24, 32), np.uint8)
    labels = np.arange(20) % 2
    facts = {"classes": ("cat", "dog"), "mean": (0.5,) * 3, "std": (0.3,) * 3, "digest": "5f", "pictures": pictures}
    return Dataset("noise", images, labels, images, labels, **facts)


@pytest.mark.parametrize("pictures", [False, True])
@pytest.mark.parametrize("size", [(200, 150), (61, 97), (20, 15)])
def test_a_photograph_in_colours_is_resized_as_by_predict(
    browser: Chrome, tmp_path: Path, size: tuple[int, int], *, pictures: bool
) -> None:
    """Larger, upright and smaller, for a data set with a name and for pictures of one's own."""
    data = colours(pictures=pictures)
    rough = np.random.default_rng(1).integers(0, 256, (6, 6, 3), np.uint8)
    Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC).save(tmp_path / "photo.png")
    wanted = (as_trained if pictures else picture)(tmp_path / "photo.png", data)
    ours, _ = made(browser, Image.open(tmp_path / "photo.png"), data)
    assert np.abs(ours - wanted.pixels.astype(float)).max() <= 2
