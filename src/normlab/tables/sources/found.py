"""Runs as a tool left them, before anything is said of arms and seeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from normlab.show.numbers import plural

Plain = str | int | float | bool | None


class Measure(NamedTuple):
    """The last value of what a run measured, and how many there are."""

    last: float
    steps: int


@dataclass(frozen=True)
class FoundRun:
    """A run: what the tool calls it, what it was made with, flat, and what it measured."""

    name: str
    config: Mapping[str, Plain]
    measured: Mapping[str, Measure]


@dataclass(frozen=True)
class Found:
    """All runs of a place; `kind` is what it was taken for, `lower` says of some measures if lower is better."""

    kind: str
    runs: Sequence[FoundRun]
    lower: Mapping[str, bool] = field(default_factory=dict)
    notes: Sequence[str] = ()


def series(values: Iterable[tuple[str, float, float]]) -> dict[str, Measure]:
    """The measures of (name, step, value) in the order in which they were written: of two at a step the later."""
    ends: dict[str, tuple[float, float, int]] = {}
    for name, step, value in values:
        end, last, count = ends.get(name, (step, value, 0))
        ends[name] = (step, value, count + 1) if step >= end else (end, last, count + 1)
    return {name: Measure(last, count) for name, (_, last, count) in ends.items()}


def flat(config: Any) -> dict[str, Plain]:
    """A configuration as one level, `optim.lr` for nested ones; what is no plain value is left out.

    What stands in several places by reference, as YAML may have it, is taken once: it could unfold without end.
    """
    found, taken, left = dict[str, Plain](), set[int](), [("", config)]
    while left:
        path, value = left.pop()
        if isinstance(value, Plain):
            found[path] = value
        elif id(value) in taken:
            continue
        elif isinstance(value, Mapping):
            left += reversed([(f"{path}.{key}" if path else str(key), each) for key, each in value.items()])
        elif isinstance(value, Sequence) and all(isinstance(each, Plain) for each in value):
            found[path] = ", ".join(map(str, value))
        taken.add(id(value))
    return found


def left_out(counts: Mapping[str, int]) -> list[str]:
    """A note for each reason why runs are left out, `still running` for instance, where there are some."""
    return [f"{plural(count, 'run')} left out: {why}" for why, count in counts.items() if count]
