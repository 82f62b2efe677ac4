"""What arms can be compared by: each outcome a number that is read off a finished run. NumPy only.

calibrated ◀─ seen ◀─ outcome ◀─ accuracy, cross_entropy, brier, calibration, worst_class, reached, seconds ◀─ registry
and corrupted, whose numbers no record has
"""

from normlab.outcomes.accuracy import ACCURACY
from normlab.outcomes.outcome import Outcome
from normlab.outcomes.registry import BESIDE, OUTCOMES, find, primary
from normlab.outcomes.seen import Run, Seen

__all__ = ["ACCURACY", "BESIDE", "OUTCOMES", "Outcome", "Run", "Seen", "find", "primary"]
