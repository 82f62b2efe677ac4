"""What is said of many studies at a time: the verdicts of `stats.verdict`, on arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from normlab.stats import difference, equivalence, estimates
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import bonferroni, holm
from normlab.stats.verdict import Kind, Rules, decide, decide_by_interval, over_time

FIRST_LOOK = 3
"""Seeds after which somebody who grows a study looks for the first time."""

Differences = NDArray[np.float64]
"""Of every pair of arms of every study, (studies, pairs, seeds)."""


@dataclass(frozen=True)
class Said:
    """Of every pair of every study after every look, (studies, pairs, looks).

    `kinds` are the verdicts; `different` says where a difference is claimed, also one that is too small to matter.
    """

    kinds: NDArray[np.str_]
    different: NDArray[np.bool_]


def once(differences: Differences, rules: Rules) -> Said:
    """After all seeds, by the tests for a number of them that was fixed: one look."""
    differs = holm(difference.t_test(differences))
    equal = holm(equivalence.tost(differences, rules.margin))
    kinds = decide(differs, equal, estimates.mean(differences), rules)
    return Said(kinds[..., None], (differs <= 1 - rules.confidence)[..., None])


def always(differences: Differences, rules: Rules) -> Said:
    """After every seed, by confidence sequences."""
    differs, equal = over_time(differences, bonferroni(rules.confidence, differences.shape[1]), rules)
    return Said(decide_by_interval(differs, equal, rules), (differs[0] > 0) | (differs[1] < 0))


def settled(differences: Differences, rules: Rules) -> Said:
    """Of studies that allow looks from the start, up to all of these seeds."""
    return always(differences, replace(rules, looks=Looks.up_to, most=differences.shape[-1]))


def grown(differences: Differences, rules: Rules) -> Said:
    """Of studies that fixed `FIRST_LOOK` seeds, were looked at, and got more."""
    return _first_and_then(differences, replace(rules, looks=Looks.once), replace(rules, looks=Looks.grown))


def unsplit(differences: Differences, rules: Rules) -> Said:
    """As `grown`, were all of the error spent on the first verdict and all of it again on the others."""
    whole = replace(rules, looks=Looks.always)
    return _first_and_then(differences, whole, whole)


def naive(differences: Differences, rules: Rules) -> Said:
    """Of studies that apply the tests for a fixed number of seeds after every seed."""
    whole = replace(rules, looks=Looks.always)
    return _joined(*(once(differences[..., :n], whole) for n in range(FIRST_LOOK, differences.shape[-1] + 1)))


def withheld(kinds: NDArray[np.str_], first: NDArray[np.bool_], second: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where verdicts speak for an arm that failed alone, which `first` and `second` say of each: all of one shape."""
    for_first, for_second = (np.isin(kinds, (kind, Kind.equivalent)) for kind in (Kind.better, Kind.worse))
    return np.asarray((for_first & first) | (for_second & second))


def _first_and_then(differences: Differences, first: Rules, then: Rules) -> Said:
    after = always(differences, then)
    later = Said(after.kinds[..., FIRST_LOOK:], after.different[..., FIRST_LOOK:])
    return _joined(once(differences[..., :FIRST_LOOK], first), later)


def _joined(*said: Said) -> Said:
    kinds, different = ([getattr(one, name) for one in said] for name in ("kinds", "different"))
    return Said(np.concatenate(kinds, axis=-1), np.concatenate(different, axis=-1))
