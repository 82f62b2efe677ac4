"""What penalties by a proximal step share: shrink by the pace of the optimizer's step, and hold the zeros that stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import torch
from torch import nn

from normlab.penalties.held import Held
from normlab.penalties.pace import Pace, paces
from normlab.penalties.term import Term


class Proximal(Term):
    """A penalty whose step a kind fills in: `shrink`, and which zeros `stays` holds."""

    held: Held | None = None

    def attach(self, model: nn.Module) -> Self:
        """See `Term.attach`."""
        super().attach(model)
        values = self.attached()
        self.held = Held(values) if values else None
        return self

    def watch(self, optimizer: torch.optim.Optimizer) -> None:
        """See `Term.watch`."""
        if self.held is not None:
            self.held.watch(optimizer)

    @torch.no_grad()
    def step(self, optimizer: torch.optim.Optimizer) -> None:
        """Move the parameters by the pace of the optimizer's last step."""
        values = self.attached()
        if self.held is None:
            return
        self.held.seen(optimizer)
        stays = self.stays(self.held.look())
        self.shrink(values, paces(optimizer, values))
        self.held.keep(stays)

    def state(self) -> dict[str, torch.Tensor]:
        """See `Term.state`."""
        return self.held.state() if self.held is not None else {}

    def load(self, state: Mapping[str, torch.Tensor]) -> None:
        """See `Term.load`."""
        if self.held is not None:
            self.held.load(state)

    def apart(self, joined: torch.Tensor) -> list[torch.Tensor]:
        """Views of a row of all elements, in the shapes of the parameters."""
        return self.held.apart(joined) if self.held is not None else []

    def stays(self, mean: torch.Tensor) -> torch.Tensor:
        """Where a parameter at zero belongs there, given the mean gradients (elements,)."""
        raise NotImplementedError

    def shrink(self, values: list[torch.Tensor], steps: list[Pace]) -> None:
        """The proximal step itself, in place, by the pace of each parameter."""
        raise NotImplementedError
