from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab.errors import SpecError
from normlab.wire.checksum import crc32c
from normlab.wire.messages import double, fields, long, single, whole
from normlab.wire.reading import Hparams, Scalar, read, shortest
from normlab.wire.records import LARGEST, record
from normlab.wire.writing import event_file


def test_the_checksum_is_the_published_one() -> None:
    """CRC-32C of RFC 3720, B.4, and the one that everybody checks first."""
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43


@given(st.integers(0, 2**63 - 1), st.binary(max_size=200), st.floats(allow_nan=False))
def test_fields_come_back_as_they_were_written(value: int, content: bytes, real: float) -> None:
    """Whole numbers of any size, bytes, float64."""
    message = whole(1, value) + long(15, content) + double(16, real)
    assert list(fields(message)) == [(1, value), (15, content), (16, struct.pack("<d", real))]


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_an_error(content: bytes) -> None:
    """And nothing else."""
    try:
        assert all(number >= 0 for number, _ in fields(content))
    except ValueError as error:
        assert "Protocol Buffers" in str(error)  # noqa: PT017 - both outcomes are right


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_is_read_as_its_shortest_number(value: float) -> None:
    """That is the same float32, and what was logged where that has up to six digits."""
    assert struct.pack("<f", shortest(struct.pack("<f", value))) == struct.pack("<f", value)
    assert shortest(struct.pack("<f", 99.31)) == 99.31


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Scalars by step, and what the run was made with."""
    scalars = [Scalar("val_acc", step, 97 + step / 4) for step in range(3)]
    made_with = {"norm": "gn:4", "lr": 0.1, "nesterov": True}
    path = tmp_path / "events.out.tfevents.1.here"
    path.write_bytes(event_file(scalars, made_with, ["val_acc"], 1.0))
    assert list(read(path)) == [Hparams(made_with), *scalars]


def test_scalars_of_other_writers_are_read(tmp_path: Path) -> None:
    """TensorFlow 2 writes tensors with one number; images, text and vectors are no scalars."""

    def tensor(kind: int, **content: bytes) -> bytes:
        numbers = {"content": 4, "floats": 5, "doubles": 6}
        return whole(1, kind) + b"".join(long(numbers[name], each) for name, each in content.items())

    tensors = {
        "a": tensor(1, content=struct.pack("<f", 0.1)),
        "b": tensor(1, floats=struct.pack("<f", 0.25)),
        "c": tensor(2, doubles=struct.pack("<d", 0.1)),
        "vector": tensor(1, content=struct.pack("<2f", 1, 2)),
        "text": tensor(7, content=b"four"),
    }
    values = [long(1, long(1, tag.encode()) + long(8, each)) for tag, each in tensors.items()]
    image = long(5, long(1, long(1, b"image") + long(4, bytes(LARGEST))))
    path = tmp_path / "events.out.tfevents.1.here"
    path.write_bytes(record(whole(2, 7) + long(5, b"".join(values))) + record(image))
    assert list(read(path)) == [Scalar("a", 7, 0.1), Scalar("b", 7, 0.25), Scalar("c", 7, 0.1)]


def test_a_record_that_is_no_event_is_told(tmp_path: Path) -> None:
    """Its frame is right, and what is in it is not."""
    path = tmp_path / "events.out.tfevents.1.here"
    path.write_bytes(record(single(5, 1.0)))
    with pytest.raises(SpecError, match="expected events of TensorBoard, got another kind of record"):
        list(read(path))
