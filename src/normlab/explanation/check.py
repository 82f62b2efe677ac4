"""Every number that is shown, held against PyTorch's own layer in float64 before anybody sees it.

For a tensor this is the only file that needs PyTorch, and it imports it when it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from normlab.errors import Disagreement
from normlab.explanation.kernel import KERNEL, standardized
from normlab.explanation.running import Running
from normlab.explanation.sets import count
from normlab.explanation.worked import Array, Worked

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch import nn

TOLERANCE = 1e-9
"""The largest difference that is let pass, as a share of the largest number at hand (1 if that is smaller)."""


def check(worked: Worked, running: Running | None = None) -> None:
    """Raise `Disagreement` unless PyTorch finds the same statistics, output, running statistics and eval output."""
    import torch

    x = torch.from_numpy(worked.x.copy())
    layer = _layer(worked)
    with torch.no_grad():
        agree(worked.norm, "output", worked.y, layer(x).numpy(), _steepness(worked))
        agree(worked.norm, "mean and variance", np.stack([worked.centre, worked.spread]), _statistics(worked))
        if worked.name.root_mean_square:  # their layers are normlab's own
            over = x.shape[1:] if worked.name.kind == "rms" else x.shape[2:]
            theirs = torch.nn.functional.rms_norm(x, over, eps=worked.eps)
            agree(worked.norm, "x̂", worked.normalized, theirs.numpy(), _steepness(worked))
        if running is not None:
            _check_running(worked, running, layer)


def _check_running(worked: Worked, running: Running, layer: nn.Module) -> None:
    import torch

    for what, ours in (("mean", running.mean), ("var", running.variance)):
        agree(worked.norm, f"running {what}", ours, layer.get_buffer(f"running_{what}").numpy())
    theirs = layer.eval()(torch.from_numpy(worked.x.copy())).numpy()
    agree(worked.norm, "eval output", running.y, theirs, _steepness(worked))


def agree(norm: str, what: str, ours: Array, theirs: Array, largest: float = 1.0) -> None:
    """Raise `Disagreement` where the two differ by more than the tolerance."""
    allowed = TOLERANCE * max(1.0, largest, float(np.abs(theirs).max(initial=0)))
    apart = float(np.abs(ours - theirs).max(initial=0))
    if not apart <= allowed:
        raise Disagreement(
            f"{norm}: {what} differs from PyTorch's by {apart:.3g} where {allowed:.1g} is rounding; please report this"
        )


def _steepness(worked: Worked) -> float:
    """How large numbers get before they cancel: the largest |γ·x| / √(σ² + ε)."""
    divided = np.abs(worked.x) / np.sqrt(worked.spread + worked.eps)[worked.sets]
    return float((np.abs(worked.gamma) * divided).max())


def _layer(worked: Worked) -> nn.Module:
    """The layer that is trained under this name, with the parameters of `worked`; corrections are fully open."""
    import torch

    from normlab.norms import Slot, resolve
    from normlab.norms.names import read
    from normlab.norms.renorm import BatchRenorm

    _, channels, height, width = worked.x.shape
    size = (
        (height, width) if read(worked.norm).kind == "ln-chw" else None
    )  # single values may be worked, if not trained on
    layer = resolve(worked.norm)(Slot("tensor", channels, size, 1)).double()
    layer.eps = worked.eps  # type: ignore[assignment]
    if isinstance(layer, BatchRenorm):
        layer.num_batches_tracked.fill_(8 * layer.steps)
    with torch.no_grad():
        for name, values in (("weight", worked.gamma), ("bias", worked.beta), *worked.has.items()):
            if hasattr(layer, name):
                getattr(layer, name).view(-1).copy_(torch.from_numpy(values.copy()).flatten())
    return layer


def _statistics(worked: Worked) -> Array:
    """Means and biased variances as PyTorch finds them over axes of a reshaped tensor, (2, sets)."""
    import torch

    x = torch.from_numpy(worked.x.copy())
    images, channels = x.shape[:2]
    if worked.name.pointwise:
        return np.stack([np.zeros(x.numel()), np.ones(x.numel())])
    if worked.name.over_images:
        return _of_chunks(torch.split(x, worked.name.images or images))
    if worked.name.kind == "ln-c":
        rows = x.permute(0, 2, 3, 1).reshape(-1, channels)
    else:
        rows = x.reshape(images * count(worked.name, channels), -1)
    if worked.name.root_mean_square:
        return np.stack([np.zeros(len(rows)), rows.square().mean(1).numpy()])
    variance, mean = torch.var_mean(rows, dim=1, correction=0)
    return np.stack([mean.numpy(), variance.numpy()])


def _of_chunks(chunks: Sequence[torch.Tensor]) -> Array:
    """Means and biased variances of each chunk's channels, (2, chunks · C)."""
    import torch

    found = [torch.var_mean(chunk, dim=(0, 2, 3), correction=0) for chunk in chunks]
    variances, means = (torch.cat(each).numpy() for each in zip(*found, strict=True))
    return np.stack([means, variances])


def check_kernel(eps: float) -> None:
    """Raise `Disagreement` unless a standardized convolution uses the kernel that is shown."""
    import torch

    from normlab.norms.standardized import StandardizedConv2d

    conv = StandardizedConv2d(1, 1, 2, bias=False).double()
    conv.eps = eps
    with torch.no_grad():
        conv.weight.view(-1).copy_(torch.tensor(KERNEL, dtype=torch.float64))
        agree("ws+", "kernel", np.array(standardized(eps)), conv.kernel().numpy().ravel())
