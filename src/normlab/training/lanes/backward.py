"""Backward operations: from the slopes of what a step made to those of its inputs and its parameters."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from normlab.norms import kinds
from normlab.training.lanes import settings
from normlab.training.lanes.draft import Draft
from normlab.training.lanes.fuse import Step
from normlab.training.lanes.kernels import activations, convolution, norms, pointwise, pooling
from normlab.training.lanes.memory import Value


def conv(draft: Draft, step: Step, y: Value) -> None:
    """Slopes of the weights, of the bias, and of the input."""
    x, module = draft.values[step.inputs[0]], step.module
    rows, columns = settings.kernel(module, x.plane.shape)
    stride, (down, across) = settings.stride(module), settings.padding(module)
    slopes = convolution.WeightGradient(x.plane, y.slopes_plane, rows, columns, stride, (down, across))
    draft.each(slopes, x.data, y.slopes, draft.memory.slopes_of(module.weight))
    if module.bias is not None:
        draft.each(convolution.BiasGradient(y.slopes_plane), y.slopes, draft.memory.slopes_of(module.bias))
    if draft.wants_slopes(step.inputs[0]):
        x, adds = draft.into(step.inputs[0])
        turned = convolution.Weights.backward(x.plane.channels, rows, columns)
        padding = rows - 1 - down, columns - 1 - across
        back = convolution.Correlate(
            *(y.slopes_plane.dense, x.slopes_plane, rows, columns, turned, 1, padding), adds=adds
        )
        draft.each(back, y.slopes, draft.memory.parameter(module.weight), x.slopes)


def largest(draft: Draft, step: Step, y: Value) -> None:
    """To the first largest of each window."""
    x, adds = draft.into(step.inputs[0])
    window = settings.largest_window(step.module)
    back = pooling.LargestGradient(x.plane, y.plane, y.slopes_plane, x.slopes_plane, window, step.relu, adds)
    draft.each(back, x.data, y.data, y.slopes, x.slopes)


def mean(draft: Draft, step: Step, y: Value) -> None:
    """To every position of a window alike."""
    x, adds = draft.into(step.inputs[0])
    window = settings.mean_window(step.module, x.plane, y.plane)
    draft.each(pooling.MeanGradient(y.slopes_plane, x.slopes_plane, window, adds), y.slopes, x.slopes)


def relu(draft: Draft, step: Step, y: Value) -> None:
    """Masked already: passed on."""
    same(draft, step, y)


def activation(draft: Draft, step: Step, y: Value) -> None:
    """Times the function's slope."""
    (x, adds), how = draft.into(step.inputs[0]), settings.ACTIVATIONS[type(step.module)](step.module)
    back = activations.ActivateGradient(x.plane, y.slopes_plane, x.slopes_plane, how, adds)
    draft.each(back, x.data, y.slopes, x.slopes)


def same(draft: Draft, step: Step, y: Value) -> None:
    """Passed on."""
    x, adds = draft.into(step.inputs[0])
    draft.each(pointwise.Copy(y.slopes_plane, x.slopes_plane, adds), y.slopes, x.slopes)


def add(draft: Draft, step: Step, y: Value) -> None:
    """To both branches."""
    for name in step.inputs:
        x, adds = draft.into(name)
        draft.each(pointwise.Copy(y.slopes_plane, x.slopes_plane, adds), y.slopes, x.slopes)


def dropout(draft: Draft, step: Step, y: Value) -> None:
    """Through the same mask."""
    if not step.module.threshold:
        same(draft, step, y)
        return
    x, adds = draft.into(step.inputs[0])
    drop = pointwise.Drop(y.slopes_plane, x.slopes_plane, step.module.threshold, adds)
    draft.each(drop, draft.memory.keys_of(step.module), draft.memory.images, y.slopes, x.slopes)


def norm(draft: Draft, step: Step, y: Value) -> None:
    """Sums of slopes, their means over the norm's own set, then the slopes of the input."""
    (x, adds), norm, memory = draft.into(step.inputs[0]), step.module, draft.memory
    moments, state, means = draft.norm_buffers(step)
    threshold, keys = draft.mask(step)
    size, affine, whole = draft.affine_size(step), settings.affine(norm), isinstance(norm, nn.BatchNorm2d)
    gamma = memory.scale(norm, size)
    slopes = norms.Slopes(x.plane, y.slopes_plane, affine, threshold)
    draft.each(
        slopes,
        *(x.data, state, gamma, keys, memory.images, y.slopes),
        *(*memory.slopes_of_norm(norm, size), moments),
    )
    if whole:
        of_batch = norms.MeanSlopesOfBatch(x.plane.channels, x.plane.positions)
        draft.whole(of_batch, moments, memory.counts, means)
    else:
        groups = kinds.groups(norm)
        draft.each(norms.MeanSlopesOfImage(x.plane.channels, x.plane.positions, groups, kinds.centres(norm)), moments)
        means = moments
    fused = _masks_here(x)
    through = norms.ThroughNorm(x.plane, y.slopes_plane, x.slopes_plane, affine, fused, whole, adds)
    draft.each(through, x.data, state, gamma, means, memory.live, y.slopes, x.slopes)


def across(draft: Draft, step: Step, y: Value) -> None:
    """All at once: nothing reaches beyond a position."""
    (x, adds), norm, memory = draft.into(step.inputs[0]), step.module, draft.memory
    back = norms.AcrossChannelsGradient(
        *(x.plane, y.slopes_plane, x.slopes_plane, float(norm.eps)), _masks_here(x), adds
    )
    slopes = memory.slopes_of_norm(norm, step.shape[0])
    draft.each(back, x.data, memory.scale(norm, step.shape[0]), y.slopes, *slopes, x.slopes)


def _masks_here(x: Value) -> bool:
    """Whether the only reader of a rectified value lets no slope pass where it is 0, so nobody else need look."""
    x.masked = x.rectified and x.uses == 1
    return x.masked


BACKWARD: dict[str, Callable[[Draft, Step, Value], None]] = {
    "conv": conv,
    "largest": largest,
    "mean": mean,
    "relu": relu,
    "add": add,
    "activation": activation,
    "same": same,
    "dropout": dropout,
    "norm": norm,
    "across": across,
}
