from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from normlab.data import idx
from normlab.errors import CorruptData

ARRAYS = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=6))


def whole(array: np.ndarray) -> bytes:
    return idx.header(array.shape) + array.tobytes()


@given(ARRAYS)
@pytest.mark.long
def test_a_valid_file_gives_back_its_values(array: np.ndarray) -> None:
    """What was written as IDX is read back, value by value, in its shape."""
    parsed = idx.parse(whole(array), array.shape)
    assert parsed.dtype == np.uint8
    np.testing.assert_array_equal(parsed, array)


def test_the_header_is_the_published_one() -> None:
    """MNIST's own training images start with magic number 2051, then 60000, 28 and 28."""
    assert idx.header((60_000, 28, 28)).hex() == "00000803" + "0000ea60" + "0000001c" + "0000001c"
    assert idx.header((10_000,)).hex() == "00000801" + "00002710"


@given(st.binary(max_size=64), hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
def test_arbitrary_bytes_raise_nothing_but_our_error(content: bytes, shape: tuple[int, ...]) -> None:
    """Bytes from anywhere either are a file of the expected shape or raise CorruptData."""
    with suppress(CorruptData):
        assert idx.parse(content, shape).shape == shape


@given(ARRAYS, st.data())
def test_a_truncated_file_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    """A file that lost any number of its last bytes is corrupt."""
    content = whole(array)
    kept = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(CorruptData):
        idx.parse(content[:kept], array.shape)


@given(ARRAYS, st.binary(min_size=1, max_size=8))
def test_a_file_with_bytes_left_over_is_refused(array: np.ndarray, more: bytes) -> None:
    """The payload has exactly the promised length."""
    with pytest.raises(CorruptData, match="values after the header"):
        idx.parse(whole(array) + more, array.shape)


@given(ARRAYS, st.data())
def test_any_changed_byte_of_the_header_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    """Magic number, number of dimensions and each dimension are all checked."""
    content = bytearray(whole(array))
    where = data.draw(st.integers(0, len(idx.header(array.shape)) - 1))
    content[where] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CorruptData):
        idx.parse(bytes(content), array.shape)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"file: expected an IDX file of unsigned bytes \(00 00 08\), got ''"),
        (b"\x1f\x8b\x08\x00", r"expected an IDX file of unsigned bytes \(00 00 08\), got '1f 8b 08'"),
        (idx.header((2, 2)) + bytes(4), r"expected 1 dimensions, got 2"),
        (idx.header((2**32 - 1,)) + bytes(4), r"expected the shape \(4,\), got \(4294967295,\)"),
        (idx.header((4,)) + bytes(3), r"expected 4 values after the header, got 3"),
    ],
)
def test_the_error_says_what_was_expected_and_what_came(content: bytes, message: str) -> None:
    """Each fault has its own message, with the file's name first."""
    with pytest.raises(CorruptData, match=message):
        idx.parse(content, (4,), "file")


def test_the_values_are_a_read_only_view() -> None:
    """Parsing copies nothing and its result cannot be changed."""
    parsed = idx.parse(idx.header((3,)) + b"abc", (3,))
    assert not parsed.flags.writeable
    assert not parsed.flags.owndata
