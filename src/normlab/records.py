"""What a run leaves behind, and a study's records together.

Counts are stored as counts (correct of images), never as rounded percentages, so that a report's numbers can be
compared with the store's for equality.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from normlab.spec import Arm, Preprocess, Recipe, Study


@dataclass(frozen=True)
class Job:
    """One run that is still to be done: an arm, a seed and all that they share with the others.

    `start` are the weights that it starts from, by state-dict names; None for those that its seed gives.
    """

    recipe: Recipe
    arm: Arm
    seed: int
    root: int = 0
    device: str = "cpu"
    engine: str = "eager"
    start: Mapping[str, NDArray[Any]] | None = field(default=None, compare=False, repr=False)

    @property
    def preprocess(self) -> Preprocess:
        """What is done to the run's images before they are augmented and seen."""
        return self.recipe.preprocess_of(self.arm)

    @property
    def name(self) -> str:
        """How progress displays and errors call the run."""
        return f"{self.arm.name} seed {self.seed}"


@dataclass(frozen=True)
class Epoch:
    """One pass over the training images and the evaluation after it.

    Losses are means per image (train: over the epoch's batches while the weights move, without the penalty).
    `penalty` is the mean of λ·Σ|p| over the batches, `abs_sum` is Σ|p| over the arm's penalised parameters at the
    epoch's end. `test_*` are the held-out images' when the recipe holds some out. `seconds` is wall time.
    """

    epoch: int
    learning_rate: float
    train_loss: float
    penalty: float
    abs_sum: float
    train_correct: int
    train_images: int
    judged_loss: float
    judged_correct: int
    judged_images: int
    seconds: float

    @property
    def train_accuracy(self) -> float:
        """Percent of training images right while the epoch ran, 0 to 100."""
        return 100 * self.train_correct / self.train_images

    @property
    def judged_accuracy(self) -> float:
        """Percent of evaluation images right after the epoch, 0 to 100."""
        return 100 * self.judged_correct / self.judged_images


@dataclass(frozen=True)
class KernelSize:
    """How large the weights of a convolution or linear layer are after an epoch.

    `kernel` is its name in the state dict; of its `weights`, `zeros` are exactly zero and `near_zeros` smaller than
    `NEAR_ZERO` in size, zeros included. `abs_sum` is Σ|w| and `square_sum` Σw².
    """

    epoch: int
    kernel: str
    weights: int
    zeros: int
    near_zeros: int
    abs_sum: float
    square_sum: float


NEAR_ZERO = 1e-3
"""A weight smaller than this in size counts as nearly zero."""


@dataclass(frozen=True)
class Scale:
    """What the common scale of kernels in front of norms does in an arm's first network.

    `kernels` are those whose scale a norm divides away. Halving all of them at once changes no class probability of the
    evaluation images by more than `change`, and the predicted class of a share `flipped` of them (both 0 to 1).
    """

    kernels: tuple[str, ...]
    change: float
    flipped: float


@dataclass(frozen=True)
class Environment:
    """Where a run was made. PyTorch promises repeatability only for one build, device and thread count."""

    normlab: str
    python: str
    torch: str
    numpy: str
    system: str
    processor: str
    device: str
    threads: int
    engine: str
    data: str  # SHA-256 over the data set's arrays


@dataclass(frozen=True)
class RunRecord:
    """All that a finished (or diverged) run leaves behind.

    `probabilities` is float32 (evaluation images, classes) and `weights` maps state-dict names to arrays, both of
    the final epoch; `sizes` are the kernels' after each epoch. A diverged run has `diverged_at` set to its epoch, only
    the epochs before it, and no predictions.
    """

    arm: str
    seed: int
    parameters: int
    epochs: Sequence[Epoch]
    probabilities: NDArray[np.float32]
    weights: Mapping[str, NDArray[Any]]
    seconds: float
    environment: Environment
    diverged_at: int | None = None
    sizes: Sequence[KernelSize] = ()

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The most probable class of each evaluation image, shape (images,)."""
        return np.asarray(self.probabilities.argmax(axis=1), dtype=np.int64)

    @property
    def final(self) -> Epoch:
        """The last epoch: the one that verdicts use."""
        return self.epochs[-1]


@dataclass(frozen=True)
class Comparison:
    """A study, the records it has so far, and the images they were judged on.

    `images` is uint8 (images, channels, height, width), `labels` int64 (images,), `classes` their names,
    `summaries` the printed model summary of each arm, `scales` what scale does in each arm that has a finished run.
    `tested` are test accuracies in percent, by seed, of the arms that were chosen on held-out images.
    """

    study: Study
    runs: Sequence[RunRecord]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: Sequence[str]
    summaries: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    tested: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def of(self, arm: str) -> list[RunRecord]:
        """The arm's finished runs in the order of their seeds, diverged ones left out."""
        runs = [run for run in self.runs if run.arm == arm and run.diverged_at is None]
        return sorted(runs, key=lambda run: run.seed)

    def diverged(self, arm: str) -> list[RunRecord]:
        """The arm's runs whose loss stopped being a number."""
        return [run for run in self.runs if run.arm == arm and run.diverged_at is not None]

    @property
    def owed(self) -> int:
        """How many of the study's runs have no record yet."""
        return len(self.study.arms) * len(self.study.seeds) - len(self.runs)
