"""A picture from anywhere as an image of a data set: colours, background, place and size as its training images have.

Images of a person's own may have been files themselves, and a picture is read as those were. Of a data set with a name,
and of arrays, nobody has the files, and what is done is said, for a photograph of a digit is no image of MNIST: paper
is light where MNIST is black, has shades, and the digit stands anywhere. MNIST's own digits were cut out, scaled to a
box and centred by their mass.

Source of the last: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from normlab.data import Dataset, layouts, pictures
from normlab.data.pictures import BadImage, Form
from normlab.errors import DataError
from normlab.prediction.habits import Habits

Pixels = NDArray[np.uint8]
LIGHT = 128
"""The level (0 to 255) above which a border is light."""
INK = 0.15
"""Of the brightest level: what counts as ink where a picture is cut."""


@dataclass(frozen=True, eq=False)
class Picture:
    """`pixels`, uint8 (C, H, W), and what was done to come to them, in words."""

    pixels: Pixels
    notes: tuple[str, ...]


def picture(path: Path, data: Dataset) -> Picture:
    """A picture file as an image of `data`.

    Raises `DataError` where it is not there, no picture, broken, or too large to be one.
    """
    channels, height, width = data.train_images.shape[1:]
    opened = _opened(path, grey=channels == 1)
    shades = np.asarray(opened, np.float64).reshape(opened.height, opened.width, channels)
    habits, fits = Habits.of(data), shades.shape[:2] == (height, width)
    notes = list[str]()
    if habits.dark and _is_inverted(shades[..., 0], stored=fits):
        shades = 255 - shades
        notes.append("inverted: its background is light, that of the training images dark")
    if habits.box and not fits:
        pixels = _centred(_clean(shades[..., 0]), habits, (height, width))[None]
        cut = "cut to its ink and centred, as the training images are"
        return Picture(pixels, (*notes, cut if pixels.any() else "nothing was found on it"))
    if not fits:
        notes.append(f"{opened.width}×{opened.height} resized to {width}×{height}")
    return Picture(_resized(_square(shades, height / width), (height, width)).transpose(2, 0, 1), tuple(notes))


def as_trained(path: Path, data: Dataset) -> Picture:
    """A picture file read as the files of a person's own images are, of which `data` was made (`Dataset.pictures`).

    Raises `DataError` where it is not there, no picture, broken, or too large to be one.
    """
    channels, height, width = data.train_images.shape[1:]
    file, wanted = layouts.Picture(str(path), path), Form(channels, height, width)
    with _told(path):
        found, pixels = pictures.form(file), pictures.pixels(file, wanted)
    fits = (found.height, found.width) == (height, width)
    return Picture(pixels, () if fits else (f"{found.width}×{found.height} resized to {width}×{height}",))


def _is_inverted(shades: NDArray[np.float64], *, stored: bool) -> bool:
    """Whether what is on a picture (h, w) is darker than what is around it.

    A photograph's paper may be grey, so its background is held against its darkest and brightest shades; an image of
    the size of the data set's, whose things may reach its border, has to have a light border.
    """
    ground = _level(_edge(shades[..., None]))
    darkest, brightest = np.quantile(shades, (0.001, 0.999))
    return ground > LIGHT if stored else bool(ground - darkest > brightest - ground)


def _opened(path: Path, *, grey: bool) -> Image.Image:
    """As its camera held it, what is transparent on white, in grey or RGB."""
    with _told(path), pictures.opened(layouts.Picture(str(path), path)) as file:
        clear = pictures.eight_bits(pictures.upright(file)).convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("L" if grey else "RGB")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What is wrong with a picture, as an error of ours."""
    try:
        with pictures.guarded():
            yield
    except BadImage as error:
        raise DataError(
            f"{path}: expected a picture as PNG and JPEG are, got one that cannot be read: {error}"
        ) from None


def _edge(shades: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outermost pixels of one picture (H, W, C)."""
    return np.concatenate([side.ravel() for side in (shades[0], shades[-1], shades[:, 0], shades[:, -1])])


def _level(values: NDArray[np.float64]) -> float:
    return float(np.median(values))


def _clean(shades: NDArray[np.float64]) -> NDArray[np.float64]:
    """The background's own level taken away, and the brightest at 255."""
    above = np.clip(shades - _level(_edge(shades[..., None])), 0, None)
    top = float(np.quantile(above, 0.999)) if above.size > 1 else 0.0
    return np.clip(above * (255 / top), 0, 255) if top > 0 else above


def _centred(ink: NDArray[np.float64], habits: Habits, size: tuple[int, int]) -> Pixels:
    """The ink of (h, w), scaled to the box of such images and moved so that its mass is where theirs is."""
    from scipy.ndimage import center_of_mass, shift

    height, width = size
    rows, columns = (np.flatnonzero((ink > INK * 255).any(axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros(size, np.uint8)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    factor = habits.box / max(cut.shape)
    tall, wide = (max(1, round(side * factor)) for side in cut.shape)
    small = np.asarray(Image.fromarray(cut.astype(np.uint8)).resize((wide, tall), Image.Resampling.BOX), np.float64)
    plane = np.zeros(size)
    top, left = (height - tall) // 2, (width - wide) // 2
    plane[top : top + tall, left : left + wide] = small
    way = np.subtract(habits.centre, center_of_mass(plane))
    moved = shift(plane, way, order=1)
    return np.asarray(np.clip(np.rint(moved), 0, 255), np.uint8)


def _square(shades: NDArray[np.float64], aspect: float) -> NDArray[np.float64]:
    """The middle of a picture (h, w, C), of the shape height / width."""
    height, width = shades.shape[:2]
    tall, wide = min(height, max(1, round(width * aspect))), min(width, max(1, round(height / aspect)))
    top, left = (height - tall) // 2, (width - wide) // 2
    return shades[top : top + tall, left : left + wide]


def _resized(shades: NDArray[np.float64], size: tuple[int, int]) -> Pixels:
    """(h, w, C) at another size, uint8 (height, width, C); smaller by averages, larger by interpolation."""
    whole = shades.astype(np.uint8)
    if whole.shape[:2] == size:
        return whole
    image = Image.fromarray(whole[..., 0] if whole.shape[2] == 1 else whole)
    smaller = size[0] <= whole.shape[0]
    made = image.resize(size[::-1], Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR)
    return np.asarray(made, np.uint8).reshape(*size, -1)
