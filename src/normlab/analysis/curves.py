"""One number of an epoch as curves: of each arm's seeds, and over them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from normlab.records import Epoch
from normlab.stats.estimates import mean

if TYPE_CHECKING:
    from normlab.analysis.gather import Facts


def curves(facts: Facts, value: Callable[[Epoch], float]) -> dict[str, list[list[float]]]:
    """By arm, of each finished run its value after each epoch."""
    found: dict[str, list[list[float]]] = {}
    for curve in facts.curves:
        found.setdefault(curve.arm, []).append([value(epoch) for epoch in curve.epochs])
    return found


def over_seeds(values: Mapping[str, Sequence[Sequence[float]]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """For each arm and epoch the mean, lowest and highest of what is finite; None where nothing is."""
    for arm, runs in values.items():
        for epoch, at in enumerate(zip(*runs, strict=False), start=1):
            finite = [value for value in at if math.isfinite(value)]
            middle = float(mean(finite)) if finite else None
            yield (
                arm,
                {"epoch": epoch, "mean": middle, "low": min(finite, default=None), "high": max(finite, default=None)},
            )
