"""What L1 in the loss did here, by the numbers of the study."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.analysis import Facts, sparsity
from normlab.analysis.arms import Estimate, over
from normlab.analysis.parts import sizes
from normlab.handin.facts import Table
from normlab.records import NEAR_ZERO, RunRecord
from normlab.show.numbers import between, estimate

HEADS = (
    "norm",
    "Σ|p|, first epoch",
    "Σ|p|, last epoch",
    "λ·Σ|p| in the loss",
    "Σ|w|",
    "nearly zero, %",
    "exactly zero, %",
)
PLAIN = ("norm", *HEADS[4:])
"""Without a penalty nothing adds up the penalised parameters."""


def penalty(facts: Facts) -> Table:
    """A row an arm after the last epoch; p are all penalised parameters, w the weights of kernels alone."""
    lam = facts.study.recipe.penalty.lam
    runs = {row.name: facts.comparison.of(row.name) for row in facts.arms if row.seeds}
    rows = tuple(_row(name, each, penalised=bool(lam)) for name, each in runs.items())
    return Table(HEADS if lam else PLAIN, rows, tuple(_notes(lam, [run for each in runs.values() for run in each])))


def _row(name: str, runs: Sequence[RunRecord], *, penalised: bool) -> tuple[str, ...]:
    kernels = (
        _told(over(runs, lambda run: sum(size.abs_sum for size in sizes(run))), 1),
        _told(_share(runs, near=True), 1),
        _told(_share(runs, near=False), 1),
    )
    if not penalised:
        return name, *kernels
    first, last = over(runs, lambda run: run.epochs[0].abs_sum), over(runs, lambda run: run.final.abs_sum)
    return name, _told(first, 1), _told(last, 1), _told(over(runs, lambda run: run.final.penalty), 4), *kernels


def _share(runs: Sequence[RunRecord], *, near: bool) -> Estimate | None:
    return over(runs, lambda run: sparsity.percent(run, lambda size: size.near_zeros if near else size.zeros))


def _told(value: Estimate | None, digits: int) -> str:
    return estimate(value, digits)


def _notes(lam: float, runs: Sequence[RunRecord]) -> Iterator[str]:
    if not lam:
        yield "λ is 0: nothing is penalised here, and the loss is the negative log-likelihood alone."
    else:
        yield f"The loss is the negative log-likelihood + {lam:g}·Σ|p| over all parameters, norms' γ and β included."
        yield from _grown(lam, runs)
    yield f"w are the weights of convolutions; nearly zero is smaller than {NEAR_ZERO:g} in size."
    if lam and not any(size.zeros for run in runs for size in sizes(run)):
        yield (
            "Not one weight is exactly zero: a subgradient step of |w| overshoots zero and comes back, so L1 in the "
            "loss makes weights small and removes none."
        )
    if lam:
        yield "All norms are trained with the same λ, so this table compares norms; --l1 0 makes the study without."


def _grown(lam: float, runs: Sequence[RunRecord]) -> Iterator[str]:
    """Which way Σ|p| went, and how much of the loss is penalty in the end."""
    if any(len(run.epochs) > 1 for run in runs):
        ratio = between([run.final.abs_sum / run.epochs[0].abs_sum for run in runs])
        share = between([100 * run.final.penalty / (run.final.penalty + run.final.train_loss) for run in runs], 0)
        yield (
            f"From the first epoch to the last Σ|p| becomes {ratio} times as large, and in the last {share}% of the "
            f"loss is penalty. Its pull on each parameter is λ = {lam:g} towards zero, whatever the parameter's size."
        )
