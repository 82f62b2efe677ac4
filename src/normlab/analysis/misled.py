"""What one seed, ranked by its best epoch, would have said: the usual way, played through with every seed there is."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.analysis.contrasts import Question
from normlab.records import Comparison, RunRecord
from normlab.spec.arm import PENALTY


@dataclass(frozen=True)
class Misled:
    """For the arms of one question, how often each would have been named the winner, on `seeds` that all of them have.

    `shared` is how often several would have been first together, `different` on how many seeds the winner by best epoch
    is none of the winners by the same seed's final epoch.
    """

    arms: tuple[str, ...]
    seeds: int
    winners: dict[str, int]
    shared: int
    different: int


def misled(comparison: Comparison, questions: tuple[Question, ...]) -> tuple[Misled, ...]:
    """One for each question about anything but penalties whose arms share at least two seeds."""
    found = (_one(comparison, question.arms) for question in questions if not question.factor.startswith(PENALTY))
    return tuple(one for one in found if one.seeds > 1)


def _one(comparison: Comparison, arms: tuple[str, ...]) -> Misled:
    runs = {arm: {run.seed: run for run in comparison.of(arm)} for arm in arms}
    seeds = sorted(set.intersection(*(set(each) for each in runs.values())))
    winners, shared, different = dict.fromkeys(arms, 0), 0, 0
    for seed in seeds:
        best = _first({arm: _best(runs[arm][seed]) for arm in arms})
        final = _first({arm: runs[arm][seed].final.judged_correct for arm in arms})
        shared += len(best) > 1
        different += not set(best) & set(final)
        if len(best) == 1:
            winners[best[0]] += 1
    return Misled(arms, len(seeds), winners, shared, different)


def _best(run: RunRecord) -> int:
    return max(epoch.judged_correct for epoch in run.epochs)


def _first(scores: dict[str, int]) -> list[str]:
    return [arm for arm, score in scores.items() if score == max(scores.values())]
