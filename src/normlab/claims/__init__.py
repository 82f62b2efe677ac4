"""Somebody's table of accuracies: which of its differences does the evidence carry?"""

from normlab.claims.judge import ClaimPair, judge
from normlab.claims.read import Claim, read

__all__ = ["Claim", "ClaimPair", "judge", "read"]
