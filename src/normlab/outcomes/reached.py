"""How fast a run learns: the first epoch after which its accuracy was at a threshold or above."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from normlab.outcomes.outcome import Outcome
from normlab.outcomes.seen import Seen

NAME = re.compile(r"epochs-to-([0-9]{1,3}(?:\.[0-9]{1,6})?)")


def epochs_to(percent: float) -> Outcome:
    """The outcome for a threshold in percent, above 0 and at most 100.

    A run that never got there is censored: it took more epochs than it had, nobody knows how many, and counts as more
    than all (infinite). Ranks and signs can bear that, means cannot.
    """
    name, title = f"epochs-to-{percent:g}", f"epochs to {percent:g} %"
    unfit = f"a run may never reach {percent:g} %, and then has no number"
    return Outcome(
        name, title, "", "epochs", higher=False, digits=1, read=_first(percent), open_ended=True, unfit=unfit
    )


def asked(name: str) -> Outcome | None:
    """The outcome called so; None where this is not how these are called."""
    found = NAME.fullmatch(name)
    return epochs_to(float(found[1])) if found and 0 < float(found[1]) <= 100 else None


def _first(percent: float) -> Callable[[Seen], float]:
    def first(seen: Seen) -> float:
        """The number of the first epoch that is good enough, infinite where none is."""
        enough = (e.epoch for e in seen.run.epochs if 100 * e.judged_correct >= percent * e.judged_images)
        return float(next(enough, math.inf))

    return first
