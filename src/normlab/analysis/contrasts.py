"""The pairs of a study: differences paired by seed, and the verdict on each among all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from normlab.analysis.questions import About, Pair, asked
from normlab.records import Comparison, Epoch, RunRecord
from normlab.spec import Study
from normlab.stats.intervals import Interval
from normlab.stats.verdict import Rules, Verdict, verdicts

Finals = Mapping[tuple[str, int], Epoch]
"""The final epoch of every finished run, by (arm, seed)."""


@dataclass(frozen=True)
class Contrast:
    """Two arms that differ in one thing: final accuracy of `first` − `second` in percentage points, for each seed.

    Only seeds that finished in both arms count, in the order of the seeds.
    """

    about: About
    first: str
    second: str
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    verdict: Verdict

    @property
    def mean(self) -> float | None:
        """The mean difference over seeds; None without a seed in common."""
        return self.verdict.mean

    @property
    def interval(self) -> Interval | None:
        """Of the mean difference, at this pair's own level among all pairs."""
        return self.verdict.interval


@dataclass(frozen=True)
class Question:
    """Arms that differ in norm alone, in preprocessing alone, or in having a penalty."""

    about: About
    arms: tuple[str, ...]
    contrasts: tuple[Contrast, ...]


def judge(comparison: Comparison) -> tuple[Question, ...]:
    """Every question that the study asks, with the verdicts on its pairs by the study's rules.

    All planned pairs are counted, so that a verdict does not get easier while runs are missing.
    """
    return judge_finals(comparison.study, finals(comparison.runs))


def judge_finals(study: Study, known: Finals) -> tuple[Question, ...]:
    """As `judge`, for the final epochs that are known so far."""
    questions = asked(study)
    paired = [_paired(known, pair) for question in questions for pair in question.pairs]
    found = iter(zip(paired, verdicts([differences for _, differences in paired], rules(study)), strict=True))
    return tuple(
        Question(
            question.about,
            question.arms,
            tuple(
                Contrast(question.about, *pair, seeds, differences, verdict)
                for pair, ((seeds, differences), verdict) in zip(question.pairs, found, strict=False)
            ),
        )
        for question in questions
    )


def open_arms(questions: Iterable[Question]) -> frozenset[str]:
    """The arms of which some pair is not settled: those that further seeds are for."""
    contrasts = (contrast for question in questions for contrast in question.contrasts)
    return frozenset(
        arm for contrast in contrasts if not contrast.verdict.settled for arm in (contrast.first, contrast.second)
    )


def rules(study: Study) -> Rules:
    """How the study is judged."""
    return Rules(level=study.verdict.level, margin=study.verdict.margin, sequential=study.until_settled)


def finals(runs: Iterable[RunRecord]) -> dict[tuple[str, int], Epoch]:
    """The final epochs of the runs that did not diverge."""
    return {(run.arm, run.seed): run.final for run in runs if run.diverged_at is None}


def _paired(known: Finals, pair: Pair) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The seeds that both arms have, and their differences in points."""
    first, second = ({seed: epoch for (arm, seed), epoch in known.items() if arm == name} for name in pair)
    seeds = tuple(sorted(first.keys() & second.keys()))
    # Subtracting counts keeps equal differences equal, which subtracting percentages does not.
    differences = tuple(
        100 * (first[seed].judged_correct - second[seed].judged_correct) / first[seed].judged_images for seed in seeds
    )
    return seeds, differences
