"""A finished run as outcomes see it: what it recorded, the images' labels, and its probabilities, opened once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from normlab.outcomes.calibrated import Calibration, calibration


class Epoch(Protocol):
    """What outcomes read of an epoch, see `records.Epoch`."""

    @property
    def epoch(self) -> int:
        """Its number, from 1."""

    @property
    def judged_loss(self) -> float:
        """The mean cross-entropy of an evaluation image, in nats."""

    @property
    def judged_correct(self) -> int:
        """How many evaluation images are right."""

    @property
    def judged_images(self) -> int:
        """Of how many."""


class Run(Protocol):
    """What outcomes read of a finished run, see `records.RunRecord`."""

    @property
    def key(self) -> str:
        """What it is known by."""

    @property
    def epochs(self) -> Sequence[Epoch]:
        """All of them, one or more."""

    @property
    def seconds(self) -> float:
        """Wall time."""

    @property
    def environment(self) -> Hashable:
        """Where it was made."""

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Of the evaluation images at the final epoch, shape (images, classes); empty where nobody kept them."""


@dataclass(frozen=True)
class Seen:
    """A run and the labels of its evaluation images, int64 (images,); keep it no longer than its numbers are read."""

    run: Run
    labels: NDArray[np.int64]

    @cached_property
    def probabilities(self) -> NDArray[np.float32] | None:
        """Shape (images, classes), each row adding up to 1; None where they were not recorded."""
        kept = self.run.probabilities
        return kept if kept.size and len(kept) == len(self.labels) else None

    @cached_property
    def named(self) -> NDArray[np.int64] | None:
        """The most probable class of each image, shape (images,); None as above."""
        return None if self.probabilities is None else self.probabilities.argmax(axis=1)

    @property
    def right(self) -> NDArray[np.bool_] | None:
        """Whether that is its label, shape (images,); None as above."""
        return None if self.named is None else self.named == self.labels

    @property
    def sureness(self) -> NDArray[np.float32] | None:
        """The probability of the most probable class of each image, shape (images,); None as above."""
        if self.probabilities is None or self.named is None:
            return None
        return self.probabilities[np.arange(len(self.named)), self.named]

    @cached_property
    def calibration(self) -> Calibration | None:
        """How far these probabilities are from how often they are right; None as above."""
        return None if self.sureness is None or self.right is None else calibration(self.sureness, self.right)
