"""From what a run has come to, to what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from torch import nn

from normlab.data import Dataset
from normlab.models.summary import parameter_count
from normlab.records import Epoch, Flow, Held, Job, KernelSize, RunRecord
from normlab.training.environment import environment


def record_of(
    job: Job,
    data: Dataset,
    model: nn.Module,
    *,
    epochs: Sequence[Epoch],
    probabilities: NDArray[np.float32] | None,
    sizes: Iterable[KernelSize],
    flow: Iterable[Flow] = (),
    seconds: float,
    diverged_at: int | None,
) -> RunRecord:
    """The record of a job's run.

    Args:
        job, data: what was trained, on which stored data set.
        model: the network as it is to be kept.
        epochs: the finished ones, with the kernels' `sizes` after each, and the signal's `flow` after some.
        probabilities: the final epoch's; None for a run that diverged.
        seconds: wall time of the whole run.
        diverged_at: the epoch in which the loss stopped being a number.
    """
    return RunRecord(
        job=replace(job, start=None),
        parameters=parameter_count(model),
        epochs=tuple(epochs),
        contents=Held(
            np.empty((0, 0), np.float32) if probabilities is None else probabilities,
            {name: value.cpu().numpy().copy() for name, value in model.state_dict().items()},
        ),
        seconds=seconds,
        environment=environment(job, data),
        diverged_at=diverged_at,
        sizes=tuple(sizes),
        flow=tuple(flow),
    )
