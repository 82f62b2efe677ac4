from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from normlab.data import pantry
from normlab.data.cache import VARIABLE
from normlab.data.pantry import prepared_once

Pixels = NDArray[np.uint8]


class Maker:
    """Makes negatives, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, images: Pixels) -> Pixels:
        """Negatives of uint8 images."""
        self.calls += 1
        return 255 - images


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch) -> Pixels:
    """Ten images, which count as many."""
    monkeypatch.setattr(pantry, "MANY", 10)
    return np.random.default_rng(0).integers(0, 256, (10, 1, 4, 4), dtype=np.uint8)


def test_images_are_made_once(root: Path, images: Pixels) -> None:
    """The second time they come from a file, and are the same."""
    make = Maker()
    first, second = prepared_once("negative", make, images), prepared_once("negative", make, images)
    assert make.calls == 1
    assert np.array_equal(first, second)
    assert np.array_equal(second, 255 - images)
    assert len(list((root / "prepared").iterdir())) == 1


def test_few_images_are_not_kept(root: Path, images: Pixels) -> None:
    """They are made faster than they are read."""
    make = Maker()
    prepared_once("negative", make, images[:9])
    assert not (root / "prepared").exists()


@pytest.mark.parametrize("other", ["name", "pixels", "shape"])
def test_other_images_have_files_of_their_own(other: str, root: Path, images: Pixels) -> None:  # noqa: ARG001
    """Another name, another pixel or another shape is never taken for what is there."""
    make, changed = Maker(), images.copy()
    prepared_once("negative", make, images)
    changed[3, 0, 1, 2] ^= other == "pixels"
    prepared_once(
        "inverse" if other == "name" else "negative",
        make,
        changed.reshape(10, 1, 2, 8) if other == "shape" else changed,
    )
    assert make.calls == 2


@pytest.mark.parametrize("damage", [b"", b"no array", None])
def test_a_damaged_file_is_made_again(damage: bytes | None, root: Path, images: Pixels) -> None:
    """Cut off, something else, or with one bit flipped: what is read is checked."""
    make = Maker()
    prepared_once("negative", make, images)
    (path,) = (root / "prepared").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage)
    assert np.array_equal(prepared_once("negative", make, images), 255 - images)
    assert make.calls == 2
    assert path.read_bytes() == whole


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, images: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is a file in the folder's place, images are made each time."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file"))
    make = Maker()
    assert np.array_equal(prepared_once("negative", make, images), prepared_once("negative", make, images))
    assert make.calls == 2
