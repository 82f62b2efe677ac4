"""Zeros that stay: a parameter at exactly zero is held there while its mean gradient says that it belongs there.

Zero is the right place for p exactly if |E g| ≤ λ. The optimizer's step knows E g only by a momentum's average over
about ten batches, whose noise is far above λ in a network: a plain proximal step zeroes weights and the next ones take
them away again. So the decision to leave zero is made by the mean gradient over about a thousand steps, as in dual
averaging. Where p is not zero nothing changes, and neither do the points where a run can come to rest.

Sources: L. Xiao, Dual averaging methods for regularized stochastic learning, JMLR 11, 2010; that stochastic proximal
steps do not find the zeros of their limit: C. Poon, J. Liang and C. Schönlieb, ICML 2018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

BETA = 0.999
"""How much of the mean gradient each step keeps."""


class Held:
    """The mean gradients of some parameters, and which of them were zero before the optimizer's step."""

    def __init__(self, values: Sequence[torch.Tensor]) -> None:
        self.values, self.steps = list(values), 0
        self.zero = self._joined(self.values) == 0
        self.mean = torch.zeros_like(self.zero, dtype=self.values[0].dtype)
        self.slopes = torch.zeros_like(self.mean)
        self.watched: torch.optim.Optimizer | None = None
        self.kept = torch.ones_like(self.mean)
        self.views = self.apart(self.kept)

    def watch(self, optimizer: torch.optim.Optimizer) -> None:
        """Take in the gradients before each of the optimizer's steps: Nesterov's writes something else over them."""
        if self.watched is not optimizer:
            self.watched = optimizer
            optimizer.register_step_pre_hook(lambda *_: self.take())

    def seen(self, optimizer: torch.optim.Optimizer) -> None:
        """The optimizer has made a step: if nobody looked on, take in the gradients that are left, and look on."""
        if self.watched is not optimizer:
            self.take()
            self.watch(optimizer)

    def take(self) -> None:
        """Note the gradients of the parameters as they are now."""
        self.slopes = self._joined([torch.zeros_like(v) if v.grad is None else v.grad for v in self.values])

    def look(self) -> torch.Tensor:
        """The mean gradient, the last one taken in, corrected for its start, (elements,)."""
        self.steps += 1
        return self.mean.lerp_(self.slopes, 1 - BETA) / (1 - BETA**self.steps)

    def keep(self, stays: torch.Tensor) -> None:
        """Put back to zero where it says so, (elements,), what had been zero; note what is zero now."""
        torch.logical_not(self.zero & stays, out=self.kept)
        torch._foreach_mul_(self.values, self.views)
        self.zero = self._joined(self.values) == 0

    def state(self) -> dict[str, torch.Tensor]:
        """The mean gradients, (elements,), and how many steps they are of; what is zero the parameters say."""
        return {"mean": self.mean, "steps": torch.tensor(self.steps)}

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """Go on from a `state`, with the parameters that it was taken with in place."""
        self.mean.copy_(state["mean"])
        self.steps = int(state["steps"])
        self.zero = self._joined(self.values) == 0

    def apart(self, joined: torch.Tensor) -> list[torch.Tensor]:
        """Views of a row of all elements, in the shapes of the parameters."""
        parts = torch.split(joined, [value.numel() for value in self.values])
        return [part.view(value.shape) for part, value in zip(parts, self.values, strict=True)]

    def _joined(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        return torch.cat([tensor.detach().flatten() for tensor in tensors])
