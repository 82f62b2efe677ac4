"""Constants that images are standardized by: those of judged images let a network know what it is judged on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import chain

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab.data.moments import counts, moments
from normlab.faults.finding import Finding, error
from normlab.faults.subject import Pixels, Subject
from normlab.models.jobs import model_place
from normlab.own import guest
from normlab.own.sources import hashes
from normlab.spec.places import Place

Numbers = NDArray[np.float64]

DIGITS = 6e-4
"""How far a constant of three or four digits is from what it was rounded from, on the scale 0 to 1."""
NEARER = 4
"""Times nearer to what is judged than to what is trained on: where these are alike nothing can be told."""
SOME, ROUGHLY = 200, 0.1
"""Images that are looked at first, and how far their mean may be from that of all."""
FEW = 1000
"""Numbers of a buffer that may be such constants; larger ones are something else."""


def constants_of_test(subject: Subject) -> Iterator[Finding]:
    """A mean and a deviation of the judged images in what is done to images, in a network's code or its buffers."""
    if subject.train is None or subject.judged is None:
        return
    for where, numbers in _constants(subject):
        if len(numbers) and _are_of(numbers, subject.judged, subject.train):
            yield error(
                "test-constants",
                where,
                "images are standardized by the mean and deviation of those that are judged, not of training images",
                "what is judged has a part in the network then, which nothing that it will be used on can have",
                "take the constants from training images, as preprocess = standardize does",
            )


def _constants(subject: Subject) -> Iterator[tuple[str, Numbers]]:
    """Numbers that may be constants of standardization, with where they are; normlab's own are known to be right."""
    if subject.study is None:
        yield from ((probe.name, _buffered(probe.model)) for probe in subject.probes)
        yield "preparation", _prepared(subject)
        return
    models = {arm.recipe.model: probe.model for arm, probe in zip(subject.study.arms, subject.probes, strict=True)}
    for name, model in models.items():
        if place := model_place(name):
            yield str(place), np.concatenate([_buffered(model), _written(place)])


def _buffered(model: nn.Module) -> Numbers:
    small = [buffer for buffer in model.buffers() if buffer.is_floating_point() and buffer.numel() <= FEW]
    return np.array([*chain.from_iterable(buffer.flatten().tolist() for buffer in small)], float)


def _written(place: Place) -> Numbers:
    """Every number with a fraction in a function's own code."""
    with guest(place):
        files = [path for path in hashes(place) if path.suffix == ".py"]
    nodes = chain.from_iterable(ast.walk(ast.parse(path.read_bytes())) for path in files)
    return np.array([n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, float)], float)


def _prepared(subject: Subject) -> Numbers:
    """What black and white become says by which mean and deviation: (0 − m) / s and (1 − m) / s."""
    if subject.prepare is None or subject.train is None:
        return np.empty(0)
    seen = (subject.prepare(np.full((1, *subject.train.shape[1:]), level, np.uint8)) for level in (0, 255))
    black, white = (image.amax((0, 2, 3)).double() for image in seen)
    deviation = 1 / (white - black)
    return torch.cat([-black * deviation, deviation]).numpy()


def _are_of(numbers: Numbers, judged: Pixels, train: Pixels) -> bool:
    """Whether they hold the mean and deviation of every channel of what is judged, of levels to 1 or to 255.

    All images are only looked at where some of them say that it may be so.
    """
    for scale in (1, 255):
        some = _moments(judged[:: -(-len(judged) // SOME)])
        if (_off(numbers / scale, some) <= ROUGHLY).any(axis=0).all():
            values, others = _moments(judged), _moments(train)
            off = _off(numbers / scale, values)
            return bool(((off <= DIGITS) & (NEARER * off < np.abs(values - others))).any(axis=0).all())
    return False


def _off(numbers: Numbers, values: Numbers) -> Numbers:
    """How far each number is from the mean and the deviation of each channel, (numbers, 2 × channels)."""
    return np.abs(numbers[:, None] - values)


def _moments(images: Pixels) -> Numbers:
    return np.array(moments(counts(images))).ravel()
