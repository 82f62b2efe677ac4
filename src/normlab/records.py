"""What a run leaves behind, and a study's records together.

Counts are stored as counts (correct of images), never as rounded percentages, so that a report's numbers can be
compared with the store's for equality.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from normlab.seeds import HELD, Only, Replicate, Source
from normlab.spec import Recipe, Study
from normlab.spec.images import is_name
from normlab.spec.registration import Registered

METHOD = 1
"""Goes up whenever training computes something else from the same recipe, so that older runs are not taken for it."""


def key_of(recipe: str, *others: int | str, code: str, only: str = "") -> str:
    """The key of a run by its recipe's digest and the other fields that decide its numbers, in the order of `Job`'s."""
    parts = [METHOD, recipe, *others]
    parts += [code] if code else []
    parts += [f"only {only}"] if only else []  # no digest of code reads so
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Job:
    """One run: a recipe on a seed, and everything else that its numbers depend on.

    Args:
        recipe: what it computes, links worked out and idle fields at their defaults (`Arm.recipe`).
        seed: the replicate.
        root: the study's root of all randomness.
        device, engine: where and how it is trained.
        data: SHA-256 of the data set's content.
        after: the key of the run whose final weights it starts from; empty for those that its seed gives.
        code: SHA-256 of the code of one's own that its network is made of; empty where there is none.
        only: the one source of variance that follows the seed, a key of `seeds.SOURCES`, while all others are held at
            the seed `seeds.HELD`; empty for ordinary runs, in which all follow it.
        label: what its arm is called in the study at hand; no part of what it is.
        start: the weights that it starts from, by state-dict names.
        origin: the key of the run that they are of: an earlier one than `after`, where that diverged.
        shape, classes: of an image, (channels, height, width), and how many classes there are; `data` decides them.
    """

    recipe: Recipe
    seed: int
    root: int = 0
    device: str = "cpu"
    engine: str = "eager"
    data: str = ""
    after: str = ""
    code: str = ""
    only: Source | Literal[""] = ""
    label: str = field(default="", compare=False)
    start: Mapping[str, NDArray[Any]] | None = field(default=None, compare=False, repr=False)
    origin: str = field(default="", compare=False)
    shape: tuple[int, int, int] = field(default=(1, 28, 28), compare=False)
    classes: int = field(default=10, compare=False)

    @cached_property
    def key(self) -> str:
        """What the run is known by: a SHA-256, 64 hexadecimal digits, over all that decides its numbers."""
        others = self.seed, self.root, self.device, self.engine, self.data, self.after
        return key_of(self.recipe.digest, *others, code=self.code, only=self.only)

    @property
    def treatment(self) -> str:
        """What is compared, as verdicts are remembered: the recipe's digest, and one of what it has of one's own.

        Code and images are known by their content, as in the key: what is moved is the same, what is edited is not.
        """
        own = [self.code, "" if is_name(self.recipe.dataset) else self.data]
        content = hashlib.sha256(json.dumps(own).encode()).hexdigest()
        return f"{self.recipe.digest}:{content}" if any(own) else self.recipe.digest

    @property
    def name(self) -> str:
        """How progress displays and errors call the run."""
        alone = f" · {self.only} alone" if self.only else ""
        return f"{self.label or self.recipe.norm}{alone} · seed {self.seed}"

    @property
    def replicate(self) -> Replicate:
        """The seed as streams of random numbers take it."""
        return Only(self.only, self.seed) if self.only else self.seed

    @property
    def division(self) -> Replicate:
        """The seed as the choice of images takes it: one for all ordinary runs, which are paired by image too."""
        return self.replicate if self.only else HELD


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
class Flow:
    """How the signal flows through a layer after an epoch, on a few training images.

    `activation` is the root mean square of what the layer, called `layer` in the network, gives. `pull` is
    ‖∂loss/∂h‖·‖h‖ of what it gives an image, on average: how much the image's loss may change with h, relatively. Both
    are infinite where they are no number.
    """

    epoch: int
    layer: str
    activation: float
    pull: float


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
class Checkup:
    """How well the norms of a run's final network are.

    Of `trained` training images, so many are right in evaluation (`running`, by running statistics) and with the
    statistics of their own batches (`batch`), dropout off in both. Of `judged` evaluation images, so many are `right`,
    and after running statistics are estimated again on those training images (`recalibrated`). `drift` is how far the
    batches' means are from the running ones, in standard deviations, on average over the channels of the layer where
    that is most, `where`. A network without running statistics has zeros in all of these, and `where` is empty. Of
    `parts` groups of channels with statistics of their own, all norms together, `idle` never vary.
    """

    trained: int
    running: int
    batch: int
    judged: int
    right: int
    recalibrated: int
    drift: float
    where: str
    parts: int
    idle: int


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


class Checkpoint(NamedTuple):
    """A run in the middle: all that its next step depends on, by name, and what became of it so far, as JSON has it."""

    state: Mapping[str, NDArray[Any]]
    facts: Mapping[str, Any]


class Contents(Protocol):
    """What a run leaves behind that is too large to be held of a thousand runs at once."""

    def probabilities(self) -> NDArray[np.float32]:
        """Float32 (evaluation images, classes)."""

    def weights(self) -> Mapping[str, NDArray[Any]]:
        """By state-dict names."""


@dataclass(frozen=True)
class Held:
    """Contents in memory, as training leaves them."""

    known_probabilities: NDArray[np.float32]
    known_weights: Mapping[str, NDArray[Any]]

    def probabilities(self) -> NDArray[np.float32]:
        """See `Contents.probabilities`."""
        return self.known_probabilities

    def weights(self) -> Mapping[str, NDArray[Any]]:
        """See `Contents.weights`."""
        return self.known_weights


@dataclass(frozen=True)
class RunRecord:
    """All that a finished (or diverged) run leaves behind.

    `contents` gives what is large when it is asked for. `sizes` are the kernels' after each epoch, `flow` the layers'
    after some. A diverged run has `diverged_at` set to its epoch, only the epochs before it, and no predictions.
    """

    job: Job
    parameters: int
    epochs: Sequence[Epoch]
    contents: Contents = field(repr=False)
    seconds: float
    environment: Environment
    diverged_at: int | None = None
    sizes: Sequence[KernelSize] = ()
    flow: Sequence[Flow] = ()

    @property
    def arm(self) -> str:
        """What its arm is called in the study at hand."""
        return self.job.label

    @property
    def seed(self) -> int:
        """Its replicate."""
        return self.job.seed

    @property
    def key(self) -> str:
        """What it is known by."""
        return self.job.key

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Of the evaluation images at the final epoch, float32 (images, classes)."""
        return self.contents.probabilities()

    @property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        """Final weights by state-dict names."""
        return self.contents.weights()

    @property
    def predictions(self) -> NDArray[np.int16]:
        """The most probable class of each evaluation image, shape (images,)."""
        return self._most_probable[0]

    @property
    def sureness(self) -> NDArray[np.float32]:
        """The probability of the most probable class of each evaluation image, shape (images,)."""
        return self._most_probable[1]

    @cached_property
    def _most_probable(self) -> tuple[NDArray[np.int16], NDArray[np.float32]]:
        """Small enough to be remembered, so that probabilities are opened once."""
        probabilities = self.probabilities
        return np.asarray(probabilities.argmax(axis=1), dtype=np.int16), probabilities.max(axis=1)

    @property
    def final(self) -> Epoch:
        """The last epoch: the one that verdicts use."""
        return self.epochs[-1]

    def __repr__(self) -> str:
        """One line: its epochs and what it was made by would fill a screen."""
        if self.diverged_at is not None or not self.epochs:
            return f"RunRecord({self.job.name!r}, diverged in epoch {self.diverged_at})"
        return f"RunRecord({self.job.name!r}, {self.final.judged_accuracy:.2f}% after epoch {self.final.epoch})"


@dataclass(frozen=True)
class Look:
    """A verdict that was shown: of which study, when, on which seeds, by which rules and on how many pairs.

    `rules` is "once" for a number of seeds that was fixed beforehand, "up to" where looking was allowed from the start
    up to that many, "always" where it was without an end, "grown" where other seeds came after a look. `arms` are what
    was compared, by `Job.treatment`.
    """

    study: str
    when: str
    seeds: tuple[int, ...]
    rules: str
    pairs: int
    arms: tuple[str, ...]

    @property
    def recipes(self) -> tuple[str, ...]:
        """The digests of the arms' recipes, whatever code and images of one's own they were of."""
        return tuple(arm.partition(":")[0] for arm in self.arms)


@dataclass(frozen=True, eq=False)
class Alone:
    """The runs in which one `source` of variance follows the seed and everything else is held.

    `labels` are those of the images that each was judged on, int64 (images,): they differ where the source is the
    choice of images. `owed` is how many runs of it there are not yet.
    """

    source: Source
    runs: Sequence[RunRecord]
    labels: Sequence[NDArray[np.int64]]
    owed: int = 0


@dataclass(frozen=True, eq=False)
class Tuned:
    """What a tuned study was made of: its trials, and the study at the recipe's own values, where that is there."""

    trials: Comparison
    fixed: Comparison | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """A study, the records it has so far, and the images they were judged on; one is equal to itself alone.

    `images` is uint8 (images, channels, height, width), `labels` int64 (images,), `classes` their names, `trained` how
    many images of each class the study's recipe trains on (empty where that is not known),
    `summaries` the printed model summary of each arm, `scales` what scale does in each arm that has a finished run.
    `tested` are test accuracies in percent, by seed, of the arms that were chosen on held-out images. `looks` are the
    verdicts that were shown before on any of its pairs. `notes` are what people should know of how its images were
    read. `checkups` are of some finished runs, by key. `damaged` says why the weights of some runs cannot be opened, by
    key; they are looked for where a report looks into weights. `registered` is what was registered of it, if anything,
    and `tuned` what its arms' values come from, where it was tuned and that is there. `alone` are the runs in which one
    source of variance varies, by source, where the study asks for them; they are no part of `runs`.
    """

    study: Study
    runs: Sequence[RunRecord]
    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: Sequence[str]
    summaries: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    tested: Mapping[str, Sequence[float]] = field(default_factory=dict)
    looks: Sequence[Look] = ()
    notes: Sequence[str] = ()
    checkups: Mapping[str, Checkup] = field(default_factory=dict)
    damaged: Mapping[str, str] = field(default_factory=dict)
    trained: Sequence[int] = ()
    registered: Registered | None = None
    tuned: Tuned | None = None
    alone: Sequence[Alone] = ()

    def of(self, arm: str) -> list[RunRecord]:
        """The arm's finished runs in the order of their seeds, diverged ones left out."""
        return [*self._finished.get(arm, ())]

    def whole(self, arm: str) -> list[RunRecord]:
        """Those of them whose weights can be opened."""
        return [run for run in self.of(arm) if run.key not in self.damaged]

    @cached_property
    def _finished(self) -> dict[str, list[RunRecord]]:
        """By arm: a study may have ten thousand runs, and is asked for an arm's a thousand times."""
        found: dict[str, list[RunRecord]] = {}
        for run in sorted(self.runs, key=lambda run: run.seed):
            if run.diverged_at is None:
                found.setdefault(run.arm, []).append(run)
        return found

    def diverged(self, arm: str) -> list[RunRecord]:
        """The arm's runs whose loss stopped being a number."""
        return [run for run in self.runs if run.arm == arm and run.diverged_at is not None]

    @property
    def owed(self) -> int:
        """How many of the study's runs have no record yet."""
        return len(self.study.arms) * len(self.study.seeds) - len(self.runs)

    @property
    def extent(self) -> str:
        """How large it is and how far it has come: `'compare', 6 arms × 3 seeds, 17 of 18 runs finished`."""
        arms, seeds = len(self.study.arms), len(self.study.seeds)
        finished = sum(run.diverged_at is None for run in self.runs)
        several = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in ((arms, "arm"), (seeds, "seed"))]
        return f"{self.study.name!r}, {' × '.join(several)}, {finished} of {arms * seeds} runs finished"

    def __repr__(self) -> str:
        return f"Comparison({self.extent})"
