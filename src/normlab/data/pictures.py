"""From an image file to pixels: what its header says, and its planes in the form that all images are to have.

Colours that are all grey in a palette are grey; transparency is left out; 16 bits become 8; a photograph that says by
its EXIF data how it was held is turned upright. A resized image keeps its proportions: the middle square of it is
scaled to N×N with an antialiasing filter.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from normlab.data.layouts import Picture

Plane = NDArray[np.uint8]
"""One image, (C, H, W)."""

GREY = {"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "F"}
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns an image upright, by its orientation; 1 is."""
SIDEWAYS = {5, 6, 7, 8}
ORIENTATION = 0x0112
BROKEN = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, NotImplementedError),
    *(struct.error, zlib.error),
)
"""What Pillow's decoders raise of files that were changed at random."""


@dataclass(frozen=True)
class Form:
    """What all images have in common."""

    channels: int
    height: int
    width: int


class BadImage(Exception):
    """An image that cannot be read; it says why."""


@contextmanager
def guarded() -> Iterator[None]:
    """Pillow's warning of a decompression bomb is an error meanwhile, in all threads; its others are left aside."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def form(picture: Picture) -> Form:
    """What an image's header says of it once it is upright; raises `BadImage`."""
    with opened(picture) as image:
        width, height = image.size[::-1] if _turned(image) in SIDEWAYS else image.size
        return Form(1 if _grey(image) else 3, height, width)


def pixels(picture: Picture, wanted: Form) -> Plane:
    """An image in the form that all have: turned, cut and scaled, in grey or colours; raises `BadImage`."""
    with opened(picture) as image:
        return planes(_converted(upright(image), wanted.channels), wanted)


def resized(array: Plane, wanted: Form) -> Plane:
    """The pixels of an image in another form."""
    image = Image.fromarray(array[0] if len(array) == 1 else np.ascontiguousarray(array.transpose(1, 2, 0)))
    return planes(_converted(image, wanted.channels), wanted)


def planes(image: Image.Image, wanted: Form) -> Plane:
    """An image that has the right colours already, cut and scaled."""
    size = (wanted.width, wanted.height)
    fitting = image if image.size == size else ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    array = np.asarray(fitting)
    return array[np.newaxis] if array.ndim == 2 else array.transpose(2, 0, 1)


@contextmanager
def opened(picture: Picture) -> Iterator[Image.Image]:
    """An image as Pillow has it; whatever is found wrong with it meanwhile is a `BadImage`."""
    content = picture.content
    try:
        if not (content if isinstance(content, bytes) else content.stat().st_size):
            raise BadImage("empty")
        with Image.open(io.BytesIO(content) if isinstance(content, bytes) else content) as image:
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BadImage(f"huge: more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise BadImage("no image") from None
    except FileNotFoundError:
        raise BadImage("not there") from None
    except BROKEN as error:
        raise BadImage(f"broken: {error}") from None


def _turned(image: Image.Image) -> int:
    """Its orientation as EXIF counts, where the header has one that can be read: 1 is upright."""
    try:
        return int(image.getexif().get(ORIENTATION, 1)) if "exif" in image.info else 1
    except BROKEN:  # what is said of a photograph is broken, and its pixels are not
        return 1


def upright(image: Image.Image) -> Image.Image:
    """As its camera held it; `ImageOps.exif_transpose` also writes EXIF data, and not all can be written."""
    way = UPRIGHT.get(_turned(image))
    return image if way is None else image.transpose(way)


def _grey(image: Image.Image) -> bool:
    if image.mode != "P":
        return image.mode in GREY
    colours = np.asarray(image.getpalette("RGB"), np.uint8).reshape(-1, 3)
    return bool((colours == colours[:, :1]).all())


def eight_bits(image: Image.Image) -> Image.Image:
    """An image with pixels from 0 to 255; raises `BadImage` for fractions."""
    if image.mode == "F":
        raise BadImage("broken: pixels are fractions, and 0 to 255 is expected")
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    return image


def _converted(image: Image.Image, channels: int) -> Image.Image:
    image = eight_bits(image)
    if image.mode == "P":
        image = image.convert("RGBA")  # a palette may have transparent colours
    wanted = "L" if channels == 1 else "RGB"
    return image if image.mode == wanted else image.convert(wanted)
