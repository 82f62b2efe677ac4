"""How the signal flows through a network while it is trained: what its layers give, and what the loss makes of it.

The network is looked at now and then, on a few training images that are the same for all runs of a study: what a layer
gives may grow or die away from epoch to epoch, and so may what a change of it does to the loss. That is measured as
‖∂loss/∂h‖·‖h‖ of each image, h what the layer gives, so that it does not depend on the scale of weights in front of a
norm, which has no meaning: halved weights halve ‖h‖ and double the gradient.

Source: X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS
2010, section 4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from normlab import seeds
from normlab.data.resident import Resident
from normlab.data.split import Split
from normlab.models.parts import has_kernel
from normlab.records import Flow
from normlab.training.dropout import PairedDropout

IMAGES = 16
"""That are looked at."""
APART = 20_000
"""Training images between two looks at least: a look is 16 of them, forward and back in plain PyTorch."""


def due(epoch: int, images: int) -> bool:
    """Whether a network is looked at after an epoch, counted from 1, of so many training images."""
    return epoch * images // APART > (epoch - 1) * images // APART


class Probe:
    """A few training images of a study, and looks at networks with them.

    Args:
        images: those that are trained on.
        root: the study's root of randomness, which decides which they are.
        device: where the networks are.
    """

    def __init__(self, images: Split, root: int, device: torch.device) -> None:
        self.images, self.root, self.device = images, root, device

    @cached_property
    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The images, standardized and not augmented, and their labels."""
        train = self.images.train_images
        chosen = seeds.generator(self.root, "flow", 0).permutation(len(train))[:IMAGES]
        (seen,) = Resident(train[chosen], self.images.mean, self.images.std, self.device).in_order()
        return seen, torch.from_numpy(self.images.train_labels[chosen]).to(self.device)

    def look(self, model: nn.Module, epoch: int) -> tuple[Flow, ...]:
        """How the signal flows after an epoch, layer by layer in the order in which they are called.

        A network that cannot be looked at, whatever it raises, gives nothing: its run goes on. Everything in it is as
        it was afterwards.
        """
        try:
            with _aside(model), _given(model) as given:
                images, labels = self.batch
                loss = F.cross_entropy(model(images), labels, reduction="sum")
                return tuple(_flows(loss, given, epoch))
        except Exception:  # noqa: BLE001 - a look is no reason to lose a run
            return ()


DROPOUT = (nn.modules.dropout._DropoutNd, PairedDropout)
Given = dict[str, torch.Tensor]
"""What layers gave, by path."""


@contextmanager
def _aside(model: nn.Module) -> Iterator[None]:
    """Training mode with dropout off; modes, buffers and torch's own random state are put back."""
    modes = {module: module.training for module in model.modules()}
    buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
    cuda = {buffer.device for buffer, _ in buffers if buffer.is_cuda}
    try:
        with torch.random.fork_rng(devices=cuda):
            for module in modes:
                module.training = not isinstance(module, DROPOUT)
            yield
    finally:
        for module, mode in modes.items():
            module.training = mode
        with torch.no_grad():
            for buffer, value in buffers:
                buffer.copy_(value)


@contextmanager
def _given(model: nn.Module) -> Iterator[Given]:
    """What convolutions and linear layers give, within it."""
    given: Given = {}
    with ExitStack() as hooks:
        for path, module in model.named_modules():
            if has_kernel(module):
                hooks.callback(module.register_forward_hook(partial(_note, given, path)).remove)
        yield given


def _note(given: Given, path: str, _module: nn.Module, _inputs: Any, result: Any) -> Any:
    """Note what a layer gives, and pass a copy on, which an activation may change in place."""
    if not (isinstance(result, torch.Tensor) and result.requires_grad):
        return None
    given[path] = result
    return result.clone()


def _flows(loss: torch.Tensor, given: Given, epoch: int) -> Iterator[Flow]:
    gradients = torch.autograd.grad(loss, [*given.values()], allow_unused=True)
    for (path, result), gradient in zip(given.items(), gradients, strict=True):
        if gradient is not None:
            pull = (_sizes(gradient) * _sizes(result)).mean()
            yield Flow(epoch, path, _number(result.detach().double().square().mean().sqrt()), _number(pull))


def _sizes(values: torch.Tensor) -> torch.Tensor:
    """‖·‖ of each image's part, (images,)."""
    return values.detach().flatten(1).double().square().sum(1).sqrt()


def _number(value: torch.Tensor) -> float:
    """Infinite where it is no number."""
    found = float(value)
    return math.inf if math.isnan(found) else found
