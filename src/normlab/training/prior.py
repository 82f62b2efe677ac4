"""Networks of which it is known, as far as we have measured, who trains them faster: nobody need race on them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from torch import nn

from normlab.errors import NetworkError
from normlab.models import graph
from normlab.models.registry import build, structure
from normlab.models.summary import parameter_count
from normlab.norms.kinds import KNOWN
from normlab.records import Job
from normlab.training.work import batch

NARROW = 32
"""Channels of a convolution, at most. Four of them with batch norm on 128 images of 32 × 32, with AVX2: lanes was 2.1 ×
eager with 8 channels, 1.7 × with 16, 1.6 × with 24, 1.3 × with 32, 1.2 × with 48 and 64, before convolutions had fewer
products; on 16 images it was 3.1 × with 8 channels, 1.6 × with 32."""
SMALL = 100_000
"""Parameters, at most: those of wide linear layers serve a single position each, which eager reads for more images."""
FULL = 16
"""Images of a batch, at least: of fewer little was seen. `resnet8` was 1.3 × eager with 128 images, 1.4 × with 4."""

LARGE = 20_000_000
"""Parameters from which eager is taken: with 11 million (ResNet-18) lanes was 1.5 × eager, with AVX-512; more
were not measured, and to try out such a network takes longer than a race should."""
ROOM = 2 * 2**30
"""Bytes of values and slopes of a whole batch from which eager is taken: of many small layers as of large images."""


def surely_eager(jobs: Sequence[Job], shape: tuple[int, int, int], images: int) -> str:
    """Why lanes need not even be tried out on one of a study's networks; empty where it may be the faster."""
    each = {structure(job.recipe): job for job in jobs}.values()
    return next((why for job in each if (why := _is_large(build(job), shape, batch(job, images)))), "")


def _is_large(model: nn.Module, shape: tuple[int, int, int], count: int) -> str:
    if (parameters := parameter_count(model)) > LARGE:
        return f"lanes is for small networks, and this one has {parameters:,} parameters"
    if 2 * 4 * _most(model, shape) * count <= ROOM:
        return ""  # which most networks are, and it costs nothing to know
    try:
        values = sum(prod(node.shape) for node in graph.trace(model, shape, KNOWN))
    except NetworkError:
        return ""  # whoever tries it out says why not
    room = 2 * 4 * values * count
    return f"lanes keeps a whole batch in memory, {room / 2**30:.1f} GiB of this network" if room > ROOM else ""


def _most(model: nn.Module, shape: tuple[int, int, int]) -> int:
    """Values of an image at most, where planes do not grow: every layer's result as large as the widest's could be."""
    leaves = [module for module in model.modules() if not any(module.children())]
    widths = [int(getattr(each, name, 0)) for each in leaves for name in ("in_channels", "out_channels")]
    return max(widths, default=shape[0]) * shape[1] * shape[2] * 2 * len(leaves)


def surely_lanes(jobs: Sequence[Job], images: int) -> bool:
    """Whether every network is narrow, and every batch of a study's jobs on so many images fills the lanes."""
    each = {structure(job.recipe): job for job in jobs}.values()
    return all(batch(job, images) >= FULL for job in jobs) and all(_is_narrow(build(job)) for job in each)


def _is_narrow(model: nn.Module) -> bool:
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    widest = max((max(each.in_channels, each.out_channels) for each in convolutions), default=0)
    return widest <= NARROW and parameter_count(model) <= SMALL
