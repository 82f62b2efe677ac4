"""What the course published of its L1 study, beside the arms that do the same: batch norm, L1 on all parameters.

The figures are of one seed each, 15 epochs, as that document gives them; ours are the arm's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from normlab.analysis.arms import ArmRow
from normlab.spec import Arm, Study

COURSE = {
    0.0: "test 99.24 to 99.32 in the last five epochs",
    1e-5: "about no effect (first epoch only)",
    1e-4: "test 99.07 to 99.28",
    1e-3: "train never over 97.83, test 96.38 to 98.58",
}
"""λ → what the course reports, accuracies in percent."""


@dataclass(frozen=True)
class Published:
    """An arm and what the course says of its λ."""

    row: ArmRow
    said: str


def published(study: Study, rows: tuple[ArmRow, ...]) -> tuple[Published, ...]:
    """The arms that the course has too, by rising λ; empty unless the study has one of its penalties."""
    if (study.recipe.preset, study.recipe.model, study.recipe.dataset) != ("course", "course", "mnist"):
        return ()
    same = [row for row in rows if _of_the_course(study, row.arm) and row.arm.lam in COURSE]
    if not any(row.arm.penalty for row in same):
        return ()
    return tuple(Published(row, COURSE[row.arm.lam]) for row in sorted(same, key=lambda row: row.arm.lam))


def _of_the_course(study: Study, arm: Arm) -> bool:
    penalty = arm.penalty
    usual = (arm.norm, study.recipe.preprocess_of(arm)) == ("bn", "standardize")
    return usual and (penalty is None or (penalty.kind == "subgrad" and penalty.on == "all"))
