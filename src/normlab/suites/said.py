"""All that there is to say of a suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from normlab.analysis import arms
from normlab.analysis.across import Across
from normlab.analysis.arms import ArmRow
from normlab.analysis.scores import scored
from normlab.outcomes import Outcome
from normlab.records import Comparison
from normlab.stats.verdict import Rules


@dataclass(frozen=True)
class Part:
    """A data set by its label, the study on it, its arms, and on how many images of which kind they are judged."""

    label: str
    study: str
    arms: tuple[ArmRow, ...]
    images: int
    judged_on: str
    classes: int


@dataclass(frozen=True)
class Said:
    """What its pairs say, and the studies behind them; `seeds` are those of the suite."""

    name: str
    parts: tuple[Part, ...]
    across: Across
    seeds: tuple[int, ...]

    @property
    def outcome(self) -> Outcome:
        """What arms are judged by."""
        return self.across.outcome

    @property
    def rules(self) -> Rules:
        """How."""
        return self.across.rules

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the data sets."""
        return self.across.labels


def said(name: str, studies: Sequence[str], found: Across, comparisons: Sequence[Comparison]) -> Said:
    """A suite's say: its studies by name, and what each has come to."""
    parts = zip(found.labels, studies, comparisons, strict=True)
    return Said(name, tuple(_part(*each) for each in parts), found, comparisons[0].study.seeds)


def _part(label: str, study: str, comparison: Comparison) -> Part:
    rows = tuple(arms.rows(comparison, scored(comparison)))
    recipe = comparison.study.recipe
    return Part(label, study, rows, len(comparison.labels), recipe.judged_on, len(comparison.classes))
