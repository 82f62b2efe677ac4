"""The learning rate of each step, as a plain function of the step."""

from __future__ import annotations

import math

from normlab.spec import Schedule


def rate(schedule: Schedule, peak: float, step: int, steps: int) -> float:
    """The learning rate of step `step` (from 0) of `steps`.

    `one-cycle`: linear from `peak / 25` to `peak` over the warm-up, then half a cosine down to `peak · final`, reached
    at the last step. Source: L. N. Smith and N. Topin, arXiv 1708.07120.
    """
    if schedule.kind == "constant":
        return peak
    turn = schedule.warmup * steps
    if step < turn:
        return peak * (1 / 25 + (1 - 1 / 25) * step / turn)
    done = (step - turn) / max(1.0, steps - 1 - turn)
    return peak * (schedule.final + (1 - schedule.final) * (1 + math.cos(math.pi * min(1.0, done))) / 2)
