"""Forward operations: what each kind of step asks of the kernels, in training and in evaluation."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from normlab.norms import kinds
from normlab.training.lanes import settings
from normlab.training.lanes.draft import Draft
from normlab.training.lanes.fuse import Step
from normlab.training.lanes.kernels import activations, convolution, norms, pointwise, pooling


def conv(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001 - the same in both
    """A convolution, or a linear layer."""
    x, y, module = draft.values[step.inputs[0]], draft.values[step.output], step.module
    rows, columns = settings.kernel(module, x.plane.shape)
    weights = convolution.Weights.forward(x.plane.channels, rows, columns)
    kernel = convolution.Correlate(
        *(x.plane, y.plane, rows, columns, weights, settings.stride(module), settings.padding(module)),
        bias=module.bias is not None,
        relu=step.relu,
    )
    bias = [draft.memory.parameter(module.bias)] if module.bias is not None else []
    draft.each(kernel, x.data, draft.memory.parameter(module.weight), *bias, y.data)


def largest(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A maximum over windows."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    draft.each(pooling.Largest(x.plane, y.plane, settings.largest_window(step.module), step.relu), x.data, y.data)


def mean(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """An average over windows."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    draft.each(pooling.Mean(x.plane, y.plane, settings.mean_window(step.module, x.plane, y.plane)), x.data, y.data)


def relu(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A relu that could not join what makes its input."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    draft.each(pointwise.Rectify(x.plane, y.plane), x.data, y.data)
    y.rectified = True


def add(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """The sum of two branches."""
    (a, b), y = (draft.values[name] for name in step.inputs), draft.values[step.output]
    draft.each(pointwise.Add(a.plane, b.plane, y.plane, step.relu), a.data, b.data, y.data)


def activation(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A function of each value."""
    x, y, how = draft.values[step.inputs[0]], draft.values[step.output], settings.ACTIVATIONS[type(step.module)]
    draft.each(activations.Activate(x.plane, y.plane, how(step.module)), x.data, y.data)


def same(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """What changes nothing."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    draft.each(pointwise.Copy(x.plane, y.plane), x.data, y.data)


def dropout(draft: Draft, step: Step, training: bool) -> None:
    """Dropout that could not join a norm."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    if training and step.module.threshold:
        keys = draft.memory.keys_of(step.module)
        drop = pointwise.Drop(x.plane, y.plane, step.module.threshold)
        draft.each(drop, keys, draft.memory.images, x.data, y.data)
    else:
        draft.each(pointwise.Copy(x.plane, y.plane), x.data, y.data)


def norm(draft: Draft, step: Step, training: bool) -> None:
    """Moments, then statistics over the norm's own set, then the affine map."""
    x, y, norm = draft.values[step.inputs[0]], draft.values[step.output], step.module
    channels, memory = x.plane.channels, draft.memory
    moments, state, _ = draft.norm_buffers(step)
    if isinstance(norm, nn.BatchNorm2d):
        running = memory.state(norm, "running_mean"), memory.state(norm, "running_var")
        if training:
            draft.each(norms.Moments(x.plane), x.data, moments)
            of_batch = norms.OfBatch(channels, x.plane.positions, norm.eps, float(norm.momentum or 0))
            draft.whole(of_batch, moments, memory.live, memory.counts, *running, state)
        else:
            draft.whole(norms.OfRunning(channels, norm.eps), *running, state)
    else:
        draft.each(norms.Moments(x.plane, kinds.centres(norm)), x.data, moments)
        of_image = norms.OfImage(channels, x.plane.positions, kinds.groups(norm), float(norm.eps))
        draft.each(of_image, moments, state)
    threshold, keys = draft.mask(step) if training else (0, memory.images)
    apply = norms.Apply(x.plane, y.plane, settings.affine(norm), threshold, step.relu)
    gamma, beta = memory.scale(norm, draft.affine_size(step)), memory.shift(norm, draft.affine_size(step))
    draft.each(apply, x.data, state, gamma, beta, keys, memory.images, y.data)


def across(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A norm over the channels of each position."""
    x, y, norm = draft.values[step.inputs[0]], draft.values[step.output], step.module
    gamma, beta = draft.memory.scale(norm, step.shape[0]), draft.memory.shift(norm, step.shape[0])
    draft.each(norms.AcrossChannels(x.plane, y.plane, float(norm.eps)), x.data, gamma, beta, y.data)


FORWARD: dict[str, Callable[[Draft, Step, bool], None]] = {
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
