"""An image and what each preprocessing makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from rich.console import ConsoleRenderable

from normlab.data.datasets import Dataset
from normlab.data.prepare import pixels
from normlab.errors import DataError, SpecError, UnknownName
from normlab.explanation.images import terminal
from normlab.explanation.images.example import EXAMPLE
from normlab.explanation.images.facts import ImageFacts, Pixels, Treated
from normlab.explanation.preprocessings import PREPROCESSINGS
from normlab.explanation.shown import Shown
from normlab.spec import Preprocess


class ImageExplanation(Shown, ImageFacts):
    """An image's facts as they are shown: `print` shows them, and so does a notebook."""

    def parts(self) -> Iterator[ConsoleRenderable]:
        """What is printed, from top to bottom."""
        return terminal.parts(self)

    def save(self, path: str | Path) -> Path:
        """Write it with its charts as one page; raises `StoreError` when it cannot be written."""
        from normlab.explanation.images.sheet import sheet
        from normlab.explanation.sheet import write

        return write(sheet(self), Path(path))


def explain_image(kinds: Sequence[str] = (), data: Dataset | None = None, image: int | None = None) -> ImageExplanation:
    """What preprocessings make of an image.

    Args:
        kinds: their names; all if empty.
        data: the data set that the image is of; without one it is the example with levels from 20 to 100.
        image: its place among the test images of `data`, the first if left out.

    Raises:
        UnknownName: no preprocessing is called so.
        SpecError: an image is asked for, but no data set.
        DataError: there is no such image, or `equalize` and `clahe` lack scikit-image.
    """
    for kind in kinds:
        if kind not in PREPROCESSINGS:
            raise UnknownName("preprocessing", str(kind), PREPROCESSINGS)
    if data is None and image is not None:
        raise SpecError("image: of which data set? Give data, for instance normlab.load('mnist')")
    wanted = [kind for kind in PREPROCESSINGS if kind == "none" or kind in kinds or not kinds]
    name, stored, mean, std, of = _example() if data is None else _of(data, image or 0)
    return ImageExplanation(name, stored, mean, std, of, tuple(_treat(kind, stored, mean, std) for kind in wanted))


Named = tuple[str, Pixels, tuple[float, ...], tuple[float, ...], str]
"""What an image is called, its pixels, mean and std of each channel, and whose those are."""


def _example() -> Named:
    shares = EXAMPLE / 255
    return (
        "The example with levels from 20 to 100",
        EXAMPLE,
        (shares.mean().item(),),
        (shares.std().item(),),
        "the image",
    )


def _of(data: Dataset, image: int) -> Named:
    count = len(data.test_labels)
    if not 0 <= image < count:
        raise DataError(f"image {image} is not there: the test images of {data.name} are 0 to {count - 1}")
    name = f"{data.name}'s test image {image}, of class {data.classes[data.test_labels[image]]}"
    return name, data.test_images[image], data.mean, data.std, "the training images"


def _treat(kind: Preprocess, stored: Pixels, mean: Sequence[float], std: Sequence[float]) -> Treated:
    changed = pixels(stored[None], kind)[0]
    seen = changed / 255
    if kind == "standardize":
        centre, spread = (np.reshape(values, (-1, 1, 1)) for values in (mean, std))
        seen = (seen - centre) / spread
    return Treated(kind, changed, seen)
