"""`convert`: every norm of a network replaced by another one, and a report of what was done and what was not."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.optim import Optimizer

from normlab.conversion.making import Asked
from normlab.conversion.optimizer import move
from normlab.conversion.passing import Passing, passing
from normlab.conversion.places import Place, places
from normlab.conversion.plan import Plan, called
from normlab.conversion.refusals import refuse
from normlab.conversion.report import Kept, Report
from normlab.errors import NetworkError, SpecError
from normlab.norms.standardized import StandardizedConv2d, standardize

M = TypeVar("M", bound=nn.Module)


def convert(
    model: M,
    to: str | Callable[[int], nn.Module],
    *,
    example: Any | None = None,
    nearest: bool = False,
    skip: Sequence[str] = (),
    inplace: bool = False,
    optimizer: Optimizer | None = None,
) -> tuple[M, Report]:
    """A network with other norms, and what was done.

    Args:
        model: any network. It stays as it is, to the bit, unless `inplace`.
        to: a norm's name (`gn:4`, `gn:cpg=8`, `ln`, `none` …) or a function of the number of channels. Plain `gn` has
            the paper's 32 groups, or as near as the channels allow.
        example: a batch as the network takes it. With it the size of what passes each norm is known, which `ln-chw`
            needs, and norms that are called as functions are seen whatever the network's code looks like.
        nearest: take the nearest number of groups where the asked one does not divide a layer's channels.
        skip: patterns of dotted names, as a shell has them (`head.*`): norms that stay.
        inplace: change `model` itself.
        optimizer: of `model`; it goes on with the new network, and keeps what it knows of parameters that went over.

    γ, β and eps go over, momentum where both have it. Norms that act on the features of tokens become `ln`, `rms` or
    `none` and are left otherwise.

    Raises:
        UnknownName, SpecError: the norm has no such name.
        GroupsError: groups do not divide the channels of a layer.
        NetworkError: the network is compiled, scripted or quantized, does not take the example, or a place cannot have
            the norm that is asked for.
    """
    target = to if callable(to) else Asked.of(to)
    refuse(model)
    passed = passing(model, example)
    changed = model if inplace else _copied(model)
    before = dict(model.named_parameters(remove_duplicate=False))
    count = _count(model)
    found = places(changed, passed)
    _all_there(skip, found)
    plans = [Plan(place, target, skip, nearest=nearest) for place in found]  # refuses before anything is changed
    rows = tuple(plan.carry_out(changed) for plan in plans if plan.new is not None)
    standing = _standardized(changed)
    if isinstance(target, Asked) and target.name.standardized:
        standardize(changed)
    left = [Kept(plan.place.path, plan.old, plan.why) for plan in plans if plan.new is None]
    if optimizer is not None:
        _move(optimizer, before, changed)
    untouched = (*left, *standing, *_functions(model, passed, found))
    return changed, Report(to if isinstance(to, str) else called(to), rows, untouched, count, _count(changed))


def _all_there(skip: Sequence[str], found: list[Place]) -> None:
    """That nothing is skipped in vain: a pattern with a slip in it would let a norm be replaced."""
    paths = [path for place in found for path in place.paths]
    missing = next((pattern for pattern in skip if not fnmatch.filter(paths, pattern)), None)
    if missing is not None:
        raise SpecError(f"skip {missing!r}: no norm is called so; they are {', '.join(paths) or 'none'}")


def _copied(model: M) -> M:
    try:
        return deepcopy(model)
    except Exception as error:  # noqa: BLE001 - anybody's modules
        raise NetworkError(
            f"the network cannot be copied ({type(error).__name__}: {error}): give inplace=True to change it itself"
        ) from None


def _count(model: nn.Module) -> int:
    return sum(value.numel() for value in model.parameters() if value.requires_grad)


def _functions(model: nn.Module, passed: Passing, found: list[Place]) -> list[Kept]:
    """Norms that are called as functions, outside of the modules that are norms themselves."""
    own = {path for place in found for path in place.paths}
    kept = [
        Kept(path or "forward", f"F.{name}", _why_called(model.get_submodule(path)))
        for path, name in passed.functions
        if path not in own
    ]
    if not passed.seen:
        kept.append(Kept("forward", "?", "could not be read for norms called as functions: give example="))
    return kept


def _standardized(model: nn.Module) -> list[Kept]:
    """Convolutions whose kernels were standardized before, as `ws+gn:4` does."""
    kernels = ((path, module) for path, module in model.named_modules() if isinstance(module, StandardizedConv2d))
    return [Kept(path, "ws", "its kernel is standardized, and stays so") for path, _ in kernels]


def _why_called(module: nn.Module) -> str:
    if isinstance(module, _ConvNd | nn.Linear):
        return f"{type(module).__name__} standardizes its own weights with it, not what passes"
    return f"called as a function by {type(module).__name__}: put a module in its place to have it converted"


def _move(optimizer: Optimizer, before: dict[str, nn.Parameter], changed: nn.Module) -> None:
    now = dict(changed.named_parameters(remove_duplicate=False))
    now.update({name.replace(".norm.", "."): value for name, value in now.items() if name not in before})
    shared = {old: now[name] for name, old in before.items() if name in now and now[name].shape == old.shape}
    move(optimizer, shared, [value for value in changed.parameters() if all(value is not v for v in shared.values())])
