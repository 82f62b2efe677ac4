"""A standard error that is called sd, or an sd that is called se: a factor of √seeds between them.

Small classifiers usually have an sd of √(err · (1 − err) / 2n) over seeds (`Claim.spread`). If what is called sd is
less than half of that, and times √seeds about that, it is as a standard error would be; if what is called se is about
that itself, so that the sd it stands for is more than twice as much, it is as an sd would be. It is only told where all
claims of a source are so, over `FEWEST` seeds or more: of a single one, five seeds show so small an sd by chance once
in twenty times.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from normlab.claims.claim import Claim

FEWEST = 5
"""Seeds, each; of fewer, √seeds is no more than what spreads scatter by."""
ABOUT = (0.6, 1.6)
"""Times the usual sd that count as about as much."""
FAR = 2.0
"""How many times too small or too large it is for what it is called."""


def mistaken(claims: Sequence[Claim]) -> Iterator[str]:
    """A sentence for a source whose spreads are likely called by the other name; `claims` are its claims."""
    told = [claim for claim in claims if claim.sd is not None]
    for name, other in (("sd", "se"), ("se", "sd")):
        if len(told) > 1 and all(_is_other(claim, name) for claim in told):
            usual = _usual(told[0])
            yield (
                f"what is called {name} is likely an {other}: taken as {name}, {told[0].name} scatters by "
                f"{told[0].sd or 0:.2g} points over seeds, and small classifiers usually do by {usual:.2g}"
            )


def _is_other(claim: Claim, name: str) -> bool:
    if claim.spread_as != name or claim.seeds < FEWEST or not claim.sd:
        return False
    usual, root = _usual(claim), math.sqrt(claim.seeds)
    otherwise = claim.sd * root if name == "sd" else claim.sd / root
    off = usual / claim.sd if name == "sd" else claim.sd / usual
    return off > FAR and ABOUT[0] <= otherwise / usual <= ABOUT[1]


def _usual(claim: Claim) -> float:
    return replace(claim, sd=None).spread
