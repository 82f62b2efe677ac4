"""Which runs have weights that cannot be opened, so that only what looks into them does without them."""

from __future__ import annotations

from dataclasses import replace

from normlab.errors import DamagedRun, StoreError
from normlab.records import Comparison, RunRecord


def with_damage(comparison: Comparison) -> Comparison:
    """The comparison with the damaged weights that its report would look into: that of a study with a penalty."""
    if not any(arm.recipe.penalty.lam for arm in comparison.study.arms):
        return comparison
    found = {run.key: why for run in comparison.runs if run.diverged_at is None and (why := damage(run))}
    return replace(comparison, damaged=found)


def damage(run: RunRecord) -> str:
    """Why a run's weights cannot be opened; empty where they can."""
    try:
        _ = run.weights
    except DamagedRun as error:
        return error.why[run.key]
    except StoreError as error:  # a file that may not be read
        return str(error)
    return ""
