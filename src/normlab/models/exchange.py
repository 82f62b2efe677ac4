"""The one place where a network that was built with norms of its own gets those of an arm.

Parameters outside the norms stay as they are, and γ, β and eps go over, so that all arms of a seed start from the same
values.
"""

from __future__ import annotations

import torch
from torch import nn

from normlab.conversion import Report, convert
from normlab.errors import NetworkError
from normlab.models.images import Shape

IMAGES = 2
"""In the example that tells which sizes pass: the fewest that batch norm takes."""


def exchanged(model: nn.Module, norm: str, shape: Shape) -> nn.Module:
    """The network with every norm replaced by the one called `norm`.

    Args:
        model: it may be changed.
        norm: a name of a norm.
        shape: of an image, (C, H, W).

    Raises `NetworkError` where the network has no norm that could be replaced, and what `convert` raises.
    """
    made, report = convert(model, norm, example=torch.zeros(IMAGES, *shape), inplace=True)
    _refuse_vain(report)
    return made


def _refuse_vain(report: Report) -> None:
    """An arm that is not what its name says would be compared with itself."""
    if report.there:
        return
    why = "; ".join(dict.fromkeys(f"{kept.path} ({kept.old}) {kept.reason}" for kept in report.untouched))
    raise NetworkError(f"the network has no norm that {report.to} could replace{f': {why}' if why else ''}")
