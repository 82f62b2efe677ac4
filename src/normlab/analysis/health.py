"""Whether an arm's norms are well: what running statistics cost it, and how much of it never varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from normlab.analysis.arms import Estimate, over
from normlab.records import Checkup, Comparison
from normlab.spec import Arm
from normlab.stats.looks import Looks
from normlab.stats.verdict import Rules, Verdict, verdicts


@dataclass(frozen=True)
class Health:
    """An arm's, over those of its runs that were looked at.

    `gap` is how many points more of the same `trained` training images are right with their batches' statistics than
    with running ones. `recalibrated` is the accuracy on `images` evaluation images after running statistics are
    estimated again, `verdict` what that changes, in points, as it holds however often one looks. All are None without
    running statistics. `drift` is the mean of `Checkup.drift`, `where` the layer of the first run; `idle` the share of
    groups of channels that never vary, 0 to 1.
    """

    arm: Arm
    trained: int
    images: int
    gap: Estimate | None
    recalibrated: Estimate | None
    verdict: Verdict | None
    drift: float
    where: str
    idle: Estimate


def rows(comparison: Comparison) -> tuple[Health, ...]:
    """Of the arms with a run that was looked at; verdicts on running statistics are corrected for all of them.

    They are a family of their own beside the pairs of arms, and by confidence sequences: whether an arm's norms are
    well is no reason to add seeds, and nobody remembers who looked.
    """
    stated = comparison.study.verdict
    rules = Rules(level=stated.level, margin=stated.collapse, looks=Looks.always)
    found = {arm: _of(arm, comparison) for arm in comparison.study.arms}
    seen = {arm: checkups for arm, checkups in found.items() if checkups}
    running = [arm for arm, checkups in seen.items() if checkups[0].where]
    differences = [[_points(one.recalibrated - one.right, one.judged) for one in seen[arm]] for arm in running]
    judged = dict(zip(running, verdicts(differences, rules), strict=True))
    return tuple(_row(arm, checkups, judged.get(arm)) for arm, checkups in seen.items())


def _of(arm: Arm, comparison: Comparison) -> list[Checkup]:
    known = comparison.checkups
    return [known[run.key] for run in comparison.of(arm.name) if run.key in known]


def _row(arm: Arm, checkups: Sequence[Checkup], verdict: Verdict | None) -> Health:
    idle = over(checkups, lambda one: one.idle / one.parts if one.parts else 0.0)
    assert idle is not None, "there is a run"  # noqa: S101 - an invariant
    if verdict is None:
        return Health(arm, 0, 0, None, None, None, 0.0, "", idle)
    return Health(
        arm,
        checkups[0].trained,
        checkups[0].judged,
        over(checkups, lambda one: _points(one.batch - one.running, one.trained)),
        over(checkups, lambda one: _points(one.recalibrated, one.judged)),
        verdict,
        sum(one.drift for one in checkups) / len(checkups),
        checkups[0].where,
        idle,
    )


def _points(count: int, images: int) -> float:
    return 100 * count / images
