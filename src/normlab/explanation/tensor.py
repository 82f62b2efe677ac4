"""What may be worked: a tensor of images, γ and β, as they come from Python, within bounds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from normlab.errors import SpecError

MOST = 4096
"""Cells of the largest tensor that is worked: nobody reads more."""
LARGEST = 1e9
"""The largest number that is worked."""
SHAPE = "four whole numbers N,C,H,W (images, channels, height, width), for instance 2,3,2,2"


def of(x: ArrayLike) -> NDArray[np.float64]:
    """A tensor from Python, float64 (N, C, H, W); anything that NumPy takes, a PyTorch tensor too."""
    array = _array(x, "x", f"real numbers of {SHAPE}")
    if array.dtype.kind not in "fiub" or array.ndim != 4:
        raise SpecError(f"x: expected real numbers of {SHAPE}, got {array.dtype} of shape {array.shape}")
    return checked(array, "x")


def numbers(given: ArrayLike, name: str) -> NDArray[np.float64]:
    """γ or β as an array; `work` knows how many there may be."""
    array = _array(given, name, "real numbers")
    if array.dtype.kind not in "fiub":
        raise SpecError(f"{name}: expected real numbers, got {array.dtype}")
    return _moderate(array, name)


def _array(given: Any, name: str, expected: str) -> NDArray[np.generic]:
    """What NumPy makes of it; a tensor is taken off its graph and device first."""
    try:
        return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    except (TypeError, ValueError, RuntimeError) as error:
        raise SpecError(f"{name}: expected {expected}: {why(error)}") from None


def why(error: Exception) -> str:
    """What went wrong, in a line."""
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(told).splitlines()[0]


def bounded(shape: tuple[int, ...], where: str) -> None:
    """Raise `SpecError` for a tensor without cells, or with more than anybody reads."""
    cells = math.prod(shape)
    if not 0 < cells <= MOST:
        raise SpecError(
            f"{where}: a tensor of shape {' × '.join(map(str, shape))} has {cells:,} cells; expected 1 to {MOST:,}:"
            " take a part of the tensor, for instance x[:2, :4, :4, :4]"
        )


def checked(array: NDArray[np.generic], where: str) -> NDArray[np.float64]:
    """The array in float64; raises `SpecError` where it is out of bounds."""
    bounded(array.shape, where)
    return _moderate(array, where)


def _moderate(array: NDArray[np.generic], where: str) -> NDArray[np.float64]:
    """Numbers whose squares and sums float64 holds with digits to spare."""
    values = array.astype(np.float64)
    if not (np.abs(values) <= LARGEST).all():  # NaN is not smaller either
        worst = values[~(np.abs(values) <= LARGEST)].flat[0]
        raise SpecError(f"{where}: expected numbers from −{LARGEST:g} to {LARGEST:g}, got {worst:g}")
    return values
