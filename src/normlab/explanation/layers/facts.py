"""What is known of a norm of one or several networks with one image, before anybody shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.explanation.layers.layer import Layer


@dataclass(frozen=True, eq=False)
class LayerFacts:
    """A norm of one or several networks with one image.

    Args:
        layer: the norm's name.
        title, origin: which layer and image it is, and where the networks come from.
        image: uint8 (C, H, W), and `label` its class, "" if it is not known.
        layers: one for each network.
    """

    layer: str
    title: str
    origin: str
    image: NDArray[np.uint8]
    label: str
    layers: tuple[Layer, ...]
