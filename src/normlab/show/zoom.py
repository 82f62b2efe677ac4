"""The part of an axis that matters: late epochs of arms that learned, however far away the first epochs were."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, median_low

from normlab.show.numbers import listing

FAR = 6.0
"""An arm or a run whose late distance from perfect is more than this many times the usual arm's lies outside."""

NARROWEST = 1e-9
"""No margin is smaller: who draws divides by the axis's length, and losses near 1e-300 would give infinity."""

Curves = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Window:
    """The axis from `low` to `high` and what lies outside: early epochs (`cut`), whole arms, some runs of `parted`."""

    low: float
    high: float
    cut: bool
    outside: tuple[str, ...]
    parted: tuple[str, ...] = ()

    @property
    def left_out(self) -> str:
        """What lies outside in words; empty where it is nothing."""
        arms = [f"the arm{'s' if len(self.outside) > 1 else ''} {listing(self.outside)}"] if self.outside else []
        runs = [f"some of the runs of {listing(self.parted)}"] if self.parted else []
        return f"Too far off to be drawn: {' and '.join([*arms, *runs])}." if arms or runs else ""

    @property
    def domain(self) -> list[float]:
        """The scale's domain."""
        return [self.low, self.high]


def window(arms: Mapping[str, Curves], perfect: float, early: float = 0.5) -> Window:
    """The window that shows the late epochs of every run that is not far off.

    Args:
        arms: for each arm its curves, one value for each epoch; values that are not finite are left out.
        perfect: the best value possible, 100 for an accuracy in percent and 0 for a loss.
        early: which share of the epochs may lie outside, 0 to 1.
    """
    late = {name: list(_distances(curves, perfect, early)) for name, curves in arms.items()}
    middles = {name: median(distances) for name, distances in late.items() if distances}
    usual = median_low(middles.values()) if middles else 0.0
    inside = [name for name, middle in middles.items() if middle <= FAR * usual]
    shown = {
        name: [curve for curve in arms[name] if _near(curve, perfect, early, FAR * usual or math.inf)]
        for name in inside
    }
    near, far = _range([distance for curves in shown.values() for distance in _distances(curves, perfect, early)])
    every = [distance for curves in shown.values() for distance in _distances(curves, perfect, early=0)]
    low, high = (perfect - far, perfect - near) if perfect else (min([near, *_beyond(shown)]), far)
    outside = tuple(name for name in arms if name not in inside)
    parted = tuple(name for name, curves in shown.items() if len(curves) < len(arms[name]))
    return Window(low, high, any(distance > far for distance in every), outside, parted)


def _beyond(shown: Mapping[str, Curves]) -> Iterator[float]:
    """What an estimate gives that is better than perfect, which is 0."""
    lowest = min((value for curves in shown.values() for curve in curves for value in curve), default=0.0)
    if lowest < 0:
        yield 1.08 * lowest


def _near(curve: Sequence[float], perfect: float, early: float, far: float) -> bool:
    late = list(_distances([curve], perfect, early))
    return not late or median(late) <= far


def _range(distances: Sequence[float]) -> tuple[float, float]:
    """From the nearest to the farthest with a margin, never beyond perfect."""
    near, far = min(distances, default=0.0), max(distances, default=0.0)
    margin = max(NARROWEST, 0.08 * (far - near) or 0.1 * far or 0.1)
    return max(0.0, near - margin), far + margin


def _distances(curves: Curves, perfect: float, early: float) -> Iterator[float]:
    for curve in curves:
        late = curve[int(early * len(curve)) :]
        yield from (abs(value - perfect) for value in late if math.isfinite(value))
