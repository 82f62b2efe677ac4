from __future__ import annotations

import numpy as np

from normlab.prediction import Guess, Prediction, Predictions
from normlab.prediction.values import guess

CAT, DOG = "cat", "dog"


def test_an_arm_says_what_its_seeds_say_on_average() -> None:
    """The class of the highest mean probability, with its least and greatest, and how many seeds have it first."""
    tables = [np.array(row, np.float32) for row in ([0.9, 0.1], [0.4, 0.6], [0.8, 0.2])]
    said = guess("bn", tables, [CAT, DOG])
    assert (said.label, said.agree, said.seeds) == (CAT, 2, 3)
    np.testing.assert_allclose([said.probability, said.low, said.high], [0.7, 0.4, 0.9], rtol=1e-6)


def one(arm: str, label: str, probability: float) -> Guess:
    return Guess(arm, label, probability, probability, probability, 1, 1)


def test_arms_that_say_different_things_disagree() -> None:
    """The picture's label is what most say, and of as many the surest; the first line tells of the disagreement."""
    split = Prediction("x.png", (one("bn", CAT, 0.6), one("ln", DOG, 0.9)))
    most = Prediction("y.png", (one("bn", CAT, 0.6), one("ln", DOG, 0.9), one("gn", CAT, 0.5)))
    assert (split.label, most.label) == (DOG, CAT)
    assert split.disagree
    assert repr(Predictions("s", (split, most))) == "Predictions('s', of 2 pictures)"
    assert str(Predictions("s", (split,))).splitlines()[0] == "x.png: dog (the arms disagree)"
