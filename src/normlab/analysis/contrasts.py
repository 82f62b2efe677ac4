"""The pairs of a study: differences paired by seed, and the verdict on each among all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from normlab.analysis.ends import Ends, Final, Finals, ends, finals
from normlab.analysis.looks import rules
from normlab.analysis.order import Placed, awaited, in_order
from normlab.analysis.questions import Pair, inquiries
from normlab.analysis.scores import Scores, scored
from normlab.outcomes import ACCURACY, Outcome
from normlab.records import Comparison, Look
from normlab.spec import Study
from normlab.stats.counted import Counted
from normlab.stats.failures import Counts, Failures, failures, on_shared_seeds
from normlab.stats.intervals import Interval
from normlab.stats.looks import Looks
from normlab.stats.paired import Paired, differences
from normlab.stats.verdict import Kind, Verdict, verdicts
from normlab.stats.withheld import withhold

ByEnd = Mapping[int, Final]
"""The final epochs of sound runs by seed."""
Apart = Callable[[Pair, ByEnd, ByEnd], tuple[float, ...]]
"""The differences of two arms on the seeds that both ended well on, one a seed."""


@dataclass(frozen=True)
class Contrast:
    """Two arms of one question: the `outcome` of `first` − `second` in its own unit, for each seed.

    Only seeds on which neither arm failed count, in the study's order; `failures` has how often each did on the seeds
    that both ran. Where one may look while runs come in, seeds that finished behind one that did not, `awaited`, are
    `waiting` for it.
    """

    factor: str
    first: str
    second: str
    seeds: tuple[int, ...]
    differences: tuple[float, ...]
    verdict: Verdict
    failures: Failures
    waiting: tuple[int, ...] = ()
    awaited: int | None = None
    outcome: Outcome = ACCURACY

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


def judge(comparison: Comparison, scores: Scores | None = None) -> tuple[Question, ...]:
    """Every question that the study asks, with the verdicts on its pairs by the study's rules.

    All planned pairs are counted, so that a verdict does not get easier while runs are missing. In a race, what is open
    about an arm that is beaten is left out. `scores` are those of its runs, where they are known already.
    """
    known = scored(comparison) if scores is None else scores
    return judge_finals(comparison.study, finals(comparison.runs, known), comparison.looks, scores=known)


def judge_finals(
    study: Study,
    ended: Finals,
    looks: Iterable[Look] = (),
    given_up: Collection[Placed] = (),
    scores: Scores | None = None,
) -> tuple[Question, ...]:
    """As `judge`, for the runs that have ended so far; those that are `given_up` are waited for no more.

    Of a number of seeds that was fixed beforehand all that is there counts, in whatever order it came: nothing is
    settled before the last, and the verdict on all of them knows no order. Accuracy is known from how runs ended, other
    outcomes from their `scores`.
    """
    questions, judging = inquiries(study), rules(study, looks)
    counted = ended if judging.looks is Looks.once else _in_order(study, ended, given_up)
    outcome, arms = study.verdict.primary, ends(counted, study.verdict.collapse)
    apart = _by_counts if study.verdict.usual else partial(_by_scores, scores or {})
    pairs = [pair for question in questions for pair in question.pairs]
    paired = [paired_by_seed(arms, pair, study.seeds, apart) for pair in pairs]
    counts = [failed_by_seed(arms, pair) for pair in pairs]
    samples = [_sample(study, arms, pair, *by_seed) for pair, by_seed in zip(pairs, paired, strict=True)]
    judged = verdicts(samples, judging, [any(each.failed) for each in counts])
    found = iter(zip(paired, map(withhold, judged, counts), failures(counts, judging), strict=True))
    answered = tuple(
        Question(
            question.factor,
            question.arms,
            tuple(
                Contrast(
                    question.factor, *pair, *by_seed, verdict, failed, *_waiting(study, ended, counted, pair), outcome
                )
                for pair, (by_seed, verdict, failed) in zip(question.pairs, found, strict=False)
            ),
        )
        for question in questions
    )
    return in_a_race(answered) if study.race else answered


def beaten(questions: Iterable[Question]) -> frozenset[str]:
    """The arms that another is shown to be better than."""
    contrasts = [contrast for question in questions for contrast in question.contrasts]
    lost = {Kind.better: "second", Kind.worse: "first"}
    return frozenset(getattr(each, lost[each.verdict.kind]) for each in contrasts if each.verdict.kind in lost)


def in_a_race(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions without what is open about arms that are beaten: nobody asks that any more."""
    out = beaten(questions)
    return tuple(replace(question, contrasts=tuple(_asked(question.contrasts, out))) for question in questions)


def _asked(contrasts: Iterable[Contrast], out: Collection[str]) -> Iterator[Contrast]:
    for contrast in contrasts:
        if contrast.verdict.kind is not Kind.open or not {contrast.first, contrast.second} & {*out}:
            yield contrast


def open_arms(questions: Iterable[Question]) -> frozenset[str]:
    """The arms of which some pair is not settled: those that further seeds are for."""
    contrasts = (contrast for question in questions for contrast in question.contrasts)
    return frozenset(
        arm for contrast in contrasts if contrast.verdict.kind is Kind.open for arm in (contrast.first, contrast.second)
    )


def _in_order(study: Study, ended: Finals, given_up: Collection[Placed]) -> Finals:
    """The runs that count where one may look."""
    known = in_order({**ended, **dict.fromkeys(given_up)}, study.seeds)
    return {place: end for place, end in known.items() if place in ended}


def paired_by_seed(
    arms: Mapping[str, Ends], pair: Pair, order: Sequence[int], apart: Apart
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The seeds on which neither arm failed, in their order, and their differences."""
    first, second = (arms.get(name, Ends()).sound for name in pair)
    seeds = tuple(seed for seed in order if seed in first and seed in second)
    return seeds, apart(pair, {seed: first[seed] for seed in seeds}, {seed: second[seed] for seed in seeds})


def _by_counts(_: Pair, first: ByEnd, second: ByEnd) -> tuple[float, ...]:
    """In points of accuracy. Subtracting counts keeps equal differences equal, which subtracting percent does not."""
    pairs = zip(first.values(), second.values(), strict=True)
    return tuple(100 * (one.judged_correct - other.judged_correct) / one.judged_images for one, other in pairs)


def _by_scores(scores: Scores, pair: Pair, first: ByEnd, second: ByEnd) -> tuple[float, ...]:
    """In the outcome's own unit."""
    one, other = ([scores[arm, seed] for seed in seeds] for arm, seeds in zip(pair, (first, second), strict=True))
    return differences(one, other)


def _sample(
    study: Study, arms: Mapping[str, Ends], pair: Pair, seeds: Sequence[int], found: tuple[float, ...]
) -> Sequence[float] | Counted:
    """The differences; of accuracies with the counts behind them."""
    if not study.verdict.usual:
        return found
    first, second = (arms.get(name, Ends()).sound for name in pair)
    pairs = [(first[seed], second[seed]) for seed in seeds]
    errors = tuple(
        (one.judged_images - one.judged_correct, other.judged_images - other.judged_correct) for one, other in pairs
    )
    return Counted(found, errors, pairs[0][0].judged_images if pairs else 1)


def sample(comparison: Comparison, contrast: Contrast) -> Paired:
    """What a verdict on the pair is asked of: its differences; of accuracies with the counts behind them."""
    arms = ends(finals(comparison.runs, scored(comparison)), comparison.study.verdict.collapse)
    found = _sample(comparison.study, arms, contrast.arms, contrast.seeds, contrast.differences)
    return found if isinstance(found, Paired) else Paired(tuple(found))


def _waiting(study: Study, ended: Finals, counted: Finals, pair: Pair) -> tuple[tuple[int, ...], int | None]:
    """The seeds of a pair that are there and do not count yet, and the one that they wait for."""
    late = tuple(
        seed
        for seed in study.seeds
        if all(ended.get((arm, seed)) for arm in pair) and any((arm, seed) not in counted for arm in pair)
    )
    return late, awaited(ended, study.seeds, *pair) if late else None


def failed_by_seed(arms: Mapping[str, Ends], pair: Pair) -> Counts:
    """On how many of the seeds that both arms ran each failed."""
    first, second = (arms.get(name, Ends()) for name in pair)
    return on_shared_seeds(first.seeds & second.seeds, first.failed, second.failed)


def owed(comparison: Comparison, judged: Sequence[Question] | None = None) -> int:
    """How many runs are still to be made: of a study that stops when it is settled, those of arms with an open pair."""
    if not comparison.study.until_settled:
        return comparison.owed
    made = Counter(run.arm for run in comparison.runs)
    found = judge(comparison) if judged is None else judged
    return sum(len(comparison.study.seeds) - made[arm] for arm in open_arms(found))
