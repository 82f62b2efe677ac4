"""What the kernels cover of each module's settings; anything else is said by name."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from torch import nn

from normlab.errors import EngineError
from normlab.norms import kinds
from normlab.training.lanes import settings
from normlab.training.lanes.fuse import Step
from normlab.training.lanes.settings import pair

ALIKE = {"same", "relu", "activation", "prelu", "dropout", "add", "norm", "across"}
"""Kinds whose result has the shape of what they read."""

UNROLLED = 64
"""Windows of several sizes up to which an adaptive average has a kernel, which writes each of them out."""


def check(steps: Sequence[Step]) -> None:
    """Raise `EngineError` for the first step whose settings no kernel covers."""
    shapes = {step.output: step.shape for step in steps}
    for step in steps:
        problem = _problem(step, [shapes[name] for name in step.inputs])
        if problem:
            raise EngineError(f"the lanes engine cannot take {step.output}: {problem}")
    if steps[-1].shape[1:] != (1, 1):
        raise EngineError(f"the lanes engine needs logits (classes,) at the end, and the model gives {steps[-1].shape}")


def _problem(step: Step, sources: list[tuple[int, int, int]]) -> str:
    if isinstance(step.module, nn.Linear):
        return _linear(step, sources[0])
    if step.kind in ALIKE and any(source != step.shape for source in sources):
        return f"it makes {step.shape} of {sources[0]}; after flattening, only a linear layer is covered"
    checks: dict[str, Any] = {"conv": _conv, "norm": _norm, "across": _norm, "largest": _largest, "mean": _mean}
    if step.kind in checks:
        return str(checks[step.kind](step.module, sources[0]))
    fits = {"product": _product, "piece": _piece, "join": _join}
    return fits[step.kind](step, sources) if step.kind in fits else ""


def _size(shape: tuple[int, int, int]) -> int:
    return shape[0] * shape[1] * shape[2]


def _linear(step: Step, source: tuple[int, int, int]) -> str:
    whole = step.module.in_features == _size(source) and step.shape == (step.module.out_features, 1, 1)
    return "" if whole else "it acts on the last of several dimensions"


def _conv(module: nn.Conv2d, source: tuple[int, int, int]) -> str:  # noqa: ARG001 - every check takes both
    if module.stride[0] != module.stride[1]:
        return "different strides down and across are not covered"
    return ""


def _product(step: Step, sources: list[tuple[int, int, int]]) -> str:
    fits = all(size in (1, made) for source in sources for size, made in zip(source, step.shape, strict=True))
    return "" if fits else f"it multiplies {sources[0]} by {sources[1]}"


def _piece(step: Step, sources: list[tuple[int, int, int]]) -> str:
    """A kernel reads where it is told: what is picked has to be there."""
    index = getattr(step.module, "index", ())
    ranges = zip(index, sources[0], strict=False)
    picked = tuple(len(range(*part.indices(size))) for part, size in ranges) + sources[0][len(index) :]
    spread = all(size in (1, made) for size, made in zip(sources[0], step.shape, strict=True))
    return "" if (picked == step.shape if index else spread) else f"it makes {step.shape} of {sources[0]}"


def _join(step: Step, sources: list[tuple[int, int, int]]) -> str:
    along = step.module.place - 1
    others = {(*source[:along], *source[along + 1 :]) for source in (*sources, step.shape)}
    whole = sum(source[along] for source in sources) == step.shape[along]
    return "" if whole and len(others) == 1 else f"it makes {step.shape} of {sources}"


def _norm(module: Any, source: tuple[int, int, int]) -> str:
    if isinstance(module, nn.InstanceNorm2d) and module.track_running_stats:
        return "instance norm with running statistics is not covered"
    if isinstance(module, settings.OF_BATCHES) and (module.running_mean is None or module.momentum is None):
        return "batch norm needs running statistics with a momentum"
    if kinds.of_each_element(module) and (*module.normalized_shape, 1, 1)[:3] != source:
        return f"layer norm is covered over (C, H, W) = {source}, not over {tuple(module.normalized_shape)}"
    return ""


def _largest(module: Any, source: tuple[int, int, int]) -> str:
    if module.return_indices:
        return "indices of the largest are not covered"
    if isinstance(module, nn.AdaptiveMaxPool2d):
        return _adaptive(module, source)
    return "" if pair(module.dilation) == (1, 1) else "only windows without dilation are covered"


def _mean(module: Any, source: tuple[int, int, int]) -> str:
    if isinstance(module, nn.AdaptiveAvgPool2d):
        even = not _adaptive(module, source)
        return "" if even or prod(_asked(module, source)) <= UNROLLED else _adaptive(module, source)
    return ""


def _adaptive(module: Any, source: tuple[int, int, int]) -> str:
    wanted = _asked(module, source)
    even = all(w and s % w == 0 for w, s in zip(wanted, source[1:], strict=True))
    return "" if even else f"windows of one size do not cover {source[1:]} in {wanted} steps"


def _asked(module: Any, source: tuple[int, int, int]) -> tuple[int, ...]:
    """How many rows and columns an adaptive pool makes."""
    size = module.output_size
    asked = size if isinstance(size, tuple | list) else (size, size)
    return tuple(s if w is None else w for w, s in zip(asked, source[1:], strict=True))
