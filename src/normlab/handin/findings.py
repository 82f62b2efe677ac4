"""The table that the assignment asks for: best train and test accuracy with their epochs, final, last five."""

from __future__ import annotations

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow, Estimate
from normlab.handin.facts import Table
from normlab.show.numbers import MISSING, estimate, plural, span


def findings(facts: Facts) -> Table:
    """A row an arm; accuracies in percent, over seeds their mean ± sd and the range of the best epochs."""
    judged = facts.judged_on
    last = f"mean of last {plural(facts.window, 'epoch')}"
    heads = (
        "norm",
        "parameters",
        "best train, % (epoch)",
        f"best {judged}, % (epoch)",
        f"final {judged}, %",
        f"{last}, %",
    )
    spread = (
        "Mean ± standard deviation over seeds; in brackets the epochs that were best."
        if len(facts.study.seeds) > 1
        else "One seed of each; in brackets its best epoch."
    )
    note = (
        f"{spread} The best of {plural(facts.study.recipe.epochs, 'epoch')} is picked on the {judged} images "
        "themselves and flatters: the recommendation rests on the final epoch."
    )
    return Table(heads, tuple(_row(row, facts) for row in facts.arms), (" ".join(note.split()),))


def _row(row: ArmRow, facts: Facts) -> tuple[str, ...]:
    size = MISSING if row.parameters is None else f"{row.parameters:,}"
    trained = _best_train_epochs(row.name, facts)
    best = _with_epoch(row.best_train, trained), _with_epoch(row.best, row.best_epochs)
    return row.name, size, *best, estimate(row.final), estimate(row.last)


def _best_train_epochs(arm: str, facts: Facts) -> tuple[int, ...]:
    """The first epoch of each seed with the most training images right."""
    runs = [curve.epochs for curve in facts.curves if curve.arm == arm]
    return tuple(max(epochs, key=lambda epoch: (epoch.train_correct, -epoch.epoch)).epoch for epochs in runs)


def _with_epoch(value: Estimate | None, epochs: tuple[int, ...]) -> str:
    return f"{estimate(value)} ({span(epochs)})" if value else MISSING
