"""Where the variance between seeds comes from, and how much of it pairing removes: one source varied at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.analysis.questions import Pair, inquiries
from normlab.analysis.scores import Scores, scores
from normlab.records import Alone, Comparison
from normlab.stats.components import FEWEST, Part, correlation, leader, of_images, removed, share, spread
from normlab.stats.intervals import Interval

ALL = ""
"""What ordinary runs are called among the sources: all that follow the seed in them."""
APART = "split"
"""The source that ordinary runs do not vary: they are paired by image, so it is no part of their variance."""

Values = Mapping[int, float]
"""An arm's scores by seed."""


@dataclass(frozen=True)
class Component:
    """What one source brings in an arm: the standard deviation over `seeds`, and its share of the total variance.

    `source` is a key of `seeds.SOURCES`, or `ALL`. `sd` is in the outcome's unit, `share` from 0 on. Runs that
    failed are left out.
    """

    source: str
    seeds: int
    sd: Part | None
    share: Part | None


@dataclass(frozen=True)
class Sourced:
    """An arm's components.

    `left` is the share of the total that the sources together leave, 1 − Σ: negative where they interact, so that each
    brings again what others bring. `leader` is the source with the most variance, where that is beyond doubt. `images`
    is √(p(1 − p) / n), what images alone are worth, in points; None where arms are not judged by accuracy.
    """

    arm: str
    total: Component
    parts: tuple[Component, ...]
    apart: tuple[Component, ...]
    left: Part | None
    leader: str | None
    images: float | None

    @property
    def largest(self) -> Component | None:
        """The source with the largest share, whether that is beyond doubt or not."""
        known = [part for part in self.parts if part.share]
        return max(known, key=lambda part: part.share.value if part.share else 0.0, default=None)


@dataclass(frozen=True)
class Shared:
    """How alike two arms' scores are while one source varies: their correlation, and what pairing by seed removes."""

    first: str
    second: str
    source: str
    seeds: int
    correlation: float | None
    removed: Part | None


@dataclass(frozen=True)
class Sources:
    """All of a study: the components of each arm, and of each pair of a question what pairing removes.

    `absent` are sources that were asked for and that no arm has, `owed` how many runs there are not yet.
    """

    arms: tuple[Sourced, ...]
    pairs: tuple[Shared, ...]
    absent: tuple[str, ...]
    owed: int
    level: float

    def of(self, arm: str, source: str = ALL) -> tuple[Shared, ...]:
        """What pairing removes of a source, for all pairs of an arm."""
        return tuple(each for each in self.pairs if each.source == source and arm in (each.first, each.second))


def sources(comparison: Comparison, known: Scores) -> Sources | None:
    """Those of a comparison, whose own runs have the scores `known`; None where the study asks for none."""
    study = comparison.study
    if not study.sources:
        return None
    found = {ALL: known} | {each.source: _scores(comparison, each) for each in comparison.alone}
    values = {arm.name: _of_arm(found, arm.name) for arm in study.arms}
    pairs = dict.fromkeys(pair for question in inquiries(study) for pair in question.pairs)
    level = study.verdict.level
    return Sources(
        arms=tuple(_arm(comparison, name, each, level) for name, each in values.items()),
        pairs=tuple(one for pair in pairs for one in _pair(pair, values[pair[0]], values[pair[1]], level)),
        absent=tuple(name for name in study.sources if name not in found),
        owed=sum(each.owed for each in comparison.alone),
        level=level,
    )


def _scores(comparison: Comparison, alone: Alone) -> Scores:
    """Each run by the labels of its own images."""
    found: dict[tuple[str, int], float] = {}
    for run, labels in zip(alone.runs, alone.labels, strict=True):
        found |= scores(comparison.study, [run], labels)
    return found


def _of_arm(found: Mapping[str, Scores], arm: str) -> dict[str, Values]:
    """By source, those that the arm has."""
    every = {
        source: {seed: value for (name, seed), value in each.items() if name == arm} for source, each in found.items()
    }
    return {source: each for source, each in every.items() if each or source == ALL}


def _arm(comparison: Comparison, arm: str, values: Mapping[str, Values], level: float) -> Sourced:
    within = [source for source in values if source not in (ALL, APART)]
    total, *parts = _rows([values[source] for source in (ALL, *within)])
    best = leader(parts, level) if len(parts) > 1 and total.size >= FEWEST else None
    together = share(parts, total, level) if parts else None
    return Sourced(
        arm=arm,
        total=_component(ALL, values, level),
        parts=tuple(_component(source, values, level) for source in within),
        apart=tuple(_component(source, values, level) for source in values if source == APART),
        left=together and _rest(together),
        leader=None if best is None else within[best],
        images=_images(comparison, values[ALL]),
    )


def _component(source: str, values: Mapping[str, Values], level: float) -> Component:
    """Its standard deviation on all seeds that it has, and its share on those that ordinary runs have too."""
    alone, total = _rows([values[source], values[ALL]])
    every = [*values[source].values()]
    return Component(source, len(every), spread(every, level), share(alone, total, level) if source != ALL else None)


def _pair(pair: Pair, first: Mapping[str, Values], second: Mapping[str, Values], level: float) -> Iterator[Shared]:
    for source in (source for source in first if source in second):
        a, b = _rows([first[source], second[source]])
        yield Shared(*pair, source, a.size, correlation(a, b), removed(a, b, level))


def _rows(several: Sequence[Values]) -> list[NDArray[np.float64]]:
    """The scores on the seeds that all of them have, in one order."""
    seeds = sorted(set.intersection(*(set(each) for each in several)))
    return [np.array([each[seed] for seed in seeds], dtype=np.float64) for each in several]


def _rest(together: Part) -> Part:
    """What is left of the whole."""
    ends = together.interval
    return Part(1 - together.value, ends and Interval(1 - ends.high, 1 - ends.low, ends.level))


def _images(comparison: Comparison, values: Values) -> float | None:
    if not comparison.study.verdict.usual or not values or not len(comparison.labels):
        return None
    return 100 * of_images(float(np.mean([*values.values()])) / 100, len(comparison.labels))
