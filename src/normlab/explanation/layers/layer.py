"""One network's norm and one image: the numbers that the network computes, and ours, held against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import softmax
from torch import nn

from normlab.errors import SpecError
from normlab.explanation.beyond import LEARNED, Beyond
from normlab.explanation.check import agree, check
from normlab.explanation.layers.passing import Passage, passage
from normlab.explanation.running import by_channel
from normlab.explanation.worked import Array, Worked, work
from normlab.norms import kinds
from normlab.norms.names import read


@dataclass(frozen=True, eq=False)
class Layer:
    """One network's norm and the image.

    Args:
        name: what the network is called, in a study its arm.
        worked: the norm's numbers for the image alone; its `y` is what the network computes, but for batch norm and its
            kin, whose network uses the running statistics in the place of the image's own.
        mean, spread: what is subtracted from each channel, and what the root is taken of, (C,); NaN for a norm with
            several statistics in a channel. For batch norm these are the running ones.
        y: what the network computes, (C, H, W).
        predicted: its class, and `probability` what it gives that class; None where it has no scores of classes.
        training: the numbers in training mode, the image first in a batch; None without a batch, for norms that do the
            same in both modes, and for batch renormalization, where they hang on how far its schedule is.
    """

    name: str
    worked: Worked
    mean: Array
    spread: Array
    y: Array
    predicted: str | None
    probability: float | None
    training: Worked | None = None

    @property
    def x(self) -> Array:
        """What enters, (C, H, W)."""
        entered: Array = self.worked.x[0]
        return entered


def look(
    name: str,
    model: nn.Module,
    layer: str,
    images: torch.Tensor,
    *,
    classes: Sequence[str] = (),
    norm: str | None = None,
) -> Layer:
    """A norm of a network with an image, and with others beside it in training mode where they matter.

    Args:
        name: what the network is called.
        model, layer: the network, and its norm's name.
        images: the image, and those that are in a batch with it, as the network sees them, (N, C, H, W) on the CPU.
        classes: what the network's output, scores before softmax, are scores of; their numbers if empty.
        norm: what the norm is called; by default it is told from the layer.

    Raises `UnknownName` with the layers that there are, and `Disagreement` where the network finds other numbers.
    """
    passed = passage(model, layer, images[:1])
    called = norm or kinds.name(passed.layer)
    remembers = _remembers(passed.layer)
    worked = _worked(called, passed)
    if not remembers:  # the image's own statistics are the ones that count
        check(worked)
    mean, spread = _used(worked, passed.layer)
    _agree(name, layer, by_channel(worked, mean, spread) if remembers else worked.y, passed)
    trains = len(images) > 1 and read(called).kind in ("bn", "gbn")
    training = _in_training(name, layer, called, passage(model, layer, images, training=True)) if trains else None
    return Layer(name, worked, mean, spread, passed.y[0], *_answer(passed.scores, classes), training)


def _in_training(name: str, layer: str, called: str, passed: Passage) -> Worked:
    worked = _worked(called, passed)
    check(worked)
    _agree(name, f"{layer} in training", worked.y, passed)
    return worked


def _agree(name: str, what: str, ours: Array, passed: Passage) -> None:
    agree(name, f"output of {what}", ours, passed.y, largest=float(np.abs(passed.x).max()))


def _answer(scores: Array | None, classes: Sequence[str]) -> tuple[str | None, float | None]:
    """The class that a network says, and with which probability; None where it gives no scores of classes."""
    if scores is None or scores.ndim != 2 or scores.shape[1] < 2:
        return None, None
    if classes and len(classes) != scores.shape[1]:
        raise SpecError(f"classes: the network has {scores.shape[1]} scores, got {len(classes)} names")
    best = int(scores[0].argmax())
    return classes[best] if classes else str(best), float(softmax(scores[0])[best])


def _worked(norm: str, passed: Passage) -> Worked:
    """The norm's numbers for what entered, by the layer's own γ, β and ε."""
    affine = (_values(passed.layer, "weight", 1.0), _values(passed.layer, "bias", 0.0))
    return work(norm, passed.x, *affine, eps=getattr(passed.layer, "eps", 1e-5), has=_beyond(norm, passed.layer))


def _beyond(norm: str, layer: nn.Module) -> Beyond | None:
    """What it has learned beside γ and β; None for nothing."""
    if read(norm).kind not in LEARNED:
        return None
    name, _, _ = LEARNED[read(norm).kind]
    return {name: _values(layer, name, 1.0).reshape(-1, 1, 1)}


def _values(layer: nn.Module, name: str, otherwise: float) -> Array:
    found = getattr(layer, name, None)
    return np.array(otherwise) if found is None else found.detach().numpy()


def _used(worked: Worked, layer: nn.Module) -> tuple[Array, Array]:
    """What a channel is centred and divided by."""
    if _remembers(layer):
        return layer.get_buffer("running_mean").numpy(), layer.get_buffer("running_var").numpy()
    sets = worked.sets[0].reshape(len(worked.x[0]), -1)
    mean, spread = (_of_channels(values[sets]) for values in (worked.centre, worked.spread))
    return (mean if kinds.centres(layer) else np.zeros_like(mean)), spread


def _of_channels(values: Array) -> Array:
    """The number that each row has, NaN where it has several, (C,)."""
    return np.where((values == values[:, :1]).all(axis=1), values[:, 0], np.nan)


def _remembers(layer: nn.Module) -> bool:
    """Whether it uses running statistics in eval mode, as batch norm does unless it is told otherwise."""
    return getattr(layer, "running_mean", None) is not None
