"""What all arms share: model, data, preprocessing, optimizer, schedule, augmentation; and the presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from normlab.errors import UnknownName
from normlab.spec.arm import Arm
from normlab.spec.base import NonNegative, Positive, Spec
from normlab.spec.preprocess import USUAL, Preprocess


class Optimizer(Spec):
    """How weights move. `weight_decay` acts on the weights of convolutions and linear layers only, in every arm."""

    kind: Literal["sgd", "adamw"] = "sgd"
    lr: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 0.01
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    nesterov: bool = False
    weight_decay: NonNegative = 0.0

    @model_validator(mode="after")
    def _nesterov_moves(self) -> Self:
        """Nesterov's step looks ahead along the momentum."""
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0, got 0")
        return self


class Schedule(Spec):
    """How the learning rate moves over the steps of a run.

    `constant` keeps it; `one-cycle` rises linearly over the first `warmup` share of the steps to the optimizer's
    `lr` and falls by a cosine to `final` times it (after L. N. Smith, arXiv 1708.07120).
    """

    kind: Literal["constant", "one-cycle"] = "constant"
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.2
    final: Annotated[float, Field(ge=0, le=1)] = 0.01


class Augment(Spec):
    """Random changes of each training image: uniform in ±`rotation` degrees, ±`shift` pixels, 1 ± `scale`."""

    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0
    shift: Annotated[float, Field(ge=0, le=64)] = 0.0
    scale: Annotated[float, Field(ge=0, lt=1)] = 0.0

    @property
    def idle(self) -> bool:
        """Whether images pass unchanged."""
        return not (self.rotation or self.shift or self.scale)


class Recipe(Spec):
    """What all arms share.

    `holdout` training images are kept out and judged instead of the test set, for tuning. Of the others, `train_images`
    are trained on; 0 means all. `preprocess` is what is done to every image before it is augmented and seen: see
    `normlab.data.levels`.
    """

    preset: str = "lean"
    model: str = "lean"
    dataset: str = "mnist"
    preprocess: Preprocess = USUAL
    epochs: Positive = 4
    batch_size: Positive = 128
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    holdout: Annotated[int, Field(ge=0)] = 0
    train_images: Annotated[int, Field(ge=0)] = 0
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    augment: Augment = Augment()

    @model_validator(mode="before")
    @classmethod
    def _over_preset(cls, given: Any) -> Any:
        """A recipe may be a preset's name, or a table whose fields go over those of its preset."""
        if isinstance(given, str):
            given = {"preset": given}
        if not isinstance(given, Mapping):
            return given
        name = str(given.get("preset", "lean"))
        if name not in PRESETS:
            raise UnknownName("recipe", name, PRESETS)
        return merged(PRESETS[name], given)

    @model_serializer(mode="wrap")
    def _without_the_usual(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Studies older than `preprocess` keep their digest."""
        return {key: value for key, value in plain(self).items() if key != "preprocess" or value != USUAL}

    def preprocess_of(self, arm: Arm) -> Preprocess:
        """What the arm's images go through: its own preprocessing, or else the recipe's."""
        return arm.preprocess or self.preprocess

    @property
    def judged_on(self) -> str:
        """Which images the evaluation uses: "test", or "held-out" when some training images are kept out."""
        return "held-out" if self.holdout else "test"


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """One table over another, tables in them likewise."""
    both = dict(base)
    for key, value in over.items():
        nested = isinstance(value, Mapping) and isinstance(both.get(key), Mapping)
        both[key] = merged(both[key], value) if nested else value
    return both


PRESETS: dict[str, dict[str, Any]] = {
    # The course's own recipe. Its images are rotated before normalizing here, so corners stay background.
    "course": {
        "preset": "course",
        "model": "course",
        "epochs": 20,
        "batch_size": 128,
        "dropout": 0.05,
        "optimizer": {"kind": "sgd", "lr": 0.01, "momentum": 0.9},
        "schedule": {"kind": "constant"},
        "augment": {"rotation": 7.0},
    },
    # Ours, tuned on held-out training images only: docs/tuning.md and studies/lean list what was tried.
    "lean": {
        "preset": "lean",
        "model": "lean",
        "epochs": 4,
        "batch_size": 128,
        "optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
        "schedule": {"kind": "one-cycle", "warmup": 0.2, "final": 0.01},
        "augment": {"rotation": 10.0, "shift": 1.5, "scale": 0.1},
    },
}
