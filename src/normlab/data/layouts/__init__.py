"""Images as people have them: each file of this folder knows one layout by names and headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from normlab.data.layouts import arrays, cifar, folders, idx, kmnist, parquet, refusals, svhn, table
from normlab.data.layouts.found import Encoded, Found, Part, Picture, Pixels, Split, Stored
from normlab.data.layouts.function import called
from normlab.data.near import near
from normlab.errors import DataError

__all__ = ["Encoded", "Found", "Part", "Picture", "Pixels", "Split", "Stored", "called", "recognise"]

LAYOUTS: tuple[Callable[[Path], Found | None], ...] = tuple(
    layout.recognise for layout in (refusals, idx, arrays, kmnist, cifar, svhn, parquet, table, folders)
)
"""Image folders come last: whatever has a name of its own is not one of them."""
KNOWN = (
    "IDX files, .npz of MedMNIST, Keras or KMNIST, CIFAR's binary files, SVHN's .mat, Parquet, "
    "a CSV with a path and a label column, a folder of images for each class"
)


def recognise(path: Path) -> Found:
    """What is at a place.

    Raises:
        DataError: nothing is there, it cannot be looked at, or no layout knows it; the error says what was seen.
        CorruptData: a file is not what its name or its header promises.
    """
    try:
        if not path.exists():
            raise DataError(f"{path}: there is no such file or folder{_hint(path)}")
        if not (path.is_file() or path.is_dir()):
            raise DataError(f"{path}: expected a file or a folder, got a pipe or a device")
        found = next((found for layout in LAYOUTS if (found := layout(path))), None)
        if found is None:
            raise DataError(f"{path}: expected one of {KNOWN}; got {_seen(path)}")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from None
    except RecursionError:
        raise DataError(f"{path}: its folders lie too deep in each other to be looked through") from None
    return found


def _hint(path: Path) -> str:
    names = near(path)
    return f"; did you mean {' or '.join(names)}?" if names else ""


def _seen(path: Path) -> str:
    """What there is, in a few words."""
    if path.is_file():
        return f"a file {path.suffix or 'without an ending'} of {path.stat().st_size:,} bytes"
    inside = [each for each in path.iterdir() if not each.name.startswith(".")]
    endings = Counter(each.suffix or "no ending" for each in inside if each.is_file())
    folders_inside = sum(each.is_dir() for each in inside)
    told = [f"{count:,} files {ending}" for ending, count in endings.most_common(3)]
    return f"a folder with {', '.join([*told, f'{folders_inside:,} folders'])}"
