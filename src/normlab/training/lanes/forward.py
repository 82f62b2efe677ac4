"""Forward operations: what each kind of step asks of the kernels, in training and in evaluation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from normlab.models.graph.operations import Moved
from normlab.norms import kinds
from normlab.training.lanes import dense, fewer, settings
from normlab.training.lanes.draft import Draft
from normlab.training.lanes.fuse import Step
from normlab.training.lanes.kernels import activations, convolution, norms, pieces, pointwise, pooling, walks
from normlab.training.lanes.kernels import softmax as shares_of_one
from normlab.training.lanes.shares import Shares


def conv(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001 - the same in both
    """A convolution, or a linear layer."""
    x, y, module = draft.values[step.inputs[0]], draft.values[step.output], step.module
    if settings.dense(module, x.plane.shape, y.plane.shape):
        dense.forward(draft, step)
        return
    shares = Shares(module, x.plane, y.plane)
    kernel = convolution.Correlate(
        *(shares.x, shares.y, *shares.kernel, convolution.Weights.forward(shares.x.channels, *shares.kernel)),
        *(settings.stride(module), settings.padding(module), settings.dilation(module)),
        bias=module.bias is not None,
        relu=step.relu,
    )
    bias = [draft.memory.parameter(module.bias)] if module.bias is not None else []
    each = [(shares.inputs, 0), (0, shares.weights), *[(0, shares.y.channels)] * len(bias), (shares.outputs, 0)]
    fewer.correlate(draft, shares.of(kernel, *each), x.data, draft.memory.parameter(module.weight), *bias, y.data)


def largest(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A maximum over windows."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    window = settings.largest_window(step.module, x.plane, y.plane)
    draft.each(pooling.Largest(x.plane, y.plane, window, step.relu), x.data, y.data)


def mean(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """An average over windows."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    if settings.uneven(step.module, x.plane, y.plane):
        draft.each(pooling.Adaptive(x.plane, y.plane), x.data, y.data)
    else:
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
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    draft.each(activations.Activate(x.plane, y.plane, settings.activation(step.module)), x.data, y.data)


def prelu(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A relu with a slope of its own below 0."""
    x, y, alpha = draft.values[step.inputs[0]], draft.values[step.output], step.module.weight
    kernel = activations.Slanted(x.plane, y.plane, each=alpha.numel() > 1)
    draft.each(kernel, x.data, draft.memory.parameter(alpha), y.data)


def own(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """Times a parameter of the network itself, or plus one."""
    x, y, parameter = draft.values[step.inputs[0]], draft.values[step.output], settings.own(step.module)
    kernel = pointwise.Own(x.plane, y.plane, isinstance(step.module, Moved), step.module.strides)
    draft.each(kernel, x.data, draft.memory.parameter(parameter), y.data)


def product(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """Two branches, one perhaps with less of something."""
    (a, b), y = (draft.values[name] for name in step.inputs), draft.values[step.output]
    draft.each(pointwise.Multiply(a.plane, b.plane, y.plane), a.data, b.data, y.data)


def join(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """Branches one behind the other."""
    y, start = draft.values[step.output], settings.starts(step.module, [draft.values[name] for name in step.inputs])
    for x, at in zip((draft.values[name] for name in step.inputs), start, strict=True):
        draft.each(pieces.Put(x.plane, y.plane, at), x.data, y.data)


def learned(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A parameter for every image."""
    y, how = draft.values[step.output], step.module
    draft.each(pointwise.Learned(y.plane, how.strides), draft.memory.parameter(how.weight), y.data)


def piece(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """Some of the channels, rows and columns."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    draft.each(pieces.Pick(x.plane, y.plane, *settings.picked(step.module, x.plane)), x.data, y.data)


def shuffle(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """The first channels of all groups, then the second ones, and so on."""
    x, y, groups = draft.values[step.inputs[0]], draft.values[step.output], step.module.groups
    width = x.plane.channels // groups
    for group in range(groups):
        put = pieces.Put(replace(x.plane, channels=width), y.plane, (group, 0, 0), (groups, 1, 1))
        draft.each(put, draft.channels(x.plane, x.data, group * width), y.data)


def pad(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """More around."""
    x, y, (amounts, mode, value) = draft.values[step.inputs[0]], draft.values[step.output], settings.pads(step.module)
    (c, _), (i, _), (j, _) = amounts
    if mode == "constant":
        draft.each(pieces.Fill(y.plane, value), y.data)
        draft.each(pieces.Put(x.plane, y.plane, (c, i, j)), x.data, y.data)
    else:
        draft.each(pieces.Around(x.plane, y.plane, (i, j), mode), x.data, y.data)


def same(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """What changes nothing."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    draft.each(pointwise.Copy(x.plane, y.plane), x.data, y.data)


def dropout(draft: Draft, step: Step, training: bool) -> None:
    """Dropout that could not join a norm."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    if training and step.module.threshold:
        keys = draft.memory.keys_of(step.output, step.module)
        drop = pointwise.Drop(x.plane, y.plane, step.module.threshold, step.module.unit, step.order)
        draft.each(drop, keys, draft.memory.images, x.data, y.data)
    else:
        draft.each(pointwise.Copy(x.plane, y.plane), x.data, y.data)


def norm(draft: Draft, step: Step, training: bool) -> None:
    """Moments, then statistics over the norm's own set, then the affine map."""
    x, y, norm = draft.values[step.inputs[0]], draft.values[step.output], step.module
    channels, memory = x.plane.channels, draft.memory
    moments, state, _ = draft.norm_buffers(step)
    if isinstance(norm, settings.OF_BATCHES):
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
    threshold, unit, keys = draft.mask(step) if training else (0, "value", memory.images)
    apply = norms.Apply(x.plane, y.plane, settings.affine(norm), threshold, unit, step.relu)
    gamma, beta = memory.scale(norm, draft.affine_size(step)), memory.shift(norm, draft.affine_size(step))
    draft.each(apply, x.data, state, gamma, beta, keys, memory.images, y.data)


def across(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A norm over the channels of each position."""
    x, y, norm = draft.values[step.inputs[0]], draft.values[step.output], step.module
    gamma, beta = draft.memory.scale(norm, step.shape[0]), draft.memory.shift(norm, step.shape[0])
    kernel = norms.AcrossChannels(x.plane, y.plane, float(norm.eps), settings.centres(norm))
    draft.each(kernel, x.data, gamma, beta, y.data)


def arrange(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """A copy in another order."""
    x, y, module = draft.values[step.inputs[0]], draft.values[step.output], step.module
    draft.each(walks.Copy(x.plane, y.plane, module.legs, module.start), x.data, y.data)


def beside(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """Times a parameter that has numbers for parts of channels, or plus one."""
    x, y, how = draft.values[step.inputs[0]], draft.values[step.output], step.module
    kernel = walks.Beside(x.plane, y.plane, how.legs, how.weight.numel(), how.shifts)
    draft.each(kernel, x.data, draft.memory.parameter(how.weight), y.data)


def contract(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """Products of matrices."""
    (a, b), y, how = (draft.values[name] for name in step.inputs), draft.values[step.output], step.module
    kernel = walks.Contract((a.plane, b.plane, y.plane), how.g, how.i, how.j, how.k, how.factor)
    draft.each(kernel, a.data, b.data, y.data)


def softmax(draft: Draft, step: Step, training: bool) -> None:  # noqa: ARG001
    """Shares of one."""
    x, y = draft.values[step.inputs[0]], draft.values[step.output]
    draft.each(shares_of_one.Softmax(x.plane, y.plane, settings.along(step.module)), x.data, y.data)


FORWARD: dict[str, Callable[[Draft, Step, bool], None]] = {
    "conv": conv,
    "largest": largest,
    "mean": mean,
    "relu": relu,
    "add": add,
    "activation": activation,
    "prelu": prelu,
    "own": own,
    "product": product,
    "join": join,
    "learned": learned,
    "piece": piece,
    "shuffle": shuffle,
    "pad": pad,
    "same": same,
    "dropout": dropout,
    "norm": norm,
    "across": across,
    "arrange": arrange,
    "beside": beside,
    "contract": contract,
    "softmax": softmax,
}
