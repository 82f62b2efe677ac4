"""One network's norm and one image: the numbers that the network computes, and ours, held against each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from normlab.assembly import trained
from normlab.data import Dataset
from normlab.data.preprocess import seen
from normlab.execute import job
from normlab.explaining.check import agree, check
from normlab.explaining.layers.passing import Passage, passage
from normlab.explaining.worked import EPS, Array, Worked, work
from normlab.norms.names import read
from normlab.records import RunRecord
from normlab.spec import Study


@dataclass(frozen=True, eq=False)
class Layer:
    """One network's norm and the image.

    Args:
        arm: the arm that the network belongs to.
        worked: the norm's numbers for the image alone; its `y` is what the network computes, but for batch norm, whose
            network uses the running statistics in the place of the image's own.
        mean, spread: what is subtracted from each channel, and what the root is taken of, (C,); NaN for a norm with
            several statistics in a channel. For batch norm these are the running ones.
        y: what the network computes, (C, H, W).
        predicted: its class, and `probability` what it gives that class.
    """

    arm: str
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


def of_run(study: Study, run: RunRecord, name: str, pixels: NDArray[np.uint8], data: Dataset) -> Layer:
    """The norm called `name` of a run's network with an image, uint8 (C, H, W).

    Raises `UnknownName` with the layers that there are, and `Disagreement` where the network finds other numbers.
    """
    arm = study.arm(run.arm)
    image = seen(pixels[None], data, job(study, arm, run.seed).preprocess)
    passed = passage(trained(study, run), name, image)
    worked = _worked(arm.norm, passed)
    check(worked)
    mean, spread = _used(worked, passed.layer)
    agree(run.arm, f"output of {name}", _result(worked, mean, spread), passed.y, largest=float(np.abs(passed.x).max()))
    shares = np.exp(passed.scores - passed.scores.max())
    best = int(shares.argmax())
    return Layer(run.arm, worked, mean, spread, passed.y, data.classes[best], float(shares[best] / shares.sum()))


def _worked(norm: str, passed: Passage) -> Worked:
    """The norm's numbers for this image, by the layer's own γ, β and groups."""
    groups = getattr(passed.layer, "num_groups", None)
    name = f"gn:{groups}" if read(norm).kind == "gn" else norm
    affine = (_values(passed.layer, "weight", 1.0), _values(passed.layer, "bias", 0.0))
    return work(name, passed.x[None], *affine)


def _values(layer: nn.Module, name: str, otherwise: float) -> Array:
    found = getattr(layer, name, None)
    return np.array(otherwise) if found is None else found.detach().numpy()


def _used(worked: Worked, layer: nn.Module) -> tuple[Array, Array]:
    """What a channel is centred and divided by."""
    if isinstance(layer, nn.BatchNorm2d):
        return layer.get_buffer("running_mean").numpy(), layer.get_buffer("running_var").numpy()
    sets = worked.sets[0].reshape(len(worked.x[0]), -1)
    one = (sets == sets[:, :1]).all(axis=1)
    mean, spread = (np.where(one, values[sets[:, 0]], np.nan) for values in (worked.centre, worked.spread))
    return mean, spread


def _result(worked: Worked, mean: Array, spread: Array) -> Array:
    """What the numbers say that the network computes."""
    if worked.name.kind != "bn":
        result: Array = worked.y[0]
        return result
    columns = (-1, 1, 1)
    normalized = (worked.x[0] - mean.reshape(columns)) / np.sqrt(spread + EPS).reshape(columns)
    y: Array = worked.gamma * normalized + worked.beta
    return y
