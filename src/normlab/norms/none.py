"""No norm: the control arm. y = x, without parameters.

It has no γ and β either, so its parameter count is lower than that of the other arms; reports print the counts.
"""

from torch import nn

from normlab.norms.slot import Slot


def none(slot: Slot) -> nn.Module:  # noqa: ARG001 - every norm takes a slot
    """The identity."""
    return nn.Identity()
