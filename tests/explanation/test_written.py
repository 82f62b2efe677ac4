from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from normlab.errors import SpecError
from normlab.explanation import written
from normlab.explanation.figure import FIGURE

TEXT = "4 4 3 5; -2 2 4 6; 1 1 -1 2 / 2 4 1 3; 1 1 4 5; 0 1 -1 0"


def test_signs_between_numbers_tell_the_shape() -> None:
    """`;` between channels, `/` between images, and square planes."""
    read = written.read(TEXT, None)
    assert read is not None
    assert (read == FIGURE).all()
    assert written.read("1 2 3; 4 5 6", None).shape == (1, 2, 1, 3)  # type: ignore[union-attr]


def test_a_shape_goes_over_the_signs() -> None:
    """Commas and line ends part numbers as well."""
    read = written.read("1,2,3,\n4;5,6", "3,1,1,2")
    assert read is not None
    assert read.ravel().tolist() == [1, 2, 3, 4, 5, 6]
    assert read.shape == (3, 1, 1, 2)


def test_a_shape_alone_is_filled_with_the_same_numbers_each_time() -> None:
    """Whole ones, small enough for mental arithmetic."""
    first, again = written.read(None, "2,4,3,3"), written.read(None, "2,4,3,3")
    assert first is not None
    assert again is not None
    assert (first == again).all()
    assert (first == first.round()).all()
    assert np.abs(first).max() < 10


@pytest.mark.parametrize("kind", [np.float32, np.int16, np.uint8, np.bool_])
def test_a_file_is_read(tmp_path: Path, kind: type) -> None:
    """Whatever real numbers it holds, with its own shape or a given one."""
    values = np.arange(24).reshape(2, 3, 2, 2).astype(kind)
    np.save(tmp_path / "x.npy", values)
    read = written.read(str(tmp_path / "x.npy"), None)
    assert read is not None
    assert read.dtype == np.float64
    assert (read == values).all()
    assert written.read(str(tmp_path / "x.npy"), "1,6,2,2").shape == (1, 6, 2, 2)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("values", "shape", "words"),
    [
        ("4 4 x", None, "'x' is not a number"),
        ("", None, "got nothing"),
        ("1 2; 3", None, "got 2; 1 numbers"),
        ("1 2; 3 4 / 5 6", None, "got 2; 2 / 2 numbers"),
        ("1 2 3", "1,1,2,2", "has 4 cells, got 3 numbers"),
        ("1 2e9 3 4", None, "got 2e.09"),
        ("1,5 2,5 3 4", None, "write a decimal point"),
        ("1_0 2", None, "'1_0' is not a number"),
        ("1 inf", None, "expected numbers from −1e.09 to 1e.09, got inf"),
        ("1 2", "1,2", "expected four whole numbers"),
        (None, "2,3,2", "got '2,3,2'"),
        (None, "2,3,0,2", "expected four whole numbers"),
        (None, "2,3,2,-2", "expected four whole numbers"),
        (None, "2,3,99,99", "take a part of the tensor"),
        ("missing.npy", None, "cannot read missing.npy: No such file"),
    ],
)
def test_what_is_no_tensor_is_told_in_a_line(values: str | None, shape: str | None, words: str) -> None:
    """What was expected, what came, and the way out."""
    with pytest.raises(SpecError, match=words) as caught:
        written.read(values, shape)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.ones(5), "has shape 5; expected"),
        (np.array([object()]), "is not a .npy file of numbers"),
        (np.ones((1, 1, 2, 2), complex), "holds complex128"),
        (np.full((1, 1, 2, 2), np.nan), "got nan"),
        (np.ones((5, 40, 40, 40)), "expected 1 to 4,096"),
        (np.ones((0, 1, 1, 1)), "0 cells"),
    ],
)
def test_a_file_of_something_else_is_told_too(tmp_path: Path, array: np.ndarray, words: str) -> None:
    """No object of a file is ever made, and a large file is not read."""
    np.save(tmp_path / "x.npy", array, allow_pickle=True)
    with pytest.raises(SpecError, match=words) as caught:
        written.read(str(tmp_path / "x.npy"), None)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_array_is_told(tmp_path: Path) -> None:
    """Text, or a file that was cut off."""
    for content in (b"hello", b"\x93NUMPY", b""):
        (tmp_path / "x.npy").write_bytes(content)
        with pytest.raises(SpecError, match=r"is not a \.npy file of numbers"):
            written.read(str(tmp_path / "x.npy"), None)
