"""Which parameters a penalty, or weight decay, acts on.

"weights" are the kernels of convolutions and linear layers: penalising biases and norm parameters is rarely meant
and differs between norms. "all" is every parameter, as the course has it.
"""

from __future__ import annotations

from torch import nn
from torch.nn.modules.conv import _ConvNd

from normlab.errors import SpecError

KERNELS = (_ConvNd, nn.Linear)


def weights_of(model: nn.Module) -> list[nn.Parameter]:
    """The kernels of the model's convolutions and linear layers, each once, in module order."""
    found = {module.weight: None for module in model.modules() if isinstance(module, KERNELS)}
    return [weight for weight in found if isinstance(weight, nn.Parameter)]


def parameters_in(model: nn.Module, scope: str) -> list[nn.Parameter]:
    """The parameters in a scope, "weights" or "all"; raises `SpecError` for any other."""
    if scope == "all":
        return list(model.parameters())
    if scope == "weights":
        return weights_of(model)
    raise SpecError(f"l1_on: expected 'weights' or 'all', got {scope!r}")
