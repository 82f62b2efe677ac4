"""Event files written: what `reading` reads, as TensorBoard shows it.

first event         3: "brain.Event:2"
experiment          what hyperparameters and scores there are, which the hparams page asks for once
session start       1: hyperparameters   5: when it started; session end: 1: how, 2: when
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from normlab.wire.messages import double, long, single, whole
from normlab.wire.reading import START, Scalar
from normlab.wire.records import record

VERSION = b"brain.Event:2"
EXPERIMENT, END = "_hparams_/experiment", "_hparams_/session_end_info"
SUCCESS = 1
TEXT, TRUTH, NUMBER = 1, 2, 3
"""What a hyperparameter may be."""


def event_file(
    scalars: Iterable[Scalar], hparams: Mapping[str, object], scores: Iterable[str], seconds: float
) -> bytes:
    """An event file.

    Args:
        scalars: in the order of their steps.
        hparams: what the run was made with; none for a file without them.
        scores: tags that TensorBoard's hparams page shows beside them.
        seconds: since 1970, the time of all events.
    """
    session = [_summary(0, each) for each in _session(hparams, scores, seconds)] if hparams else []
    return _framed([long(3, VERSION), *session], seconds) + more(scalars, seconds)


def more(scalars: Iterable[Scalar], seconds: float) -> bytes:
    """What is appended to an event file for further scalars, at `seconds` since 1970."""
    values = ((each.step, long(1, each.tag.encode()) + single(2, each.value)) for each in scalars)
    return _framed([_summary(step, value) for step, value in values], seconds)


def _framed(events: Iterable[bytes], seconds: float) -> bytes:
    return b"".join(record(double(1, seconds) + event) for event in events)


def _summary(step: int, value: bytes) -> bytes:
    return whole(2, step) + long(5, long(1, value))


def _session(hparams: Mapping[str, object], scores: Iterable[str], seconds: float) -> Iterable[bytes]:
    infos = [long(4, long(1, name.encode()) + whole(4, _kind(value))) for name, value in hparams.items()]
    metrics = [long(5, long(1, long(2, score.encode()))) for score in scores]
    values = [long(1, long(1, name.encode()) + long(2, _value(value))) for name, value in hparams.items()]
    yield _hidden(EXPERIMENT, long(2, b"".join([*infos, *metrics])))
    yield _hidden(START, long(3, b"".join([*values, double(5, seconds)])))
    yield _hidden(END, long(4, whole(1, SUCCESS) + double(2, seconds)))


def _hidden(tag: str, content: bytes) -> bytes:
    """A value without a number, whose metadata say it all to the plugin."""
    plugin = long(1, b"hparams") + long(2, content)
    return long(1, tag.encode()) + long(9, long(1, plugin))


def _kind(value: object) -> int:
    return TRUTH if isinstance(value, bool) else NUMBER if isinstance(value, int | float) else TEXT


def _value(value: object) -> bytes:
    """A google.protobuf.Value."""
    if isinstance(value, bool):
        return whole(4, int(value))
    return double(2, value) if isinstance(value, int | float) else long(3, str(value).encode())
