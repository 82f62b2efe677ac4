"""Weights that a network computes of its parameters: PyTorch computes them before a step and leads their slopes back.

Constants are such weights too, which are computed once where there are no others.

They are few beside what passes: a step of a small network with weight standardization takes some hundred microseconds
more. The kernels find them where parameters lie.
"""

from __future__ import annotations

import torch

from normlab.models.graph import Computed


class ComputedWeights:
    """Those of a network; its kernels read `standing`, and leave slopes in their `grad`."""

    def __init__(self, computed: Computed) -> None:
        self.computed, self.found = computed, tuple[torch.Tensor, ...]()

    def refresh(self) -> None:
        """Compute them of what the parameters are now."""
        if self.found and not self.computed.learned:
            return
        with torch.enable_grad():
            self.found = self.computed.compute()
        with torch.no_grad():
            for standing, value in zip(self.computed.standing, self.found, strict=True):
                standing.data.copy_(value)

    def spread(self) -> None:
        """Add to the parameters' slopes what comes through those of the computed weights."""
        both = zip(self.found, self.computed.standing, strict=True)
        moved = [(value, standing.grad) for value, standing in both if value.requires_grad]
        if not moved:
            return
        learned = self.computed.learned
        found, slopes = zip(*moved, strict=True)
        for parameter, slope in zip(learned, torch.autograd.grad(found, learned, slopes), strict=True):
            assert parameter.grad is not None, "it lies in the network's memory"  # noqa: S101 - an invariant
            parameter.grad += slope
