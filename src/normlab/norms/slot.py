"""The place in a model where a norm goes, and the settings that every norm shares."""

from __future__ import annotations

from dataclasses import dataclass

EPS = 1e-5
"""One eps for every norm of every arm: a different one would be a second treatment (timm's defaults differ)."""


@dataclass(frozen=True)
class Slot:
    """What a model tells a norm about the place that it fills.

    Args:
        name: the layer's name in the model, for errors.
        channels: C of the (N, C, H, W) tensor that passes.
        size: (H, W) of that tensor, needed only by norms with an affine value per element; None where nobody says.
        groups: the groups that the model's author chose for this slot, which plain `gn` uses; None where nobody did.
        tokens: whether N counts tokens of images, each a vector (C, 1, 1), as in transformers.
    """

    name: str
    channels: int
    size: tuple[int, int] | None
    groups: int | None
    tokens: bool = False
