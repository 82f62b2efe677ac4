"""What is done to pixels before a network sees them, as the first steps of its program."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from normlab.errors import NetworkError
from normlab.playground.steps import Step
from normlab.spec import Preprocess


def steps(how: Preprocess, mean: Sequence[float], std: Sequence[float]) -> tuple[Step, ...]:
    """From pixels, 0 to 255, to (x / 255 − mean) / std, per channel on the 0 to 1 scale, of the prepared image.

    Raises `NetworkError` for a preparation that the browser cannot do.
    """
    if how not in ("standardize", "none", "stretch"):
        raise NetworkError(f'preprocess = "{how}" is done by scikit-image, which a browser has not')
    scale = 1 / torch.tensor(std)
    affine = Step("affine", {}, {"weight": scale / 255, "bias": -torch.tensor(mean) * scale})
    return (Step("stretch"), affine) if how == "stretch" else (affine,)
