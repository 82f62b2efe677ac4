"""What `normlab summary --format json` prints of a study: a run for each that has ended, judged by its last epoch.

One that diverged has no score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from normlab.errors import SpecError
from normlab.tables.sources.found import Found, FoundRun, Measure

KIND = "normlab's results"


def takes(told: Any) -> bool:
    """Whether a JSON value is a study's results."""
    return isinstance(told, Mapping) and {"study", "arms", "questions", "runs"} <= told.keys()


def read(told: Mapping[str, Any], where: str) -> Found:
    """The runs; raises `SpecError` for what normlab does not write so."""
    try:
        diverged = [_diverged(arm["arm"], run["seed"]) for arm in told["arms"] for run in arm.get("diverged", ())]
        return Found(KIND, [*map(_run, told["runs"]), *diverged], {"judged_loss": True})
    except (TypeError, LookupError, ArithmeticError) as error:
        raise SpecError(f"{where}: expected the results of a study, got {error!r} in its runs") from None


def _run(run: Mapping[str, Any]) -> FoundRun:
    last, steps = run["epochs"][-1], len(run["epochs"])
    accuracy = Measure(100 * last["judged_correct"] / last["judged_images"], steps)
    measured = {"judged_accuracy": accuracy}
    if last["judged_loss"] is not None:  # one that overflowed
        measured["judged_loss"] = Measure(float(last["judged_loss"]), steps)
    config = {"arm": str(run["arm"]), "seed": str(run["seed"])}
    return FoundRun(f"{run['arm']}, seed {run['seed']}", config, measured)


def _diverged(arm: str, seed: int) -> FoundRun:
    none = Measure(math.nan, 0)
    return FoundRun(
        f"{arm}, seed {seed}", {"arm": str(arm), "seed": str(seed)}, {"judged_accuracy": none, "judged_loss": none}
    )
