"""Which plan a study follows."""

from __future__ import annotations

from collections.abc import Sequence

from normlab.plans.all_owed import AllOwed
from normlab.plans.chains import Chains
from normlab.plans.jobs import Maker
from normlab.plans.plan import Plan
from normlab.plans.settling import Labels, Settling
from normlab.records import Look, RunRecord


def of_study(
    maker: Maker,
    runs: Sequence[RunRecord],
    looks: Sequence[Look] = (),
    budget: float | None = None,
    *,
    labels: Labels | None = None,
) -> Plan:
    """Until it is settled, along λ, or all that is owed, as the study says.

    Args:
        maker: of the study.
        runs: those of its runs that are in the store already.
        looks: verdicts that were shown before.
        budget: seconds after which no further run is started, where it is until settled.
        labels: of the images that runs are judged on, where it is until settled by other than accuracy.
    """
    if maker.study.until_settled:
        return Settling(maker, runs, looks, budget, labels=labels)
    if maker.study.warm_start:
        return Chains(maker, runs)
    return AllOwed(maker.every(), {run.key for run in runs})
