"""What an event file says: scalars by step, and the hyperparameters of the run.

Event         2: step   5: Summary (1: Value, repeated)
Value         1: tag    2: the scalar, float32   8: TensorProto   9: metadata (1: plugin (1: its name, 2: content))
TensorProto   1: type, 1 for float32 and 2 for float64   4: content as bytes   5, 6: float32s, float64s
hparams       the plugin's content, 3: session start (1: hyperparameters, a map of names to google.protobuf.Value)
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from normlab.errors import SpecError
from normlab.wire.messages import Value, fields
from normlab.wire.records import records

START = "_hparams_/session_start_info"
"""The tag under which the hparams plugin keeps what a run was made with."""


@dataclass(frozen=True)
class Scalar:
    """A number that was written under a tag at a step."""

    tag: str
    step: int
    value: float


@dataclass(frozen=True)
class Hparams:
    """What a run was made with: text, float or bool by name."""

    values: dict[str, str | float | bool]


def read(path: Path) -> Iterator[Scalar | Hparams]:
    """What the file says, in its order; other kinds of values are passed over.

    Raises `SpecError` for a file that cannot be read, or is not as TensorBoard's writers leave it.
    """
    try:
        with path.open("rb") as file:
            for payload in records(file, str(path)):
                yield from _told(payload, path)
    except OSError as error:
        raise SpecError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None


def _told(payload: bytes, path: Path) -> list[Scalar | Hparams]:
    try:
        return list(_event(payload))
    except (ValueError, TypeError, LookupError, struct.error):
        raise SpecError(f"{path}: expected events of TensorBoard, got another kind of record") from None


def _event(payload: bytes) -> Iterator[Scalar | Hparams]:
    said = dict(fields(payload))
    step = said.get(2, 0)
    for _, value in fields(_bytes(said.get(5, b""))):
        one = dict(fields(_bytes(value)))
        tag = _bytes(one.get(1, b"")).decode()
        if tag == START:
            yield Hparams(_hparams(_bytes(one[9])))
        elif (number := _number(one)) is not None and isinstance(step, int):
            yield Scalar(tag, step, number)


def _number(value: dict[int, Value]) -> float | None:
    if 2 in value:
        return shortest(_bytes(value[2]))
    tensor = dict(fields(_bytes(value.get(8, b""))))
    content = _bytes(tensor.get(4) or tensor.get(5) or tensor.get(6) or b"")
    kind = tensor.get(1), len(content)
    if kind == (1, 4):
        return shortest(content)
    return float(struct.unpack("<d", content)[0]) if kind == (2, 8) else None


def shortest(float32: bytes) -> float:
    """The shortest decimal number that float32 keeps in these four bytes: 99.31, not 99.30999755859375."""
    return float(str(np.frombuffer(float32, "<f4")[0]))


def _hparams(metadata: bytes) -> dict[str, str | float | bool]:
    start = _inside(metadata, 1, 2, 3)
    entries = [dict(fields(_bytes(entry))) for number, entry in fields(start) if number == 1]
    return {_bytes(entry[1]).decode(): _plain(_bytes(entry[2])) for entry in entries}


def _plain(value: bytes) -> str | float | bool:
    """A google.protobuf.Value: 2 a number, 3 text, 4 true or false."""
    ((number, inner),) = fields(value)
    if number == 2:
        return float(struct.unpack("<d", _bytes(inner))[0])
    return bool(inner) if number == 4 else _bytes(inner).decode()


def _inside(message: bytes, *path: int) -> bytes:
    """The message in a message: the field of the first number, in it that of the second, and so on."""
    for number in path:
        message = _bytes(dict(fields(message)).get(number, b""))
    return message


def _bytes(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError
    return value
