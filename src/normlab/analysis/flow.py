"""Whether the signal explodes or vanishes in an arm's networks, and since when."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, takewhile

from normlab.records import Comparison, Flow, RunRecord
from normlab.spec import Arm

LARGE, SMALL = 1e4, 1e-4
"""Activations beyond these explode or vanish: the variance of the small ones is far below the eps of any norm."""
PULL = 1e3
"""From here on a change of a layer's output by a thousandth changes an image's loss by 1."""
APART = 1e-4
"""A layer with so small a share of the greatest pull learns as good as nothing beside the others."""
HALF = 0.5
"""The share of an arm's runs in which it must be so in the end."""


class Trouble(StrEnum):
    """What is wrong with the flow through a layer."""

    large = "activations explode"
    small = "activations vanish"
    steep = "gradients explode"
    flat = "gradients vanish"


@dataclass(frozen=True)
class Ill:
    """A trouble that most of an arm's runs end with.

    It is so in `runs` of `of` runs. Of the first of them are `layer`, where it is worst, `epoch`, since when, and
    `value`, what was measured there last: an activation, a pull, or of what vanishes the share of the greatest pull.
    """

    arm: Arm
    trouble: Trouble
    layer: str
    runs: int
    of: int
    epoch: int
    value: float


Look = Sequence[Flow]
Found = tuple[str, float]


def ills(comparison: Comparison) -> tuple[Ill, ...]:
    """Of every arm, by runs that were looked at; those that diverged are among them, up to their last epoch."""
    return tuple(ill for arm in comparison.study.arms for ill in _of(arm, _runs(comparison, arm.name)))


def _runs(comparison: Comparison, arm: str) -> list[list[Look]]:
    return [_looks(run) for run in (*comparison.of(arm), *comparison.diverged(arm)) if run.flow]


def _looks(run: RunRecord) -> list[Look]:
    """A run's flow, a look after the other."""
    return [tuple(look) for _, look in groupby(run.flow, key=lambda flow: flow.epoch)]


def _of(arm: Arm, runs: Sequence[Sequence[Look]]) -> Iterator[Ill]:
    for trouble, find in FIND.items():
        ill = [run for run in runs if find(run[-1])]
        if ill and len(ill) >= HALF * len(runs):
            layer, value = find(ill[0][-1]) or ("", 0.0)
            yield Ill(arm, trouble, layer, len(ill), len(runs), _since(ill[0], find), value)


def _since(run: Sequence[Look], find: Callable[[Look], Found | None]) -> int:
    *_, first = takewhile(find, reversed(run))
    return first[0].epoch


def _large(look: Look) -> Found | None:
    worst = max(look, key=lambda flow: flow.activation)
    return (worst.layer, worst.activation) if worst.activation >= LARGE else None


def _small(look: Look) -> Found | None:
    worst = min(look, key=lambda flow: flow.activation)
    return (worst.layer, worst.activation) if worst.activation <= SMALL else None


def _steep(look: Look) -> Found | None:
    worst = max(look, key=lambda flow: flow.pull)
    return (worst.layer, worst.pull) if worst.pull >= PULL else None


def _flat(look: Look) -> Found | None:
    """Of a look in which any layer has a pull: where the loss is 0 none has, and nothing is wrong."""
    worst, most = min(look, key=lambda flow: flow.pull), max(flow.pull for flow in look)
    if not 0 < most < math.inf:
        return None
    return (worst.layer, worst.pull / most) if worst.pull <= APART * most else None


FIND: dict[Trouble, Callable[[Look], Found | None]] = {
    Trouble.large: _large,
    Trouble.small: _small,
    Trouble.steep: _steep,
    Trouble.flat: _flat,
}
