"""Which parameters a penalty, or weight decay, acts on.

"weights" are the kernels of convolutions and linear layers: penalising biases and norm parameters is rarely meant
and differs between norms. "all" is every parameter, as the course has it. "scales" are the γ of norms. Anything else
is a pattern of parameter names, such as "conv*.weight".
"""

from __future__ import annotations

from fnmatch import fnmatchcase

import torch
from torch import nn

from normlab.errors import SpecError
from normlab.models.parts import Part, parts
from normlab.norms.kinds import is_norm

Named = dict[str, torch.Tensor]
"""Parameters by their names in the model, in module order, each once."""


def named(model: nn.Module, scope: str) -> Named:
    """The parameters in a scope; one that is made of factors (see `spred`) is their product.

    Raises `SpecError`, with the names that there are, where a pattern or "scales" matches none.
    """
    known = list(parts(model))
    found = {part.name: part.value for part in known if _in(scope, part)}
    if not found and scope not in ("weights", "all"):
        told = ", ".join(part.name for part in known if scope != "scales" or is_norm(part.owner)) or "nothing"
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


def _in(scope: str, part: Part) -> bool:
    members = {"all": True, "weights": part.is_kernel, "scales": part.is_scale}
    return members[scope] if scope in members else fnmatchcase(part.name, scope)
