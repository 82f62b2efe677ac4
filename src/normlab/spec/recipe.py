"""Everything that decides what one run computes, its seed aside. A new field is a line here and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BeforeValidator, Field, model_validator

from normlab.errors import UnknownName
from normlab.spec.arguments import table_of, text_of
from normlab.spec.base import NonNegative, Positive, Spec
from normlab.spec.images import ANYWHERE, is_name
from normlab.spec.penalty import Penalty
from normlab.spec.places import place, title
from normlab.spec.presets import PRESETS, USUAL, merged
from normlab.spec.setting import Setting
from normlab.spec.spelled import spelled

Preprocess = Literal["standardize", "stretch", "equalize", "clahe", "none"]
PREPROCESSES: tuple[Preprocess, ...] = get_args(Preprocess)
"""What can be done to images before a network sees them; `normlab.data.levels` does it."""
NORM = "Norm: bn ln gn gn:4 gn:cpg=8 in ln-c ln-chw rms gbn:16 brn frn dyt evonorm-s0 ws+gn:4 none."
"""The help of the field; `normlab.norms.names` reads the names."""


def _spelled(norm: Any) -> Any:
    """By its name, however people write it; what is no text is refused with the field's own words."""
    return spelled(norm) if isinstance(norm, str) else norm


def _sgd(recipe: Any) -> bool:
    return bool(recipe.optimizer.kind == "sgd")


def _cyclic(recipe: Any) -> bool:
    return bool(recipe.schedule.kind == "one-cycle")


class Optimizer(Spec):
    """How weights move."""

    kind: Annotated[Literal["sgd", "adamw"], Setting("How weights move.", title="optimizer")] = "sgd"
    lr: Annotated[
        float,
        Field(gt=0, allow_inf_nan=False),
        Setting("Learning rate (its peak).", "lr", scale="log", option="lr", title="learning rate"),
    ] = 0.01
    momentum: Annotated[
        float, Field(ge=0, lt=1), Setting("Momentum, β₁ of adamw.", word="momentum", scale="ordered")
    ] = 0.9
    nesterov: Annotated[bool, Setting("Look ahead along the momentum.", word="nesterov", when=_sgd)] = False
    weight_decay: Annotated[
        NonNegative,
        Setting("Decay of the weights of convolutions and linear layers alone.", word="decay", scale="log"),
    ] = 0.0

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

    kind: Annotated[Literal["constant", "one-cycle"], Setting("How the learning rate moves.", title="schedule")] = (
        "constant"
    )
    warmup: Annotated[
        float, Field(ge=0, lt=1), Setting("Share of steps that it rises.", word="warmup", scale="ordered", when=_cyclic)
    ] = 0.2
    final: Annotated[
        float,
        Field(ge=0, le=1),
        Setting("Where it ends, of lr.", "final", scale="ordered", title="final learning rate", when=_cyclic),
    ] = 0.01


class Augment(Spec):
    """Random changes of each training image: uniform in ±`rotation` degrees, ±`shift` pixels, 1 ± `scale`.

    Then it is padded with `crop` zeros on every side and cropped to its size anywhere, and mirrored with probability
    `flip`. `cutout` hides a square with sides of so many pixels in what comes out.
    """

    rotation: Annotated[
        float, Field(ge=0, le=180), Setting("Turned by up to ± so many degrees.", "rotation", "°", "ordered")
    ] = 0.0
    shift: Annotated[
        float, Field(ge=0, le=64), Setting("Moved by up to ± so many pixels.", "shift", " px", "ordered")
    ] = 0.0
    scale: Annotated[
        float, Field(ge=0, lt=1), Setting("Scaled by up to 1 ± so much.", word="scale", scale="ordered")
    ] = 0.0
    flip: Annotated[
        float,
        Field(ge=0, le=1),
        Setting(
            "Mirrored left to right with this probability.",
            word="flip",
            scale="ordered",
            option="flip",
            title="share of flips",
            later=True,
        ),
    ] = 0.0
    crop: Annotated[
        int,
        Field(ge=0, le=64),
        Setting(
            "Padded with so many zeros on every side and cropped to its size.",
            "crop",
            " px",
            "ordered",
            option="crop",
            title="padding of crops",
            later=True,
        ),
    ] = 0
    cutout: Annotated[
        int,
        Field(ge=0, le=256),
        Setting(
            "A square with sides of so many pixels is hidden.",
            "cutout",
            " px",
            "ordered",
            option="cutout",
            later=True,
        ),
    ] = 0

    @property
    def idle(self) -> bool:
        """Whether images pass unchanged."""
        return not (self.moving or self.cutout)

    @property
    def moving(self) -> bool:
        """Whether images are moved, as opposed to only hidden in part."""
        return bool(self.rotation or self.shift or self.scale or self.flip or self.crop)


class Recipe(Spec):
    """What one run computes, its seed aside.

    A recipe is given as fields over a preset: `{"preset": "course", "epochs": 5}`; the preset's name is no field.
    """

    model: Annotated[
        str,
        Setting(
            "Network: course, lean, lenet5, mlp, resnet8, resnet20, s8, vit, or yours: "
            "FILE.py:FUNCTION or PACKAGE.MODULE:FUNCTION.",
            option="model",
            title="network",
            apart="the initial weights",
            brief=title,
        ),
    ] = "lean"
    model_args: Annotated[
        str,
        BeforeValidator(text_of),
        Setting(
            'Arguments of the network, as JSON: {"hidden": [500, 300]}.',
            zero="usual arguments",
            option="model-args",
            title="arguments of the network",
            apart="the initial weights",
            table=True,
            later=True,
        ),
    ] = ""
    norm: Annotated[str, BeforeValidator(_spelled), Setting(NORM, option="norms")] = "bn"
    dataset: Annotated[
        str,
        Setting("Images: mnist, cifar10, … (normlab data list), or the path of your own.", option="data"),
    ] = "mnist"
    preprocess: Annotated[
        Preprocess,
        Setting(
            "What is done to images: standardize, stretch, equalize, clahe or none.",
            option="preprocess",
            title="preprocessing",
        ),
    ] = "standardize"
    batch_size: Annotated[
        Positive,
        Field(le=65_536),
        Setting(
            "Images in a step.",
            word="batch",
            scale="log",
            option="batch-size",
            apart="the batches that the same order of images is cut into, nor the dropout masks",
        ),
    ] = 128
    epochs: Annotated[
        Positive,
        Field(le=100_000),
        Setting(
            "Passes over the training images.",
            "epochs",
            scale="ordered",
            option="epochs",
            title="number of epochs",
        ),
    ] = 4
    dropout: Annotated[
        float, Field(ge=0, lt=1), Setting("Share of values dropped.", "dropout", scale="ordered", option="dropout")
    ] = 0.0
    holdout: Annotated[
        int,
        Field(ge=0),
        Setting(
            "Judge on this many training images, kept out, instead of test.",
            word="held out",
            scale="ordered",
            option="holdout",
        ),
    ] = 0
    train_images: Annotated[
        int,
        Field(ge=0),
        Setting(
            "Train on so many of the images only; 0 is all.",
            word="images",
            scale="log",
            zero="all images",
            option="train-images",
            title="number of training images",
            apart="the training images",
        ),
    ] = 0
    optimizer: Optimizer = Optimizer()
    schedule: Schedule = Schedule()
    augment: Augment = Augment()
    penalty: Penalty = Penalty()

    @model_validator(mode="before")
    @classmethod
    def _over_preset(cls, given: Any) -> Any:
        """A recipe may be a preset's name, or a table whose fields go over those of its preset."""
        return over_preset(given)

    @property
    def active_penalty(self) -> Penalty | None:
        """The penalty, None where λ is 0."""
        return self.penalty if self.penalty.lam else None

    @property
    def judged_on(self) -> str:
        """Which images the evaluation uses: "test", or "held-out" when some training images are kept out."""
        return "held-out" if self.holdout else "test"

    @property
    def arguments(self) -> dict[str, Any]:
        """What the model is called with, beside what the other fields say."""
        return table_of(self.model_args)

    @property
    def text(self) -> str:
        """The canonical JSON of all that it computes, without later fields (see `Setting`) at their defaults.

        Of a model and images of one's own it does not say where they lie: a run's key has digests of what they are.
        """
        return _text(self)

    @property
    def digest(self) -> str:
        """SHA-256 of `text`, 64 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@lru_cache(maxsize=4096)  # not on the recipe itself: a copy with another value would take it along
def _text(recipe: Recipe) -> str:
    fields = _digested(recipe)
    if own := place(recipe.model):
        fields["model"] = own.placeless
    if not is_name(recipe.dataset):
        fields["dataset"] = ANYWHERE
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def _digested(spec: Spec) -> dict[str, Any]:
    """The fields as JSON has them, without later ones (see `Setting`) that are at their defaults."""
    table = spec.model_dump(mode="json")
    for name, info in type(spec).model_fields.items():
        value, key = getattr(spec, name), info.alias or name
        if isinstance(value, Spec):
            table[key] = _digested(value)
        elif value == info.default and any(isinstance(each, Setting) and each.later for each in info.metadata):
            del table[key]
    return table


def over_preset(given: Any) -> Any:
    """A table over its preset, "lean" where it names none; raises `UnknownName`."""
    if isinstance(given, str):
        given = {"preset": given}
    if not isinstance(given, Mapping):
        return given
    own = {key: value for key, value in given.items() if key != "preset"}
    name = str(given.get("preset", USUAL))
    if name not in PRESETS:
        raise UnknownName("recipe", name, PRESETS)
    return merged(PRESETS[name], own)
