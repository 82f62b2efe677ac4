"""Operations that no node stands for, told as a model's author would know them."""

from __future__ import annotations

from torch import fx

from normlab.errors import NetworkError


class NotUnderstood(NetworkError):
    """An operation that no node stands for."""


def not_understood(call: fx.Node, why: str = "") -> NotUnderstood:
    """The operation as the model's author would know it, and the module that it stands in."""
    stack = list(call.meta.get("nn_module_stack", {}).values())
    where = f"{stack[-1][0]} ({stack[-1][1].__name__}): " if stack else ""
    told = str(call.format_node()).split(" = ", 1)[-1]
    return NotUnderstood(f"{where}{told}{', ' + why + ',' if why else ''} is not understood")
