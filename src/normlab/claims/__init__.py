"""Somebody's table of accuracies: which of its differences does the evidence carry?"""

from normlab.claims.claim import Claim
from normlab.claims.judge import ClaimPair, judge
from normlab.claims.read import read

__all__ = ["Claim", "ClaimPair", "judge", "read"]
