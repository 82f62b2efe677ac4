"""What a module computes as: its own class, or the one that it derives from and adds nothing to."""

from __future__ import annotations

from collections.abc import Collection

from torch import nn

NOTHING = {
    *("__module__", "__qualname__", "__doc__", "__annotations__", "__constants__", "__init__", "__repr__"),
    *("__firstlineno__", "__static_attributes__", "__orig_bases__", "__parameters__", "__slots__"),
    *("extra_repr", "reset_parameters", "reset_running_stats", "_check_input_dim"),
}
"""What a class may define without computing anything else: how it is made, and how it is shown."""


def computes_as(module: nn.Module, kinds: Collection[type[nn.Module]]) -> type[nn.Module] | None:
    """The class of `kinds` that tells what a module computes; None where its own class says more than that.

    A class between may say how the module is made. One with another forward, a hook into attributes or anything else
    of its own may compute whatever it likes, and so may a module whose forward was exchanged.
    """
    if "forward" in vars(module):
        return None
    for kind in type(module).__mro__:
        if kind in kinds:
            return kind
        if not vars(kind).keys() <= NOTHING:
            return None
    return None
