"""Two whole steps of an engine beside PyTorch's own, on real batches: what it would train is what eager would.

A step is more than its gradient: the optimizer's memory, decay of some weights and not of others, a penalty's turn,
running statistics. All of it shows in how far the weights have moved, and in what the network then says.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
import torch
from torch import nn

from normlab.data.batches import Batch, Batches
from normlab.data.split import Split
from normlab.errors import EngineError
from normlab.records import Job
from normlab.training.eager import Eager
from normlab.training.engine import Stepper
from normlab.training.schedule import rate

Values = dict[str, torch.Tensor]

STEPS = 2
TOLERANCE = 0.1
"""Relative, on all that has moved: where a relu or a maximum is nearly tied, float32 decides one way or the other, and
Adam makes a whole step of it. 0.02 has been seen; without momentum or with another rate it is a share of 1."""
CALM = 0.1
"""The largest learning rate that is tried: a step that throws a network far off enlarges what float32 has rounded."""
NOISE, SCORES = 1e-5, 0.1
"""Of the probabilities of an image, summed over classes and on average. What differs by less is no difference: the
gradient of a bias that a norm takes away again is rounding, and Adam makes a step of it. 0.02 has been seen where steps
are large; what differs by more is wrong whatever the weights are."""


def check_beside(stepper: Stepper, job: Job, images: Split, steps: int) -> None:
    """Raise `EngineError` unless a new stepper moves a job's network as eager does, at the start of so many `steps`."""
    batches = list(islice(Batches(images, job.recipe, job.root).epoch(job.replicate, 1), STEPS))
    usual = Eager().stepper([job], images)
    start = _values(usual.models[0])
    for each in (stepper, usual):
        _walk(each, job, batches, steps)
    got, wanted = stepper.judge()[0].probabilities, usual.judge()[0].probabilities
    if not np.isfinite(wanted).all():
        return  # whoever trains it, it diverges
    off = float(abs(got - wanted).sum(axis=1).mean())
    moved = max(_apart(*each) for each in zip(start, _values(stepper.models[0]), _values(usual.models[0]), strict=True))
    if not (off <= NOISE or (off <= SCORES and moved <= TOLERANCE)):
        raise EngineError(
            f"{job.label}: after {len(batches)} steps of {job.engine} its weights are off by {moved:.1e} of how far "
            f"they moved, and its probabilities by {off:.1e}, beside PyTorch's"
        )


def _walk(stepper: Stepper, job: Job, batches: Sequence[Batch], steps: int) -> None:
    stepper.begin(1)
    for number, batch in enumerate(batches):
        stepper.step([batch], rate(job.recipe.schedule, min(job.recipe.optimizer.lr, CALM), number, steps))


def _values(model: nn.Module) -> tuple[Values, Values]:
    """What training moves, copied: parameters, and running statistics."""
    parts = dict(model.named_parameters()), dict(model.named_buffers())
    weights, statistics = (
        {name: value.detach().double().clone() for name, value in part.items() if value.is_floating_point()}
        for part in parts
    )
    return weights, statistics


def _apart(start: Values, got: Values, wanted: Values) -> float:
    """How far two networks are from each other, of how far one has moved; names that only one has are left out."""
    names = [name for name in wanted if name in start and name in got]
    off = sum(float(((got[name] - wanted[name]) ** 2).sum()) for name in names)
    moved = sum(float(((wanted[name] - start[name]) ** 2).sum()) for name in names)
    return float((off / max(moved, 1e-24)) ** 0.5)
