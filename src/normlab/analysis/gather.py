"""What a comparison amounts to, unrounded: the numbers behind every sentence, table and chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from normlab.analysis import arms, layers, mistakes, path, published, scale, sparsity
from normlab.analysis.atlas import Atlas, atlas
from normlab.analysis.choice import choices, to_test
from normlab.analysis.contrasts import Contrast, Question, judge, open_arms
from normlab.analysis.evidence import Evidence, evidence
from normlab.analysis.misled import Misled, misled
from normlab.records import Comparison, Environment, Epoch
from normlab.spec import Study


@dataclass(frozen=True)
class Curve:
    """The epochs of one finished run."""

    arm: str
    seed: int
    epochs: tuple[Epoch, ...]


@dataclass(frozen=True)
class Facts:
    """A comparison in numbers.

    `images` is how many images each run was judged on, `owed` how many runs are still missing (at most, where a study
    stops when it is settled), `seconds` the wall time
    of all runs together, `environments` where they were made with the number of runs, `summaries` each model's printed
    summary with the arms that it is of.
    """

    study: Study
    images: int
    owed: int
    arms: tuple[arms.ArmRow, ...]
    questions: tuple[Question, ...]
    sparsity: tuple[sparsity.SparsityRow, ...]
    layers: tuple[layers.Layers, ...]
    scale: tuple[scale.ScaleRow, ...]
    published: tuple[published.Published, ...]
    paths: tuple[path.Path, ...]
    curves: tuple[Curve, ...]
    galleries: tuple[mistakes.Gallery, ...]
    atlas: Atlas | None
    evidence: tuple[Evidence, ...]
    misled: tuple[Misled, ...]
    summaries: Mapping[str, tuple[str, ...]]
    environments: tuple[tuple[Environment, int], ...]
    seconds: float

    @property
    def judged_on(self) -> str:
        """What the evaluation images are called: "test" or "held-out"."""
        return self.study.recipe.judged_on

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
        """How many last epochs the mean of the last epochs takes."""
        return min(arms.WINDOW, self.study.recipe.epochs)

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """The contrasts of every question."""
        return tuple(contrast for question in self.questions for contrast in question.contrasts)


def gather(comparison: Comparison) -> Facts:
    """The facts of a comparison; one without a finished run has facts too."""
    study, judged = comparison.study, judge(comparison)
    rows = arms.rows(comparison)
    return Facts(
        study=study,
        images=len(comparison.labels),
        owed=_owed(comparison, judged),
        arms=rows,
        questions=judged,
        sparsity=sparsity.rows(comparison),
        layers=layers.layers(comparison),
        scale=scale.rows(comparison),
        published=published.published(study, rows),
        paths=path.paths(comparison),
        curves=_curves(comparison),
        galleries=tuple(mistakes.of_arm(comparison, name) for name in _shown(comparison) if comparison.of(name)),
        atlas=atlas(comparison),
        evidence=evidence(comparison, judged),
        misled=misled(comparison, judged),
        summaries=_summaries(comparison),
        environments=tuple(Counter(run.environment for run in comparison.runs).items()),
        seconds=sum(run.seconds for run in comparison.runs),
    )


def _shown(comparison: Comparison) -> list[str]:
    """The arms whose mistakes are shown: all, or of a study of paths the chosen ones and those without a penalty."""
    picked = to_test(choices(comparison)) or comparison.study.arms
    return [arm.name for arm in picked]


def _owed(comparison: Comparison, judged: tuple[Question, ...]) -> int:
    """Runs that are missing: of a study that stops when it is settled, those of arms with an open pair."""
    if not comparison.study.until_settled:
        return comparison.owed
    made = Counter(run.arm for run in comparison.runs)
    return sum(len(comparison.study.seeds) - made[arm] for arm in open_arms(judged))


def _curves(comparison: Comparison) -> tuple[Curve, ...]:
    return tuple(
        Curve(arm.name, run.seed, tuple(run.epochs)) for arm in comparison.study.arms for run in comparison.of(arm.name)
    )


def _summaries(comparison: Comparison) -> dict[str, tuple[str, ...]]:
    """A penalty does not change a model, so arms share a summary."""
    arms: dict[str, tuple[str, ...]] = {}
    for arm in comparison.study.arms:
        summary = comparison.summaries.get(arm.name)
        if summary is not None:
            arms[summary] = (*arms.get(summary, ()), arm.name)
    return arms
