"""Convolutions by fewer products where that pays, and as they come where not; see `kernels.winograd`."""

from __future__ import annotations

import torch

from normlab.training.lanes.draft import Draft
from normlab.training.lanes.kernels import winograd, winograd_slopes
from normlab.training.lanes.kernels.convolution import Correlate, WeightGradient
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.pointwise import Zero
from normlab.training.lanes.operations import Buffer, Part
from normlab.training.lanes.plane import Plane


def correlate(draft: Draft, kernel: Kernel, x: Buffer, weight: Part, *others: Buffer | Part) -> None:
    """Note a convolution down; `others` are b, if there is one, and y."""
    if not (isinstance(kernel, Correlate) and winograd.pays(kernel)):
        draft.each(kernel, x, weight, *others)
        return
    fast, channels = winograd.Winograd.of(kernel), (kernel.y.channels, kernel.x.channels)
    kernels = _of_places("kernels by place", winograd.kernels_apart(*channels))
    draft.before_row(winograd.Transformed(*channels, kernel.weights), weight, kernels)
    draft.each(
        fast, x, kernels, *others, _scratch(draft, "spread", fast.spread), _scratch(draft, "summed", fast.summed)
    )


def slopes(draft: Draft, kernel: Kernel, x: Buffer, dy: Buffer, weight: torch.Tensor) -> None:
    """Note the gradient of a convolution's weights down."""
    if not (isinstance(kernel, WeightGradient) and winograd_slopes.pays(kernel)):
        draft.each(kernel, x, dy, draft.memory.slope(weight))
        return
    fast, channels = winograd_slopes.WinogradSlopes.of(kernel), (kernel.dy.channels, kernel.x.channels)
    sums = _of_places("slopes by place", winograd.kernels_apart(*map(winograd_slopes.whole, channels)))
    draft.before_row(Zero(sums.floats // draft.memory.lanes), sums)
    draft.each(fast, x, dy, sums, _scratch(draft, "spread", fast.inputs), _scratch(draft, "slopes", fast.outputs))
    draft.after_row(winograd_slopes.Returned(*channels), sums, draft.memory.slope(weight))


def _of_places(name: str, floats: int) -> Buffer:
    return Buffer(name, winograd.PLACES**2 * floats, each_block=False, passing=True)


def _scratch(draft: Draft, name: str, plane: Plane) -> Buffer:
    """Room for what tiles have at their places."""
    return draft.memory.scratch(name, winograd.PLACES**2 * winograd.apart(plane))
