"""Every outcome by its name."""

from __future__ import annotations

from normlab.errors import SpecError, UnknownName
from normlab.outcomes import reached
from normlab.outcomes.accuracy import ACCURACY
from normlab.outcomes.brier import BRIER
from normlab.outcomes.calibration import ECE, ECE_BY_CHANCE, PLAIN_ECE
from normlab.outcomes.cross_entropy import CROSS_ENTROPY
from normlab.outcomes.outcome import Outcome
from normlab.outcomes.seconds import SECONDS
from normlab.outcomes.worst_class import WORST_CLASS

OUTCOMES = (ACCURACY, CROSS_ENTROPY, BRIER, ECE, WORST_CLASS, reached.epochs_to(99), SECONDS)
"""What a study may be judged by; a study's report compares arms by all of them."""
BESIDE = (PLAIN_ECE, ECE_BY_CHANCE)
"""What is shown of arms and compared by nobody."""


def find(name: str) -> Outcome:
    """The outcome called so, also `epochs-to-` with another threshold; raises `UnknownName` with the nearest."""
    known = {outcome.name: outcome for outcome in OUTCOMES}
    found = known.get(name) or reached.asked(name)
    if found is None:
        raise UnknownName("outcome", name, known)
    return found


def primary(name: str) -> Outcome:
    """The outcome called so that verdicts can be on; raises `UnknownName`, and `SpecError` where they cannot."""
    found = find(name)
    if found.unfit:
        raise SpecError(
            f"verdict.outcome: no verdict is on {name}, since {found.unfit}; judge by another outcome, and find this "
            "one in the report under “What else differs?”"
        )
    return found
