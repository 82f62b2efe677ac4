"""PyTorch's optimizers without its compiler.

Their methods import it when they are first called, which takes more than half as long as PyTorch itself, only to keep
themselves from being compiled; ours never are. What they compute is untouched.
"""

from __future__ import annotations

from inspect import unwrap
from typing import TypeVar, cast

import torch

Kind = TypeVar("Kind", bound=torch.optim.Optimizer)
WRAPPED = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
"""The methods that are wrapped in nothing else; around `step` gradients are off too."""


def uncompiled(kind: type[Kind]) -> type[Kind]:
    """The same optimizer, whose methods do their work at once."""
    bare = {name: unwrap(getattr(kind, name)) for name in WRAPPED}
    step = torch.no_grad()(unwrap(kind.step))
    return cast("type[Kind]", type(kind.__name__, (kind,), {**bare, "step": step}))
