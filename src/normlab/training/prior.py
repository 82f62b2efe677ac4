"""Networks that lanes trains faster on any machine, as far as we have measured: nobody need race on them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from normlab.models.registry import build, structure
from normlab.models.summary import parameter_count
from normlab.records import Job
from normlab.training.race import batch

NARROW = 32
"""Channels of a convolution, at most. Four of them with batch norm on 128 images of 32 × 32, with AVX2: lanes was 2.1 ×
eager with 8 channels, 1.7 × with 16, 1.6 × with 24, 1.3 × with 32, 1.2 × with 48 and 64; on 16 images it was 3.1 × with
8 channels, 1.6 × with 32."""
SMALL = 100_000
"""Parameters, at most: those of wide linear layers serve a single position each, which eager reads for more images."""
FULL = 16
"""Images of a batch, at least: fewer leave lanes empty. `resnet8` was 1.3 × eager with 128 images, 1.1 × with 4."""


def surely_lanes(jobs: Sequence[Job], images: int) -> bool:
    """Whether every network is narrow, and every batch of a study's jobs on so many images fills the lanes."""
    each = {structure(job.recipe): job for job in jobs}.values()
    return all(batch(job, images) >= FULL for job in jobs) and all(_is_narrow(build(job)) for job in each)


def _is_narrow(model: nn.Module) -> bool:
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    widest = max((max(each.in_channels, each.out_channels) for each in convolutions), default=0)
    return widest <= NARROW and parameter_count(model) <= SMALL
