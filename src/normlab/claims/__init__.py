"""Somebody's table of accuracies: which of its differences does the evidence carry?"""

from normlab.claims.judge import Pair, judge
from normlab.claims.read import Claim, read

__all__ = ["Claim", "Pair", "judge", "read"]
