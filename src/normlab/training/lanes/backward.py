"""Backward operations: from the slopes of what a step made to those of its inputs and its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from normlab.models.graph.operations import Moved
from normlab.norms import kinds
from normlab.training.lanes import dense, fewer, phases, settings
from normlab.training.lanes.draft import Draft, few
from normlab.training.lanes.fuse import Step
from normlab.training.lanes.kernels import activations, convolution, norms, pieces, pointwise, pooling, walks
from normlab.training.lanes.kernels import softmax as shares_of_one
from normlab.training.lanes.memory import Value
from normlab.training.lanes.shares import Shares


def conv(draft: Draft, step: Step, y: Value) -> None:
    """Slopes of the weights, of the bias, and of the input."""
    x, module = draft.values[step.inputs[0]], step.module
    if settings.dense(module, x.plane.shape, y.plane.shape):
        dense.backward(draft, step, y)
        return
    shares, around = Shares(module, x.plane, y.slopes_plane), (settings.padding(module), settings.dilation(module))
    late = few(step)
    slopes = convolution.WeightGradient(
        *(shares.x, shares.y, *shares.kernel, settings.stride(module), *around),
        blocks=(x.plane.vectors, y.slopes_plane.vectors) if late else None,
    )
    each = (shares.inputs, 0), (shares.outputs, 0), (0, shares.weights)
    if late:
        draft.after_row(shares.of(slopes, *each), x.data, y.slopes, draft.memory.slope(module.weight))
    else:
        fewer.slopes(draft, shares.of(slopes, *each), x.data, y.slopes, module.weight)
    if module.bias is not None:
        draft.each(convolution.BiasGradient(y.slopes_plane), y.slopes, draft.memory.slope(module.bias))
    if draft.wants_slopes(step.inputs[0]):
        _through(draft, step, y)


def _through(draft: Draft, step: Step, y: Value) -> None:
    """To what the convolution reads: convolutions of the slopes with the kernel turned around."""
    (x, adds), module = draft.into(step.inputs[0]), step.module
    shares, sides = Shares(module, x.slopes_plane, y.slopes_plane), settings.sides(module, x.plane.shape)
    if not adds and not phases.all_meet(sides):
        draft.each(pieces.Fill(x.slopes_plane), x.slopes)
    seen, weights = Shares(module, x.plane, y.plane).x, draft.memory.parameter(module.weight)
    x.masked = x.rectified and x.written == x.uses and phases.all_meet(sides)
    mask, around = ([x.data], [(seen.vectors, 0)]) if x.masked else ([], [])
    each = (shares.outputs, 0), (0, shares.weights), *around, (shares.inputs, 0)
    for back in phases.through(shares.y, shares.x, sides, adds, seen if x.masked else None):
        fewer.correlate(draft, shares.of(back, *each), y.slopes, weights, *mask, x.slopes)


def largest(draft: Draft, step: Step, y: Value) -> None:
    """To the first largest of each window."""
    x, adds = draft.into(step.inputs[0])
    window = settings.largest_window(step.module, x.plane, y.plane)
    back = pooling.LargestGradient(x.plane, y.plane, y.slopes_plane, x.slopes_plane, window, step.relu, adds)
    draft.each(back, x.data, y.data, y.slopes, x.slopes)


def mean(draft: Draft, step: Step, y: Value) -> None:
    """To every position of a window alike."""
    x, adds = draft.into(step.inputs[0])
    if settings.uneven(step.module, x.plane, y.plane):
        if not adds:
            draft.each(pieces.Fill(x.slopes_plane), x.slopes)
        draft.each(pooling.AdaptiveGradient(y.slopes_plane, x.slopes_plane), y.slopes, x.slopes)
        return
    window = settings.mean_window(step.module, x.plane, y.plane)
    draft.each(pooling.MeanGradient(y.slopes_plane, x.slopes_plane, window, adds), y.slopes, x.slopes)


def relu(draft: Draft, step: Step, y: Value) -> None:
    """Masked already: passed on."""
    same(draft, step, y)


def activation(draft: Draft, step: Step, y: Value) -> None:
    """Times the function's slope."""
    (x, adds), how = draft.into(step.inputs[0]), settings.activation(step.module)
    back = activations.ActivateGradient(x.plane, y.slopes_plane, x.slopes_plane, how, adds)
    draft.each(back, x.data, y.slopes, x.slopes)


def prelu(draft: Draft, step: Step, y: Value) -> None:
    """Times the slope on each side; what was below 0 says how α should move."""
    (x, adds), memory, alpha = draft.into(step.inputs[0]), draft.memory, step.module.weight
    back = activations.SlantedGradient(x.plane, y.slopes_plane, x.slopes_plane, alpha.numel() > 1, adds)
    draft.each(back, x.data, memory.parameter(alpha), y.slopes, memory.slopes_of(alpha), x.slopes)


def own(draft: Draft, step: Step, y: Value) -> None:
    """Times the parameter, where it is a factor; and to it."""
    (x, adds), memory, parameter = draft.into(step.inputs[0]), draft.memory, settings.own(step.module)
    how = isinstance(step.module, Moved), step.module.strides
    back = pointwise.OwnGradient(x.plane, y.slopes_plane, x.slopes_plane, *how, adds)
    draft.each(back, x.data, memory.parameter(parameter), y.slopes, memory.slopes_of(parameter), x.slopes)


def product(draft: Draft, step: Step, y: Value) -> None:
    """To each branch, times the other."""
    for name, of in zip(step.inputs, reversed(step.inputs), strict=True):
        (x, adds), other = draft.into(name), draft.values[of]
        summed = x.slopes_plane.shape != y.slopes_plane.shape
        if summed and not adds:
            draft.each(pieces.Fill(x.slopes_plane), x.slopes)
        back = pointwise.MultiplyGradient(other.plane, y.slopes_plane, x.slopes_plane, adds or summed)
        draft.each(back, other.data, y.slopes, x.slopes)


def join(draft: Draft, step: Step, y: Value) -> None:
    """To each branch its own."""
    start = settings.starts(step.module, [draft.values[name] for name in step.inputs])
    for name, at in zip(step.inputs, start, strict=True):
        x, adds = draft.into(name)
        draft.each(pieces.Pick(y.slopes_plane, x.slopes_plane, at, adds=adds), y.slopes, x.slopes)


def learned(draft: Draft, step: Step, y: Value) -> None:
    """To the parameter alone: no image moves it."""
    how = step.module
    back = pointwise.LearnedGradient(y.slopes_plane, how.strides)
    draft.each(back, y.slopes, draft.memory.slopes_of(how.weight))


def piece(draft: Draft, step: Step, y: Value) -> None:
    """To where it was taken from, and nothing elsewhere."""
    x, adds = draft.into(step.inputs[0])
    if not adds:
        draft.each(pieces.Fill(x.slopes_plane), x.slopes)
    back = pieces.Put(y.slopes_plane, x.slopes_plane, *settings.picked(step.module, x.plane), adds=True)
    draft.each(back, y.slopes, x.slopes)


def shuffle(draft: Draft, step: Step, y: Value) -> None:
    """Back to where they were."""
    (x, adds), groups = draft.into(step.inputs[0]), step.module.groups
    width = x.plane.channels // groups
    for group in range(groups):
        share = replace(x.slopes_plane, channels=width)
        back = pieces.Pick(y.slopes_plane, share, (group, 0, 0), (groups, 1, 1), adds)
        draft.each(back, y.slopes, draft.channels(x.slopes_plane, x.slopes, group * width))


def pad(draft: Draft, step: Step, y: Value) -> None:
    """To what was inside; where that was repeated, to it once more."""
    (x, adds), (amounts, mode, _) = draft.into(step.inputs[0]), settings.pads(step.module)
    (c, _), (i, _), (j, _) = amounts
    if mode == "constant":
        draft.each(pieces.Pick(y.slopes_plane, x.slopes_plane, (c, i, j), adds=adds), y.slopes, x.slopes)
        return
    if not adds:
        draft.each(pieces.Fill(x.slopes_plane), x.slopes)
    draft.each(pieces.AroundGradient(x.slopes_plane, y.slopes_plane, (i, j), mode), y.slopes, x.slopes)


def same(draft: Draft, step: Step, y: Value) -> None:
    """Passed on to all that were added, or to the only one; nobody reads them here again, so one may keep the place."""
    heir = _heir(draft, step, y)
    for name in step.inputs:
        if name == heir:
            continue
        x, adds = draft.into(name)
        draft.each(pointwise.Copy(y.slopes_plane, x.slopes_plane, adds), y.slopes, x.slopes)
    if heir is not None:
        draft.into(heir)[0].slopes = y.slopes


def _heir(draft: Draft, step: Step, y: Value) -> str | None:
    """Whose slopes are those of y to which others may be added: nothing has come there yet, and it lies as y's do."""
    once = [name for name in step.inputs if step.inputs.count(name) == 1 and not draft.values[name].written]
    return next((name for name in once if draft.values[name].slopes_plane == y.slopes_plane), None)


def dropout(draft: Draft, step: Step, y: Value) -> None:
    """Through the same mask."""
    if not step.module.threshold:
        same(draft, step, y)
        return
    x, adds = draft.into(step.inputs[0])
    drop = pointwise.Drop(y.slopes_plane, x.slopes_plane, step.module.threshold, step.module.unit, step.order, adds)
    draft.each(drop, draft.memory.keys_of(step.output, step.module), draft.memory.images, y.slopes, x.slopes)


def norm(draft: Draft, step: Step, y: Value) -> None:
    """Sums of slopes, their means over the norm's own set, then the slopes of the input."""
    (x, adds), norm, memory = draft.into(step.inputs[0]), step.module, draft.memory
    moments, state, means = draft.norm_buffers(step)
    threshold, unit, keys = draft.mask(step)
    size, affine, whole = draft.affine_size(step), settings.affine(norm), isinstance(norm, settings.OF_BATCHES)
    gamma = memory.scale(norm, size)
    slopes = norms.Slopes(x.plane, y.slopes_plane, affine, threshold, unit)
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
        *(x.plane, y.slopes_plane, x.slopes_plane, float(norm.eps), settings.centres(norm)), _masks_here(x), adds
    )
    slopes = memory.slopes_of_norm(norm, step.shape[0])
    draft.each(back, x.data, memory.scale(norm, step.shape[0]), y.slopes, *slopes, x.slopes)


def arrange(draft: Draft, step: Step, y: Value) -> None:
    """Back to where it was, and nothing elsewhere."""
    (x, adds), module = draft.into(step.inputs[0]), step.module
    if not adds and x.plane.elements != y.plane.elements:
        draft.each(pieces.Fill(x.slopes_plane), x.slopes)
        adds = True
    back = walks.Copy(x.slopes_plane, y.slopes_plane, module.legs, module.start, adds, back=True)
    draft.each(back, x.slopes, y.slopes)


def beside(draft: Draft, step: Step, y: Value) -> None:
    """Times the parameter, where it is a factor; and to it."""
    (x, adds), memory, how = draft.into(step.inputs[0]), draft.memory, step.module
    planes = x.plane, y.slopes_plane, x.slopes_plane
    back = walks.BesideGradient(*planes, how.legs, how.weight.numel(), how.shifts, adds)
    draft.each(back, x.data, memory.parameter(how.weight), y.slopes, memory.slopes_of(how.weight), x.slopes)


def contract(draft: Draft, step: Step, y: Value) -> None:
    """To a: dy · bᵀ; to b: aᵀ · dy."""
    how, (one, other) = step.module, step.inputs
    for name, (rows, columns, over), order in (
        (one, (how.i, how.k, how.j), (2, 1, 0)),
        (other, (how.k, how.j, how.i), (0, 2, 1)),
    ):
        x, adds = draft.into(name)
        a, b = (draft.values[each] for each in step.inputs)
        planes, data = (a.plane, b.plane, y.slopes_plane), (a.data, b.data, y.slopes)
        read = [(planes[k], data[k]) for k in order[:2]]
        g, i, j, k = (walks.reordered(each, order) for each in (how.g, rows, columns, over))
        kernel = walks.Contract((read[0][0], read[1][0], x.slopes_plane), g, i, j, k, how.factor, adds)
        draft.each(kernel, read[0][1], read[1][1], x.slopes)


def softmax(draft: Draft, step: Step, y: Value) -> None:
    """What moves one share moves the others against it."""
    x, adds = draft.into(step.inputs[0])
    back = shares_of_one.SoftmaxGradient(y.plane, y.slopes_plane, x.slopes_plane, settings.along(step.module), adds)
    draft.each(back, y.data, y.slopes, x.slopes)


def _masks_here(x: Value) -> bool:
    """Whether the only reader of a rectified value lets no slope pass where it is 0, so nobody else need look."""
    x.masked = x.rectified and x.uses == 1
    return x.masked


BACKWARD: dict[str, Callable[[Draft, Step, Value], None]] = {
    "conv": conv,
    "largest": largest,
    "mean": mean,
    "relu": relu,
    "add": same,
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
