"""`study`: one's own training function, run for every arm and seed, kept, and judged."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from normlab.analysis.looks import after, at
from normlab.analysis.order import in_order
from normlab.calls import Call, CallRecord
from normlab.errors import RunFailed, SpecError, Stopped, UnknownName
from normlab.events import CallKept, Planned, Tell, silent
from normlab.execution import Failure, Functions, can_fork, undisturbed
from normlab.plans import AllOwed, PlanOf, Proven, Until
from normlab.records import Look
from normlab.show.numbers import plural
from normlab.show.waiting import waits
from normlab.spec.study import NAME
from normlab.stats.looks import Looks
from normlab.store import Store
from normlab.store.rows import now
from normlab.tables import Judgement
from normlab.tables.judge import Criteria
from normlab.verbs.functions import Maker, Train, calls
from normlab.verbs.judging import SEED, Judging, OpenArms, late, placed
from normlab.verbs.sharing import SharedCalls


def study(
    train: Train,
    *,
    vary: Mapping[str, Sequence[Any]],
    seeds: int | Sequence[int] = 3,
    base: Mapping[str, Any] | None = None,
    score: str = "accuracy",
    margin: float | None = None,
    lower_is_better: bool | None = None,
    level: float = 0.95,
    baseline: str | None = None,
    until_settled: bool = False,
    workers: int = 1,
    budget: float | None = None,
    repair: bool = False,
    name: str = "study",
    out: str | Path = "normlab-out",
    tell: Tell = silent,
) -> Judgement:
    """Call a training function for every arm on the same seeds, and judge what it gives.

    Each run is kept as it ends, in the project's store, and never made twice: the same call after an interruption, with
    more seeds or with more levels, makes what is missing, and calls of several processes share the work. A run is known
    by its configuration, its seed and the function (its source, and plain values among its defaults and what it closes
    over); what that calls elsewhere is not looked at. All arms of a seed come before the next seed, so that a study cut
    short is still paired. What is paired is the function's matter: with one seed it should start from the same weights
    and see the same batches. Seeds that are added after a verdict are judged by rules that allow it.

    A run that fails takes no other with it, but while none has succeeded no further one begins.

    Args:
        train: called as `train(config, seed)`; gives the score of the run, or a mapping with it and more to keep, which
            JSON can hold.
        vary: the levels of each factor, by its name in the configuration; several are crossed.
        seeds: how many, counted from 0, or which.
        base: what else is in the configuration, the same in every arm.
        score: what the score is called: in the mapping, and by which it is known whether higher is better.
        margin, lower_is_better, level, baseline: see `judge`.
        until_settled: seeds are added only to arms of which some pair is still open, up to `seeds`; to name others
            after a verdict is to add seeds after it.
        workers: how many runs are made at a time. One is made in this process; more are made in processes forked from
            it, with one thread each, which Linux alone can do, and not behind a GPU that this process has used.
        budget: seconds after which no further run is started.
        repair: make anew what is damaged in the store, in the place of refusing.
        name: what the study is called where its verdicts are remembered.
        out: the project's folder.
        tell: told what happens, see `events`: `Planned`, and `CallKept` for each run.

    Raises:
        SpecError: nothing is varied, a level is no plain value, an argument is out of its range.
        UnknownName: no arm is called as the baseline.
        RunFailed: some runs left no record; the others are kept. Its cause is what the first of them raised here.
        Stopped: the budget was used up before two arms had a run.
        StoreError, DamagedRun: the runs cannot be read or written.
    """
    _allowed(name, workers, budget)
    numbers = _numbers(seeds)
    criteria = Criteria(tuple(vary), SEED, score, margin, lower_is_better, level, baseline, most=len(numbers))
    criteria.check()
    if taken := {SEED, score} & vary.keys():
        raise SpecError(f"vary: {min(taken)}: expected another name, for this is what a run's own is called")
    asked = calls(train, vary, base or {}, numbers)
    if baseline is not None and baseline not in (known := {call.label: None for call in asked}):
        raise UnknownName("arm", baseline, known)
    judging = Judging(criteria, Maker(train, score))
    with Store.open(Path(out)) as store:
        return _Study(name, asked, judging, store, until_settled, workers, budget).judged(tell, repair=repair)


def _numbers(seeds: int | Sequence[int]) -> tuple[int, ...]:
    numbers = tuple(range(seeds)) if isinstance(seeds, int) else tuple(dict.fromkeys(seeds))
    if not numbers:
        raise SpecError(f"seeds: expected how many, at least 1, or which, got {seeds!r}")
    return numbers


def _allowed(name: str, workers: int, budget: float | None) -> None:
    if not re.fullmatch(NAME, name):
        raise SpecError(f"name: expected up to 64 letters, digits and . _ -, the first no sign, got {name!r}")
    if workers < 1:
        raise SpecError(f"workers: expected at least 1, got {workers}")
    if budget is not None and not budget > 0:
        raise SpecError(f"budget: expected seconds, above 0, got {budget}")
    if workers > 1 and not can_fork():
        raise SpecError(f"workers: expected 1, for this system cannot fork processes, got {workers}")


@dataclass(frozen=True)
class _Study:
    name: str
    calls: tuple[Call, ...]
    judging: Judging
    store: Store
    until_settled: bool
    workers: int
    budget: float | None

    def judged(self, tell: Tell, *, repair: bool) -> Judgement:
        """Make what is owed, judge what there is, and remember that a verdict was shown."""
        if repair:
            self.store.repair_calls(self.calls)
        self.store.tidy()
        kept = self.store.call_records(self.calls)
        looks = after(self._looks(), self.seeds, always=self.until_settled)
        self._make(kept, looks, tell)
        found, told = self._counted(looks)
        if len({record.call.label for record in found}) < 2:
            raise Stopped(
                "the time was over before two arms had a run; what is finished is kept, the same call continues"
            )
        verdict = self.judging.verdict(found, looks)
        self._remember(found, verdict)
        return replace(verdict, told=(*verdict.told, *told))

    def _counted(self, looks: Looks) -> tuple[Sequence[CallRecord], list[str]]:
        """What there is and counts, and what is to be known of the rest."""
        found = self.store.call_records(self.calls)
        if looks is Looks.once:
            return found, []
        rest = waits(late(found, self.seeds))
        return [*in_order(placed(found), self.seeds).values()], [f"seeds count in their order: {rest}"] if rest else []

    @property
    def seeds(self) -> tuple[int, ...]:
        """In their order."""
        return tuple(dict.fromkeys(call.seed for call in self.calls))

    def _make(self, kept: Sequence[CallRecord], looks: Looks, tell: Tell) -> None:
        plan = Proven(self._plan(kept, looks), works=bool(kept))
        tell(Planned(len(kept), None if self.until_settled else len(self.calls) - len(kept)))

        def keep(record: CallRecord) -> None:
            with undisturbed():
                self.store.commit_call(record)
            tell(CallKept(record))

        executor = Functions(self.judging.maker, self.workers, SharedCalls(self.store))
        if failures := executor.run(plan, keep, tell):
            raise RunFailed(_reason(failures), failures[0].details) from failures[0].cause

    def _plan(self, kept: Sequence[CallRecord], looks: Looks) -> PlanOf[Call, CallRecord]:
        if self.until_settled or self.budget is not None:
            labels = tuple(dict.fromkeys(call.label for call in self.calls))
            still = OpenArms(self.judging, labels, looks, self.seeds) if self.until_settled else lambda *_: labels
            return Until(self.calls, kept, still, self.budget)
        return AllOwed(self.calls, {record.key for record in kept})

    def _treatments(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(call.treatment for call in self.calls))

    def _looks(self) -> list[Look]:
        arms = self._treatments()
        return at(self.store.looks(arms), arms)

    def _remember(self, found: Sequence[CallRecord], verdict: Judgement) -> None:
        if sum(len(arm.scores) > 1 for arm in verdict.arms) > 1:
            taken = tuple(dict.fromkeys(record.call.seed for record in found))
            seeds, rules = self.seeds if verdict.looks is Looks.up_to else taken, verdict.looks.value
            self.store.look(Look(self.name, now(), seeds, rules, len(verdict.pairs), self._treatments()))


def _reason(failures: Sequence[Failure]) -> str:
    named = "; ".join(f"{failure.job.name}: {failure.message}" for failure in failures)
    return f"{plural(len(failures), 'run')} left no record: {named}; the same call makes them again"
