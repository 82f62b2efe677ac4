from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from normlab.analysis.mistakes import of_arm, of_run
from normlab.records import Comparison
from normlab.report import images

if TYPE_CHECKING:
    from comparisons import Make


def opened(uri: str) -> Image.Image:
    """The picture within a data address."""
    kind, _, payload = uri.partition(",")
    assert kind == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(payload)))


@given(st.sampled_from([1, 3]), st.integers(1, 9), st.integers(1, 9), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_a_thumbnail_keeps_every_pixel(channels: int, height: int, width: int, scale: int, seed: int) -> None:
    """Grey and colour images come back as they were, each pixel repeated `scale` times."""
    image = np.random.default_rng(seed).integers(0, 256, (channels, height, width), dtype=np.uint8)
    back = np.asarray(opened(images.data_uri(image, scale)))
    back = back[None] if channels == 1 else np.moveaxis(back, -1, 0)
    assert np.array_equal(back[:, ::scale, ::scale], image)
    assert back.shape == (channels, height * scale, width * scale)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("error", [0.0, 0.004, 0.05])
@pytest.mark.slow
def test_the_grid_is_a_png_however_many_mistakes(make: Make, channels: int, error: float) -> None:
    """None, fewer than ten and more than ten mistakes give a picture, the taller the more rows it has."""
    comparison = make(arms=[{"norm": "bn"}], seeds=1, epochs=1, errors={"bn": error}, channels=channels)
    picture = Image.open(io.BytesIO(images.grid_png(comparison, comparison.runs[0], scale=1)))
    rows = -(-min(10, of_run(comparison, comparison.runs[0]).ever) // 5)
    assert picture.format == "PNG"
    assert rows * images.ROW <= picture.height < (rows + 1) * images.ROW


def test_the_grid_tells_class_probability_and_index(six: Comparison) -> None:
    """Below each image: true → predicted, the probability and the place among the test images."""
    gallery = of_run(six, six.runs[0])
    (rows,) = images.grid(gallery).to_dict()["datasets"].values()
    for row, mistake in zip(rows, gallery.mistakes, strict=True):
        assert row["confusion"] == f"{mistake.true} → {mistake.predicted}"
        assert row["note"] == f"p = {mistake.probability:.2f}, #{mistake.index}"


def test_a_gallery_counts_its_mistakes(make: Make, six: Comparison) -> None:
    """One run, several runs and no mistake each have their sentence."""
    none = make(arms=[{"norm": "bn"}], seeds=1, errors={"bn": 0.0})
    run = six.runs[0]
    wrong = run.final.judged_images - run.final.judged_correct
    assert images.sentence(of_run(none, none.runs[0])) == "No mistake on 1,000 test images."
    assert images.sentence(of_run(six, run)).startswith(f"{wrong} of 10,000 test images are wrong;")
    assert "are missed by some run" in images.sentence(of_arm(six, "bn"))
