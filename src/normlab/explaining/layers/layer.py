"""One network's norm and one image: the numbers that the network computes, and ours, held against each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from normlab.explaining.check import agree, check
from normlab.explaining.layers.passing import Passage, name_of, passage
from normlab.explaining.worked import Array, Worked, work


@dataclass(frozen=True, eq=False)
class Layer:
    """One network's norm and the image.

    Args:
        name: what the network is called, in a study its arm.
        worked: the norm's numbers for the image alone; its `y` is what the network computes, but for batch norm, whose
            network uses the running statistics in the place of the image's own.
        mean, spread: what is subtracted from each channel, and what the root is taken of, (C,); NaN for a norm with
            several statistics in a channel. For batch norm these are the running ones.
        y: what the network computes, (C, H, W).
        predicted: its class, and `probability` what it gives that class.
    """

    name: str
    worked: Worked
    mean: Array
    spread: Array
    y: Array
    predicted: str
    probability: float

    @property
    def x(self) -> Array:
        """What enters, (C, H, W)."""
        entered: Array = self.worked.x[0]
        return entered


def look(
    name: str,
    model: nn.Module,
    layer: str,
    image: torch.Tensor,
    *,
    classes: Sequence[str] = (),
    norm: str | None = None,
) -> Layer:
    """A norm of a network in eval mode with an image as it sees it, (1, C, H, W).

    Args:
        name: what the network is called.
        model, layer: the network, and its norm's name.
        image: on the CPU.
        classes: what scores are scores of; their numbers if empty.
        norm: what the norm is called; by default it is told from the layer.

    Raises `UnknownName` with the layers that there are, and `Disagreement` where the network finds other numbers.
    """
    passed = passage(model, layer, image)
    worked = _worked(norm or name_of(passed.layer), passed)
    check(worked)
    mean, spread = _used(worked, passed.layer)
    y = _by_channel(worked, mean, spread) if _remembers(passed.layer) else worked.y[0]
    agree(name, f"output of {layer}", y, passed.y, largest=float(np.abs(passed.x).max()))
    shares = np.exp(passed.scores - passed.scores.max())
    best = int(shares.argmax())
    called = classes[best] if classes else str(best)
    return Layer(name, worked, mean, spread, passed.y, called, float(shares[best] / shares.sum()))


def _worked(norm: str, passed: Passage) -> Worked:
    """The norm's numbers for this image, by the layer's own γ, β and ε."""
    affine = (_values(passed.layer, "weight", 1.0), _values(passed.layer, "bias", 0.0))
    return work(norm, passed.x[None], *affine, eps=getattr(passed.layer, "eps", 1e-5))


def _values(layer: nn.Module, name: str, otherwise: float) -> Array:
    found = getattr(layer, name, None)
    return np.array(otherwise) if found is None else found.detach().numpy()


def _used(worked: Worked, layer: nn.Module) -> tuple[Array, Array]:
    """What a channel is centred and divided by."""
    if _remembers(layer):
        return layer.get_buffer("running_mean").numpy(), layer.get_buffer("running_var").numpy()
    sets = worked.sets[0].reshape(len(worked.x[0]), -1)
    one = (sets == sets[:, :1]).all(axis=1)
    mean, spread = (np.where(one, values[sets[:, 0]], np.nan) for values in (worked.centre, worked.spread))
    return mean, spread


def _remembers(layer: nn.Module) -> bool:
    """Whether it uses running statistics in eval mode, as batch norm does unless it is told otherwise."""
    return getattr(layer, "running_mean", None) is not None


def _by_channel(worked: Worked, mean: Array, spread: Array) -> Array:
    """Y by one mean and variance a channel."""
    columns = (-1, 1, 1)
    normalized = (worked.x[0] - mean.reshape(columns)) / np.sqrt(spread + worked.eps).reshape(columns)
    y: Array = worked.gamma * normalized + worked.beta
    return y
