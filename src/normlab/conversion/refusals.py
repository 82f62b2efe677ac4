"""Networks that cannot be converted as they come, each with the way out."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from normlab.errors import NetworkError


def refuse(model: Any) -> None:
    """Raise `NetworkError` for something that is no module, and for compiled, scripted, quantized and lazy networks."""
    if not isinstance(model, nn.Module):
        raise NetworkError(f"expected a torch.nn.Module, got {type(model).__name__}")
    for path, module in model.named_modules():
        where = path or "the network"
        why = next((why for is_so, why in REFUSED if is_so(module)), "")
        if why:
            raise NetworkError(f"{where} ({type(module).__name__}) {why}")


def _compiled(module: nn.Module) -> bool:
    return type(module).__name__ == "OptimizedModule" and type(module).__module__.startswith("torch._dynamo")


def _scripted(module: nn.Module) -> bool:
    return isinstance(module, torch.jit.ScriptModule)


def _quantized(module: nn.Module) -> bool:
    home = type(module).__module__
    return home.startswith(("torch.ao.nn", "torch.nn.quantized", "torch.nn.intrinsic", "torch.nn.qat", "torchao"))


def _lazy(module: nn.Module) -> bool:
    own = [*module._parameters.values(), *module._buffers.values()]
    return any(value is not None and is_lazy(value) for value in own)


REFUSED = [
    (_compiled, "is compiled: convert the network that was compiled (its _orig_mod), and compile that"),
    (_scripted, "is scripted, and its code is fixed: convert the network before torch.jit makes it one"),
    (_quantized, "is quantized: convert and train first, and quantize what comes out"),
    (_lazy, "has no shape yet: pass one batch through the network first"),
]
