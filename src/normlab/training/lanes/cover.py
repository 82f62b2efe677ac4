"""What the kernels cover of each module's settings; anything else is said by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from normlab.errors import EngineError
from normlab.training.lanes.fuse import Step
from normlab.training.lanes.settings import padding, pair

ALIKE = {"same", "relu", "activation", "dropout", "add"}
"""Kinds whose result has the shape of what they read."""


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
    checks: dict[str, Any] = {"conv": _conv, "norm": _norm, "across": _norm, "largest": _largest, "mean": _mean}
    if step.kind in checks:
        return str(checks[step.kind](step.module, sources[0]))
    if step.kind in ALIKE and any(source != step.shape for source in sources):
        return f"it makes {step.shape} of {sources[0]}; after flattening, only a linear layer is covered"
    return ""


def _size(shape: tuple[int, int, int]) -> int:
    return shape[0] * shape[1] * shape[2]


def _linear(step: Step, source: tuple[int, int, int]) -> str:
    whole = step.module.in_features == _size(source) and step.shape == (step.module.out_features, 1, 1)
    return "" if whole else "it acts on the last of several dimensions"


def _conv(module: nn.Conv2d, source: tuple[int, int, int]) -> str:  # noqa: ARG001 - every check takes both
    if module.groups != 1 or module.dilation != (1, 1) or module.padding_mode != "zeros":
        return "only convolutions with groups=1, dilation=1 and zero padding are covered"
    if module.stride[0] != module.stride[1]:
        return "different strides down and across are not covered"
    if module.padding == "same" and any(k % 2 == 0 for k in module.kernel_size):
        return "padding='same' around an even kernel is not the same on both sides"
    if any(p >= k for p, k in zip(padding(module), module.kernel_size, strict=True)):
        return "its padding is as wide as its kernel"
    return ""


def _norm(module: Any, source: tuple[int, int, int]) -> str:
    if isinstance(module, nn.InstanceNorm2d) and module.track_running_stats:
        return "instance norm with running statistics is not covered"
    if isinstance(module, nn.BatchNorm2d) and (module.running_mean is None or module.momentum is None):
        return "batch norm needs running statistics with a momentum"
    if type(module) is nn.LayerNorm and tuple(module.normalized_shape) != source:
        return f"layer norm is covered over (C, H, W) = {source}, not over {tuple(module.normalized_shape)}"
    return ""


def _largest(module: Any, source: tuple[int, int, int]) -> str:  # noqa: ARG001
    return "" if pair(module.dilation) == (1, 1) else "only windows without dilation are covered"


def _mean(module: Any, source: tuple[int, int, int]) -> str:
    if isinstance(module, nn.AdaptiveAvgPool2d):
        size = module.output_size
        asked = size if isinstance(size, tuple) else (size, size)
        wanted = tuple(s if w is None else w for w, s in zip(asked, source[1:], strict=True))
        even = all(w and s % w == 0 for w, s in zip(wanted, source[1:], strict=True))
        return "" if even else f"windows of one size do not cover {source[1:]} in {wanted} steps"
    if pair(module.padding) != (0, 0) or module.ceil_mode or module.divisor_override:
        return "only windows without padding that lie inside the plane are covered"
    return ""
