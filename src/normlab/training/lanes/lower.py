"""From steps to operations: forward, loss and backward to train, forward alone to judge."""

from __future__ import annotations

from normlab.training.lanes.backward import BACKWARD
from normlab.training.lanes.borders import cleared
from normlab.training.lanes.draft import Draft
from normlab.training.lanes.forward import FORWARD
from normlab.training.lanes.kernels import pointwise
from normlab.training.lanes.kernels.loss import CrossEntropy
from normlab.training.lanes.operations import Operation


def to_train(draft: Draft) -> list[Operation]:
    """Forward, loss and backward; slopes of the parameters end up in `Memory.slopes`."""
    draft.operations, draft.early, memory = [], [], draft.memory
    for step in draft.steps[1:]:
        draft.layer = step.output
        FORWARD[step.kind](draft, step, True)  # noqa: FBT003 - the only two ways, named in the signature
    draft.layer = ""
    _loss(draft)
    for step in reversed(draft.steps[1:]):
        draft.layer, made = step.output, draft.values[step.output]
        if made.rectified and not made.masked:
            draft.each(pointwise.RectifyGradient(made.plane, made.slopes_plane), made.data, made.slopes)
        BACKWARD[step.kind](draft, step, made)
    draft.layer = ""
    draft.end_row()
    for parameter in memory.by_lane:
        draft.whole(pointwise.SumLanes(parameter.numel()), memory.slopes_of(parameter), memory.slope(parameter))
    for buffer in (memory.slopes, *memory.by_lane.values(), memory.tally):
        draft.at_the_start(pointwise.Zero(buffer.floats // memory.lanes), buffer)
    return cleared(draft.early + draft.operations)


def to_judge(draft: Draft) -> list[Operation]:
    """Forward only, as in eval mode."""
    draft.operations, draft.early = [], []
    for step in draft.steps[1:]:
        FORWARD[step.kind](draft, step, False)  # noqa: FBT003
    return cleared(draft.early + draft.operations)


def _loss(draft: Draft) -> None:
    out, memory = draft.output, draft.memory
    kernel = CrossEntropy(out.plane, out.slopes_plane)
    draft.each(kernel, out.data, memory.labels, memory.live, memory.counts, out.slopes, memory.tally)
