"""Images that a function of a person's own gives: `package.module:function`, or `file.py:function`.

It takes nothing and returns train_images, train_labels, test_images, test_labels and, if it likes, the classes' names:
images uint8 (N, H, W), (N, H, W, C) or (N, C, H, W), labels whole numbers (N,). It is imported as models of one's
own are, and called whenever the images are needed, in each process, since nobody else can know whether what it reads
has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normlab.data.layouts import streams
from normlab.data.layouts.found import AT_ONCE, Found, Pixels, Stored
from normlab.errors import DataError, NetworkError
from normlab.own import function, guest
from normlab.spec.places import Place


def called(home: str, name: str) -> Found:
    """What the function `name` of a module, or of a file that ends in `.py`, gives.

    Raises `DataError` where there is no such function, where it raises, or where it gives no such arrays.
    """
    where = f"{home}:{name}"
    given = _given(Place(home, name, "images"))
    if not isinstance(given, tuple) or len(given) not in (4, 5):
        raise DataError(
            f"{where}: expected train_images, train_labels, test_images, test_labels and perhaps classes, "
            f"got {type(given).__name__}{f' of {len(given)}' if isinstance(given, tuple) else ''}"
        )
    arrays = [np.asarray(each) for each in given[:4]]
    parts = {"train": _part(arrays[0], arrays[1], where), "test": _part(arrays[2], arrays[3], where)}
    names = tuple(map(str, given[4])) if len(given) == 5 else ()
    return Found("function", parts, (), names, content=_digest(arrays))  # type: ignore[arg-type]


def _given(place: Place) -> Any:
    try:
        make = function(place)
        with guest(place):
            return make()
    except NetworkError as error:  # of code of one's own; these are images
        raise DataError(str(error), error.details) from None


def _part(images: NDArray[Any], labels: NDArray[Any], where: str) -> Stored:
    if images.dtype != np.uint8:
        raise DataError(f"{where}: expected pixels from 0 to 255 (uint8), got {images.dtype}")
    shape = streams.plane_shape(images.shape, where)
    classes = streams.classes(labels, where)
    if len(classes) != shape[0]:
        raise DataError(f"{where}: expected {shape[0]:,} labels, one an image, got {len(classes):,}")
    return Stored(shape, lambda: classes, partial(_chunks, streams.planes(images)))


def _chunks(images: Pixels) -> Iterator[Pixels]:
    for start in range(0, len(images), AT_ONCE):
        yield images[start : start + AT_ONCE]


def _digest(arrays: list[NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
