"""What a comparison amounts to, unrounded: the numbers behind every sentence, table and chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from normlab.analysis import arms, doses, flow, health, layers, mistakes, path, published, scale, sparsity
from normlab.analysis.atlas import Atlas, atlas
from normlab.analysis.choice import choices, to_test
from normlab.analysis.classes import Classes, classes
from normlab.analysis.contrasts import Contrast, Question, judge, owed
from normlab.analysis.evidence import Elsewhere, Evidence, evidence
from normlab.analysis.interactions import Interaction, interactions
from normlab.analysis.looks import grown_after, rules
from normlab.analysis.misled import Misled, misled
from normlab.analysis.others import Others, others
from normlab.analysis.questions import Pair, every_pair, inquiries
from normlab.analysis.scores import scored
from normlab.analysis.sources import Sources, sources
from normlab.analysis.tuning import TunedArm, of_arms
from normlab.outcomes import OUTCOMES, Outcome
from normlab.records import Comparison, Environment, Epoch, Flow, Look
from normlab.spec import Study, known
from normlab.spec.arm import PENALTY
from normlab.stats.verdict import Rules


@dataclass(frozen=True)
class Curve:
    """The epochs of one finished run, and how the signal flowed after some of them."""

    arm: str
    seed: int
    epochs: tuple[Epoch, ...]
    flow: tuple[Flow, ...] = ()


@dataclass(frozen=True)
class Facts:
    """A comparison in numbers.

    `every_pair` is how many pairs could be asked about. `grown_after` is the first look that was followed by other
    seeds, `rules` what its verdicts are reached by. `images` is how many images each run was judged on, `owed` how many
    runs are still missing (at most, where a study stops when it is settled), `seconds` the wall time of all runs
    together, `environments` where they were made with the number of runs, `summaries` each model's printed summary with
    the arms that it is of.
    """

    study: Study
    images: int
    owed: int
    arms: tuple[arms.ArmRow, ...]
    questions: tuple[Question, ...]
    every_pair: int
    interactions: tuple[Interaction, ...]
    doses: tuple[doses.Line, ...]
    grown_after: Look | None
    rules: Rules
    sparsity: tuple[sparsity.SparsityRow, ...]
    layers: tuple[layers.Layers, ...]
    scale: tuple[scale.ScaleRow, ...]
    published: tuple[published.Published, ...]
    paths: tuple[path.Path, ...]
    health: tuple[health.Health, ...]
    flow: tuple[flow.Ill, ...]
    curves: tuple[Curve, ...]
    misled: tuple[Misled, ...]
    summaries: Mapping[str, tuple[str, ...]]
    environments: tuple[tuple[Environment, int], ...]
    seconds: float
    comparison: Comparison = field(repr=False)
    tuned: tuple[TunedArm, ...] = ()
    sources: Sources | None = None

    # These open what every run predicted, so they are worked when they are asked for: a terminal shows none of them.

    @cached_property
    def galleries(self) -> tuple[mistakes.Gallery, ...]:
        """The worst mistakes of each arm that is shown."""
        shown = (name for name in _shown(self.comparison) if self.comparison.of(name))
        return tuple(mistakes.of_arm(self.comparison, name) for name in shown)

    @cached_property
    def classes(self) -> Classes | None:
        """How well each class is told."""
        return classes(self.comparison, _shown(self.comparison))

    @cached_property
    def atlas(self) -> Atlas | None:
        """What all runs get wrong together."""
        return atlas(self.comparison)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The numbers behind the verdicts."""
        return evidence(self.comparison, self.questions)

    @cached_property
    def _elsewhere(self) -> Mapping[tuple[str, Pair], Elsewhere]:
        return {(one.contrast.factor, one.contrast.arms): one.elsewhere for one in self.evidence if one.elsewhere}

    def elsewhere(self, contrast: Contrast) -> Elsewhere | None:
        """A pair's interval on other images of the same kind; None where nothing is known of it."""
        return self._elsewhere.get((contrast.factor, contrast.arms))

    @cached_property
    def others(self) -> Others | None:
        """What else differs beside the primary outcome; None of a path, and where no pair has a seed in common."""
        if self.paths or not any(contrast.seeds for contrast in self.contrasts):
            return None
        wanted = [outcome for outcome in OUTCOMES if outcome.name != self.outcome.name]
        return others(self.comparison, self.contrasts, self.rules, wanted)

    @property
    def outcome(self) -> Outcome:
        """What arms are judged by."""
        return self.study.verdict.primary

    @property
    def judged_on(self) -> str:
        """What the evaluation images are called: "test" or "held-out"."""
        return self.study.recipe.judged_on

    @property
    def kind(self) -> str:
        """What arms of one kind, whatever their penalty, have in common: for instance "norm or batch size"."""
        titles = [known()[path].title for path in self.study.factors if not path.startswith(PENALTY)]
        return " or ".join(titles) or "arm"

    @property
    def planned(self) -> int:
        """How many runs the study has."""
        return len(self.study.arms) * len(self.study.seeds)

    @property
    def finished(self) -> int:
        """How many runs ended with a final epoch."""
        return len(self.curves)

    @property
    def window(self) -> int:
        """How many last epochs the mean of the last epochs takes, of the arm with the most epochs."""
        return min(arms.WINDOW, max(self.lengths))

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many epochs arms have, each number once."""
        return tuple(sorted({arm.recipe.epochs for arm in self.study.arms}))

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """The contrasts of every question."""
        return tuple(contrast for question in self.questions for contrast in question.contrasts)

    @property
    def asked(self) -> int:
        """The pairs that the study asks about, which verdicts are corrected for: of a race all that there were."""
        return sum(len(inquiry.pairs) for inquiry in inquiries(self.study))

    @property
    def late(self) -> dict[int, frozenset[int]]:
        """The seeds that do not count yet in some pair, by the one that they wait for."""
        found: dict[int, frozenset[int]] = {}
        for contrast in self.contrasts:
            if contrast.awaited is not None:
                found[contrast.awaited] = found.get(contrast.awaited, frozenset()) | set(contrast.waiting)
        return found

    def chance(self, contrast: Contrast, seeds: int | None = None) -> float | None:
        """That an open pair is settled by the last seed that the study may take, 0 to 1; None where it takes all.

        Or, if that is sooner, by the time so many `seeds` were added. See `Growing.within`.
        """
        if not self.study.until_settled or contrast.verdict.growing is None:
            return None
        left = len(self.study.seeds) - self.study.seeds.index(contrast.seeds[-1]) - 1
        return contrast.verdict.growing.within(left if seeds is None else min(left, seeds))


def gather(comparison: Comparison) -> Facts:
    """The facts of a comparison; one without a finished run has facts too."""
    study, known = comparison.study, scored(comparison)
    judged, rows = judge(comparison, known), arms.rows(comparison, known)
    by = rules(study, comparison.looks)
    return Facts(
        study=study,
        images=len(comparison.labels),
        owed=owed(comparison, judged),
        arms=rows,
        questions=judged,
        every_pair=every_pair(study),
        interactions=interactions(study, judged, by),
        doses=doses.lines(comparison, known),
        grown_after=grown_after(study, comparison.looks),
        rules=by,
        sparsity=sparsity.rows(comparison),
        layers=layers.layers(comparison),
        scale=scale.rows(comparison),
        published=published.published(rows),
        paths=path.paths(comparison),
        health=health.rows(comparison),
        flow=flow.ills(comparison),
        curves=_curves(comparison),
        misled=misled(comparison, judged) if study.verdict.usual else (),
        summaries=_summaries(comparison),
        environments=tuple(Counter(run.environment for run in comparison.runs).items()),
        seconds=sum(run.seconds for run in comparison.runs),
        comparison=comparison,
        tuned=_tuned(comparison),
        sources=sources(comparison, known),
    )


def _tuned(comparison: Comparison) -> tuple[TunedArm, ...]:
    study, found = comparison.study, comparison.tuned
    return of_arms(found.trials, study, study.tuning.fields) if found and study.tuning else ()


def _shown(comparison: Comparison) -> list[str]:
    """The arms whose mistakes are shown: all, or of a study of paths the chosen ones and those without a penalty."""
    picked = to_test(choices(comparison)) or comparison.study.arms
    return [arm.name for arm in picked]


def _curves(comparison: Comparison) -> tuple[Curve, ...]:
    return tuple(
        Curve(arm.name, run.seed, tuple(run.epochs), tuple(run.flow))
        for arm in comparison.study.arms
        for run in comparison.of(arm.name)
    )


def _summaries(comparison: Comparison) -> dict[str, tuple[str, ...]]:
    """A penalty does not change a model, so arms share a summary."""
    arms: dict[str, tuple[str, ...]] = {}
    for arm in comparison.study.arms:
        summary = comparison.summaries.get(arm.name)
        if summary is not None:
            arms[summary] = (*arms.get(summary, ()), arm.name)
    return arms
