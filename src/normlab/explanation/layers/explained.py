"""A norm of networks explained by one image, each number held against the network's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.console import ConsoleRenderable
from torch import nn

from normlab.errors import SpecError
from normlab.explanation.blocks import grey
from normlab.explanation.layers import terminal
from normlab.explanation.layers.facts import LayerFacts
from normlab.explanation.layers.layer import look
from normlab.explanation.shown import Shown

ORIGIN = "The networks are in eval mode. Every number was held against the network's own."


class LayerExplanation(Shown, LayerFacts):
    """A layer's facts as they are shown: `print` shows them, and so does a notebook."""

    def parts(self) -> Iterator[ConsoleRenderable]:
        """What is printed, from top to bottom."""
        return terminal.parts(self)

    def save(self, path: str | Path) -> Path:
        """Write it with its charts as one page; raises `StoreError` when it cannot be written."""
        from normlab.explanation.layers.sheet import sheet
        from normlab.explanation.sheet import write

        return write(sheet(self), Path(path))


def explain_network(
    models: nn.Module | Mapping[str, nn.Module],
    layer: str,
    image: torch.Tensor,
    *,
    beside: torch.Tensor | None = None,
    classes: Sequence[str] = (),
) -> LayerExplanation:
    """What a norm of any PyTorch network does to one image.

    Args:
        models: the network, or several with a name for each, which are shown side by side. They are not changed.
        layer: the norm's name, one of `model.named_modules()`: batch, group, instance or layer norm.
        image: as the network sees it, float (C, H, W) or (1, C, H, W) on the CPU.
        beside: other images, (N, C, H, W), that are in a batch with it in training mode, where batch norm minds them.
        classes: the names of what the network's output, scores before softmax, are scores of.

    Raises:
        UnknownName: there is no such norm; the message lists those there are.
        NetworkError: the network cannot be run on the image, or the norm does not see one tensor (N, C, H, W).
        SpecError: the images, the classes or the models are something else. `Disagreement`: there are other numbers.
    """
    named = models if isinstance(models, Mapping) else {"network": models}
    if not named or not all(isinstance(model, nn.Module) for model in named.values()):
        raise SpecError("models: expected a torch.nn.Module, or a mapping of names to such")
    images = _images(image, beside)
    found = tuple(look(name, model, layer, images, classes=classes) for name, model in named.items())
    return LayerExplanation(layer, f"What {layer} does to an image", ORIGIN, _picture(images[0]), "", found)


def _images(image: torch.Tensor, beside: torch.Tensor | None) -> torch.Tensor:
    """The image and those beside it, (N, C, H, W)."""
    first = torch.as_tensor(image).detach().cpu()
    batch = first[None] if first.ndim == 3 else first
    if batch.ndim != 4 or len(batch) != 1:
        raise SpecError(f"image: expected (C, H, W) or (1, C, H, W), got {tuple(first.shape)}")
    if beside is None:
        return batch
    others = torch.as_tensor(beside).detach().cpu()
    if others.shape[1:] != batch.shape[1:]:
        raise SpecError(
            f"beside: expected images (N, {', '.join(map(str, batch.shape[1:]))}), got {tuple(others.shape)}"
        )
    return torch.cat([batch, others])


def _picture(image: torch.Tensor) -> NDArray[np.uint8]:
    """An image of any range as levels, its first channel where it has not three."""
    values = image.double().numpy()
    return grey(values if len(values) in (1, 3) else values[:1])
