"""Modules that are plainer ones in eval mode: ghost batch norm is batch norm, a standardized kernel is a kernel."""

from __future__ import annotations

from torch import nn

from normlab.norms.ghost import GhostBatchNorm
from normlab.norms.renorm import BatchRenorm
from normlab.norms.standardized import StandardizedConv2d

PLAINER = (GhostBatchNorm, BatchRenorm, StandardizedConv2d)
"""Their `plain` gives the module that they are."""


def plain(model: nn.Module) -> nn.Module:
    """The model, with such modules replaced in place. One with hooks stays: they may compute anything."""
    made: dict[nn.Module, nn.Module] = {}
    for path, module in list(model.named_modules(remove_duplicate=False)):
        if path and isinstance(module, PLAINER) and type(module) in PLAINER and not hooked(module):
            made[module] = made.get(module) or module.plain()
            model.set_submodule(path, made[module])
    return model


def hooked(module: nn.Module) -> bool:
    """Whether something is run before or after the module's own computation."""
    return bool(module._forward_hooks or module._forward_pre_hooks)
