"""When a study is looked at, and how sure its claims must be for that.

Whoever sees a verdict and then adds seeds can be wrong twice: in the verdict on the number of seeds that was fixed
beforehand, and in any of those after it, which a confidence sequence covers however often one looks. Both at
1 − level would spend the error twice. So the first verdict leaves `RESERVE` of it for whoever goes on:

    P(the first verdict or any after it is wrong) ≤ (1 − RESERVE)·(1 − level) + RESERVE·(1 − level) = 1 − level

by the union bound, whatever makes one go on or stop. A study that may be looked at from the start, up to a number of
seeds that it names, leaves as much for whoever takes another number after all. One that names none has one sequence and
all of the error.
"""

from __future__ import annotations

from enum import StrEnum

RESERVE = 0.1
"""The share of the error that what was planned leaves for whoever goes on after it."""


class Looks(StrEnum):
    """How often a study is looked at while it may still get seeds.

    `once`: it has a number of seeds that was fixed beforehand. `up_to`: it said from the start that it may be looked at
    after every seed, up to a number of them. `always`: the same without an end. `grown`: it was looked at as one of the
    first two, and then got seeds that were not planned.
    """

    once = "once"
    up_to = "up to"
    always = "always"
    grown = "grown"

    def confidence(self, level: float) -> float:
        """What the claims of such a study hold with, 1 − share·(1 − level).

        Args:
            level: the confidence of all that is ever said of the study, above 0 and below 1.
        """
        return 1 - SHARES[self] * (1 - level)


SHARES = {Looks.once: 1 - RESERVE, Looks.up_to: 1 - RESERVE, Looks.always: 1.0, Looks.grown: RESERVE}
"""Of the error, for the claims of each kind of study."""


def onwards(level: float) -> float:
    """What the claims hold with that come after those of a plan, which hold with `level`."""
    return 1 - RESERVE / (1 - RESERVE) * (1 - level)
