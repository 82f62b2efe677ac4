"""A network as one self-contained ONNX file, and that file run by ONNX Runtime on one thread."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from normlab.compaction import same
from normlab.compaction.same import BATCH, Scores
from normlab.errors import CompactError

NEEDED = ("onnx", "onnxscript", "onnxruntime")


def available() -> bool:
    """Whether the `onnx` extra is installed."""
    return all(importlib.util.find_spec(name) for name in NEEDED)


def dump(model: nn.Module, shape: tuple[int, ...]) -> bytes:
    """The file's bytes: `images` float32 (N, C, H, W) with any N in, `scores` (N, classes) out.

    Raises `CompactError` without the extra, or where the exporter fails.
    """
    need()
    example = torch.zeros(2, *shape)
    settings: dict[str, Any] = {
        "input_names": ["images"],
        "output_names": ["scores"],
        "dynamic_shapes": ({0: torch.export.Dim("N")},),
    }
    try:
        with _quiet():
            program = torch.onnx.export(model, (example,), dynamo=True, verbose=False, **settings)
    except Exception as error:  # noqa: BLE001 - the exporter raises what it likes
        said = _said(error.__cause__ or error)  # the exporter's own words only say that it failed
        raise CompactError(f"torch.onnx.export cannot write this network: {said}; --no-onnx leaves it out") from None
    if program is None:
        raise CompactError("torch.onnx.export gave no program; --no-onnx leaves it out")
    return _bare(program.model_proto)


def checked(model: nn.Module, original: nn.Module, images: torch.Tensor) -> bytes:
    """The model as such a file, seen to give what `original` does on all images, float32 (N, C, H, W).

    Raises `CompactError` as `dump` does, and where ONNX Runtime computes something else from it.
    """
    payload = dump(model, tuple(images.shape[1:]))
    try:
        found = scores(session(payload), images)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime raises classes of its own
        raise CompactError(f"ONNX Runtime cannot run this network: {_said(error)}; --no-onnx leaves it out") from None
    same.change(same.scores(original, images), found, "the ONNX file")
    return payload


def session(payload: bytes) -> Any:
    """ONNX Runtime with one thread on a file's bytes."""
    need()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(payload, options, providers=["CPUExecutionProvider"])


def scores(run: Any, images: torch.Tensor) -> Scores:
    """What a session gives for all images (N, C, H, W): (N, classes)."""
    return np.concatenate([run.run(None, {"images": batch.numpy()})[0] for batch in torch.split(images, BATCH)])


def _said(error: BaseException) -> str:
    """The first line of what somebody else's code says."""
    return (str(error).splitlines() or [type(error).__name__])[0]


def need() -> None:
    """Raises `CompactError` without the extra, with what to install."""
    missing = [name for name in NEEDED if not importlib.util.find_spec(name)]
    if missing:
        raise CompactError(f"ONNX needs {', '.join(missing)}: pip install 'normlab[onnx]', or leave it out (--no-onnx)")


def _bare(model: Any) -> bytes:
    """The file, weights included, without where in whose source each operation came from: most of its bytes."""
    parts = [model, model.graph, *model.graph.node, *model.graph.initializer, *model.graph.input, *model.graph.output]
    for part in parts:
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    model.graph.ClearField("value_info")
    return bytes(model.SerializeToString())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter prints its progress and warns about itself."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
