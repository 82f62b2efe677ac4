"""What the course published of its L1 study, beside the arms that do the same: batch norm, L1 on all parameters.

The figures are of one seed each, 15 epochs, as that document gives them; ours are the arm's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from normlab.analysis.arms import ArmRow
from normlab.spec import Arm, Recipe, canonical

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


def published(rows: tuple[ArmRow, ...]) -> tuple[Published, ...]:
    """The arms that the course has too, by rising λ; empty unless one of its penalties is among them."""
    same = [row for row in rows if _of_the_course(row.arm) and row.arm.recipe.penalty.lam in COURSE]
    if not any(row.arm.recipe.penalty.lam for row in same):
        return ()
    rising = sorted(same, key=lambda row: row.arm.recipe.penalty.lam)
    return tuple(Published(row, COURSE[row.arm.recipe.penalty.lam]) for row in rising)


def _of_the_course(arm: Arm) -> bool:
    """Whether it is the course's recipe in all but the number of epochs and λ."""
    penalty = arm.recipe.active_penalty
    if penalty and (penalty.kind, penalty.scope) != ("subgrad", "all"):
        return False
    theirs = canonical(Recipe.model_validate({"preset": "course"}))
    return arm.recipe == theirs.model_copy(update={"epochs": arm.recipe.epochs, "penalty": arm.recipe.penalty})
