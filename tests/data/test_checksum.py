import gzip
import hashlib
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.data.checksum import checked, unzip
from normlab.data.entry import RawFile
from normlab.errors import CorruptData


def raw_file(content: bytes) -> RawFile:
    return RawFile("file", hashlib.sha256(content).hexdigest(), len(content), (len(content) - 8,))


@given(st.binary(min_size=9, max_size=200), st.booleans())
def test_the_pinned_bytes_pass_plain_or_zipped(content: bytes, zipped: bool) -> None:
    """Bytes with the pinned SHA-256 come back raw."""
    given_bytes = gzip.compress(content) if zipped else content
    assert checked(given_bytes, raw_file(content), "here", zipped=zipped) == content


@given(st.binary(min_size=9, max_size=200), st.binary(max_size=220))
def test_other_bytes_are_refused_with_both_digests(content: bytes, other: bytes) -> None:
    """Any other bytes raise CorruptData, whatever their length."""
    if other == content:
        return
    with pytest.raises(CorruptData, match=r"^here: expected (\d+ bytes, got more|SHA-256 \w{64}, got \w{64})$"):
        checked(other, raw_file(content), "here", zipped=False)


@given(st.binary(max_size=100))
def test_bytes_that_are_no_gzip_file_raise_nothing_but_our_error(content: bytes) -> None:
    """Arbitrary bytes are unzipped or refused with CorruptData."""
    with suppress(CorruptData):
        assert len(unzip(content, 10, "here")) <= 11


@given(st.binary(min_size=20, max_size=200), st.data())
def test_a_truncated_or_changed_gzip_file_never_passes(content: bytes, data: st.DataObject) -> None:
    """A gzip file cut short or with a byte changed gives CorruptData or, if the change is harmless, the same bytes."""
    damaged = bytearray(gzip.compress(content))
    damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(CorruptData):
        assert checked(bytes(damaged), raw_file(content), "here", zipped=True) == content
    with pytest.raises(CorruptData):
        checked(gzip.compress(content)[: data.draw(st.integers(0, 20))], raw_file(content), "here", zipped=True)


@pytest.mark.slow
def test_a_gzip_bomb_stays_small() -> None:
    """Unzipping stops one byte after the expected size, however much more there is."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(64)) + squeeze.flush()
    assert len(unzip(bomb, 1000, "here")) == 1001
    with pytest.raises(CorruptData, match="expected 1000 bytes, got more"):
        checked(bomb, RawFile("file", "0" * 64, 1000, (992,)), "here", zipped=True)
