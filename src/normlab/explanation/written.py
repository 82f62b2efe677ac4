"""The reader's own tensor, γ and β as they are written in options: numbers, a shape, or the name of a .npy file."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from normlab import files
from normlab.errors import SpecError
from normlab.explanation.tensor import SHAPE, bounded, checked, why

NO_ARRAY = (
    *(ValueError, EOFError, LookupError, TypeError, SyntaxError),
    *(TokenError, RecursionError, MemoryError, OverflowError, BadZipFile),
)
"""What numpy raises of a file that is none: the header is read as an expression of Python, and may be a zip's."""


def read(values: str | None, shape: str | None) -> NDArray[np.float64] | None:
    """What `--values` and `--shape` stand for, float64 (N, C, H, W); None where neither is given.

    Args:
        values: numbers, `;` between channels and `/` between images; or the name of a .npy file.
        shape: `N,C,H,W`. Left out, planes are square where their values allow it, one row otherwise; given alone, it
            is filled with small whole numbers, always the same ones.

    Raises `SpecError`: text where numbers belong, numbers that do not fill the shape, a file that cannot be read.
    """
    sizes = None if shape is None else _sizes(shape)
    if values is None:
        return None if sizes is None else filled(sizes)
    if values.endswith(".npy"):
        return checked(_of_file(Path(values), sizes), values)
    return _of_text(values, sizes)


def filled(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Whole numbers from −3 to 6, the same for the same shape."""
    bounded(shape, "--shape")
    return np.random.default_rng(0).integers(-3, 7, shape).astype(np.float64)


def _sizes(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 4 or not all(re.fullmatch("[0-9]{1,6}", part) and int(part) for part in parts):
        raise SpecError(f"--shape: expected {SHAPE}, got {text!r}")
    return tuple(int(part) for part in parts)


def _of_text(text: str, shape: tuple[int, ...] | None) -> NDArray[np.float64]:
    if not text.strip():
        raise SpecError("--values: expected numbers or a .npy file, got nothing")
    images = [[_numbers(plane) for plane in image.split(";") if plane.strip()] for image in text.split("/")]
    numbers = [number for image in images for plane in image for number in plane]
    wanted = shape or _guessed(images)
    if math.prod(wanted) != len(numbers):
        raise SpecError(
            f"--values: shape {','.join(map(str, wanted))} has {math.prod(wanted)} cells, got {len(numbers)} numbers"
        )
    return checked(np.array(numbers).reshape(wanted), "--values")


def affine(option: str, text: str | None) -> NDArray[np.float64] | None:
    """γ or β from an option's text, float64 (numbers,); `SpecError` for text where numbers belong."""
    if text is None:
        return None
    return np.array([_number(word, option, 'for instance 1 or "1 0.5 2"') for word in text.replace(",", " ").split()])


def _numbers(text: str) -> list[float]:
    if re.search(r"\d,\d", text) and re.search(r"\d\s+[-+−.\d]", text):
        raise SpecError(f"--values: {text.strip()!r} has commas in numbers; write a decimal point, as in 1.5")
    way = """';' between channels and '/' between images, for instance "4 4 3 5; -2 2 4 6", or a .npy file"""
    return [_number(word, "--values", way) for word in text.replace(",", " ").split()]


def _number(word: str, option: str, way: str) -> float:
    try:
        return float("_" if "_" in word else word.replace("−", "-"))  # Python takes 1_0 for ten
    except ValueError:
        raise SpecError(f"{option}: {word!r} is not a number; expected numbers, {way}") from None


def _guessed(images: Sequence[Sequence[Sequence[float]]]) -> tuple[int, ...]:
    """The shape that the signs between the numbers tell."""
    channels = {len(image) for image in images}
    cells = {len(plane) for image in images for plane in image}
    if len(channels) != 1 or len(cells) != 1:
        lengths = " / ".join("; ".join(str(len(plane)) for plane in image) or "0" for image in images)
        raise SpecError(
            f"--values: every image needs as many channels and every channel as many numbers, got {lengths} numbers;"
            f" or give --shape, {SHAPE}"
        )
    (count,) = cells
    side = math.isqrt(count)
    height, width = (side, side) if side * side == count else (1, count)
    return len(images), channels.pop(), height, width


def _of_file(path: Path, shape: tuple[int, ...] | None) -> NDArray[np.generic]:
    array = _loaded(path)
    if array.dtype.kind not in "fiub":
        raise SpecError(f"--values: {path} holds {array.dtype}, expected real numbers")
    wanted = shape or array.shape
    if len(wanted) != 4 or math.prod(wanted) != array.size:
        raise SpecError(
            f"--values: {path} has shape {','.join(map(str, array.shape)) or '()'}; expected, or give with --shape,"
            f" {SHAPE}, with as many cells"
        )
    bounded(wanted, f"--values: {path}")
    return np.asarray(array).reshape(wanted)


def _loaded(path: Path) -> NDArray[np.generic]:
    """The array of a file, of which nothing is read yet."""
    try:
        files.opened(path).close()  # numpy would wait for a pipe
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise SpecError(f"--values: cannot read {path}: {why(error)}; expected a .npy file of numbers") from None
    except NO_ARRAY:
        array = None
    if not isinstance(array, np.ndarray):
        raise SpecError(f"--values: {path} is not a .npy file of numbers, as numpy.save writes it")
    return array
