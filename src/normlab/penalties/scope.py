"""Which parameters a penalty, or weight decay, acts on.

"weights" are the kernels of convolutions and linear layers: penalising biases and norm parameters is rarely meant
and differs between norms. "all" is every parameter, as the course has it. "scales" are the γ of norms. Anything else
is a pattern of parameter names, such as "conv*.weight".
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils import parametrize

from normlab.errors import SpecError

KERNELS = (_ConvNd, nn.Linear)
Named = dict[str, torch.Tensor]
"""Parameters by their names in the model, in module order, each once."""


def named(model: nn.Module, scope: str) -> Named:
    """The parameters in a scope; one that is made of factors (see `spred`) is their product.

    Raises `SpecError`, with the names that there are, where a pattern or "scales" matches none.
    """
    known = list(_parameters(model))
    found = {name: value for name, value, owner in known if _in(scope, name, owner)}
    if not found and scope not in ("weights", "all"):
        told = ", ".join(name for name, _, owner in known if scope != "scales" or _is_norm(owner)) or "nothing"
        what = "no norm has a scale γ" if scope == "scales" else f"no parameter is called {scope!r}"
        raise SpecError(f"penalty.on: {what}; expected 'weights', 'all', 'scales' or a pattern of: {told}")
    return found


def among(model: nn.Module, usual: str, scope: str) -> Named:
    """Those parameters of the scope `usual` that are in `scope` too; raises `SpecError`, with their names, for none."""
    members = named(model, usual)
    found = (
        members if scope == usual else {name: value for name, value in named(model, scope).items() if name in members}
    )
    if members and not found:
        raise SpecError(f"penalty.on: {scope!r} holds none of the {usual}; these are {', '.join(members)}")
    return found


def parameters_in(model: nn.Module, scope: str) -> list[nn.Parameter]:
    """The parameters themselves that are in a scope; factors of a weight are none."""
    return [value for value in named(model, scope).values() if isinstance(value, nn.Parameter)]


def weights_of(model: nn.Module) -> list[nn.Parameter]:
    """The kernels of the model's convolutions and linear layers, each once, in module order."""
    return parameters_in(model, "weights")


def _parameters(model: nn.Module) -> Iterator[tuple[str, torch.Tensor, nn.Module]]:
    """Every parameter once, with its name and the module that has it."""
    seen: set[object] = set()
    for path, module in model.named_modules():
        if isinstance(module, parametrize.ParametrizationList):
            continue
        made = list(module.parametrizations) if parametrize.is_parametrized(module) else []
        for name in [*made, *module._parameters]:
            value = getattr(module, name)
            if value is not None and (key := (module, name) if name in made else id(value)) not in seen:
                seen.add(key)
                yield f"{path}.{name}" if path else name, value, module


def _in(scope: str, name: str, owner: nn.Module) -> bool:
    if scope == "all":
        return True
    last = name.rpartition(".")[2]
    if scope == "weights":
        return isinstance(owner, KERNELS) and last == "weight"
    if scope == "scales":
        return _is_norm(owner) and last == "weight"
    return fnmatchcase(name, scope)


def _is_norm(module: nn.Module) -> bool:
    """Norms of PyTorch, of normlab and of most others are called so."""
    return "Norm" in type(module).__name__
