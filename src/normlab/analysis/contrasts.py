"""The pairs of a study: differences paired by seed, and the verdict on each among all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from normlab.analysis.looks import rules
from normlab.analysis.order import awaited, in_order
from normlab.analysis.questions import Pair, inquiries
from normlab.records import Comparison, Epoch, Look, RunRecord
from normlab.spec import Study
from normlab.stats.intervals import Interval
from normlab.stats.looks import Looks
from normlab.stats.verdict import Verdict, verdicts

Finals = Mapping[tuple[str, int], Epoch | None]
"""The final epoch of every run that has ended, by (arm, seed); None of one that diverged, or that nothing came of."""


@dataclass(frozen=True)
class Contrast:
    """Two arms of one question: final accuracy of `first` − `second` in percentage points, for each seed.

    Only seeds that finished in both arms count, in the study's order. Where one may look while runs come in, seeds that
    finished behind one that did not, `awaited`, are `waiting` for it.
    """

    factor: str
    first: str
    second: str
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    verdict: Verdict
    waiting: tuple[int, ...] = ()
    awaited: int | None = None

    @property
    def arms(self) -> Pair:
        """Their names."""
        return self.first, self.second

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
    """Arms that differ in `factor` alone (see `Inquiry`), by the order of its levels, and their contrasts."""

    factor: str
    arms: tuple[str, ...]
    contrasts: tuple[Contrast, ...]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The arms of each contrast."""
        return tuple(contrast.arms for contrast in self.contrasts)


def judge(comparison: Comparison) -> tuple[Question, ...]:
    """Every question that the study asks, with the verdicts on its pairs by the study's rules.

    All planned pairs are counted, so that a verdict does not get easier while runs are missing.
    """
    return judge_finals(comparison.study, finals(comparison.runs), comparison.looks)


def judge_finals(study: Study, ended: Finals, looks: Iterable[Look] = ()) -> tuple[Question, ...]:
    """As `judge`, for the runs that have ended so far.

    Of a number of seeds that was fixed beforehand all that is there counts, in whatever order it came: nothing is
    settled before the last, and the verdict on all of them knows no order.
    """
    questions, judging = inquiries(study), rules(study, looks)
    counted = ended if judging.looks is Looks.once else in_order(ended, study.seeds)
    paired = [paired_by_seed(counted, pair, study.seeds) for question in questions for pair in question.pairs]
    found = iter(zip(paired, verdicts([each for _, each in paired], judging), strict=True))
    return tuple(
        Question(
            question.factor,
            question.arms,
            tuple(
                Contrast(question.factor, *pair, seeds, differences, verdict, *_waiting(study, ended, pair, seeds))
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


def finals(runs: Iterable[RunRecord]) -> dict[tuple[str, int], Epoch | None]:
    """The final epochs of the runs that have ended, none of those that diverged."""
    return {(run.arm, run.seed): run.final if run.diverged_at is None else None for run in runs}


def paired_by_seed(known: Finals, pair: Pair, order: Sequence[int]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The seeds on which both arms have a final epoch, in their order, and their differences in points."""
    both = {seed: (known.get((pair[0], seed)), known.get((pair[1], seed))) for seed in order}
    # Subtracting counts keeps equal differences equal, which subtracting percentages does not.
    differences = {
        seed: 100 * (one.judged_correct - other.judged_correct) / one.judged_images
        for seed, (one, other) in both.items()
        if one is not None and other is not None
    }
    return tuple(differences), tuple(differences.values())


def _waiting(study: Study, ended: Finals, pair: Pair, counted: Sequence[int]) -> tuple[tuple[int, ...], int | None]:
    """The seeds of a pair that are there and do not count yet, and the one that they wait for."""
    there, _ = paired_by_seed(ended, pair, study.seeds)
    late = tuple(seed for seed in there if seed not in counted)
    return late, awaited(ended, study.seeds, *pair) if late else None


def owed(comparison: Comparison, judged: Sequence[Question] | None = None) -> int:
    """How many runs are still to be made: of a study that stops when it is settled, those of arms with an open pair."""
    if not comparison.study.until_settled:
        return comparison.owed
    made = Counter(run.arm for run in comparison.runs)
    found = judge(comparison) if judged is None else judged
    return sum(len(comparison.study.seeds) - made[arm] for arm in open_arms(found))
