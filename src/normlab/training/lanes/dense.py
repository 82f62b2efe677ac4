"""Linear layers that read a whole plane: of as many blocks at once as that pays."""

from __future__ import annotations

from math import prod

from normlab.training.lanes import settings
from normlab.training.lanes.draft import Draft
from normlab.training.lanes.fuse import Step
from normlab.training.lanes.kernels import dense
from normlab.training.lanes.kernels.convolution import BiasGradient
from normlab.training.lanes.memory import Value
from normlab.training.lanes.operations import Buffer

WORTH = 1 << 14
"""Weights from which on it pays to read them once for some blocks: 64 KiB and more do not stay in the nearest cache."""


def together(draft: Draft, step: Step) -> bool:
    """Whether a layer waits for the whole batch, so that its weights are read less often.

    Where nothing else waits for it, a block passes through the network in cache; the weights must be more than what all
    layers make of a block.
    """
    weights: int = step.module.weight.numel()
    waits = any(isinstance(other.module, settings.OF_BATCHES) for other in draft.steps)
    made = sum(prod(other.shape) for other in draft.steps) * draft.memory.lanes
    return weights >= (WORTH if waits else max(WORTH, made))


def forward(draft: Draft, step: Step) -> None:
    """See `kernels.dense.Linear`."""
    x, y, module = draft.values[step.inputs[0]], draft.values[step.output], step.module
    whole, bias = together(draft, step), [] if module.bias is None else [draft.memory.parameter(module.bias)]
    kernel = dense.Linear(x.plane, y.plane, bool(bias), step.relu, whole)
    note = draft.whole if whole else draft.each
    note(kernel, x.data, draft.memory.parameter(module.weight), *bias, y.data)


def backward(draft: Draft, step: Step, y: Value) -> None:
    """Slopes of the weights, of the bias, and of the input."""
    x, module, memory = draft.values[step.inputs[0]], step.module, draft.memory
    turned = Buffer(f"{step.inputs[0]} turned", dense.width(x.plane, memory.lanes) * memory.lanes**2, passing=True)
    draft.after_row(dense.Turned(x.plane), x.data, turned)
    draft.after_row(dense.LinearSlopes(x.plane, y.slopes_plane), turned, y.slopes, memory.slope(module.weight))
    if module.bias is not None:
        draft.each(BiasGradient(y.slopes_plane), y.slopes, memory.slope(module.bias))
    if draft.wants_slopes(step.inputs[0]):
        (x, adds), whole = draft.into(step.inputs[0]), together(draft, step)
        back, note = (
            dense.LinearGradient(y.slopes_plane, x.slopes_plane, adds, whole),
            draft.whole if whole else draft.each,
        )
        note(back, y.slopes, memory.parameter(module.weight), x.slopes)
