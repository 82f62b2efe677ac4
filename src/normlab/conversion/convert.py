"""`convert`: every norm of a network replaced by another one, and a report of what was done and what was not."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, TypeVar

from torch import nn
from torch.nn.modules.conv import _ConvNd
from torch.optim import Optimizer

from normlab.conversion.making import Asked, Target
from normlab.conversion.optimizer import move
from normlab.conversion.passing import Passing, passing
from normlab.conversion.places import Place, places
from normlab.conversion.plan import Plan, carried_out
from normlab.conversion.refusals import refuse
from normlab.conversion.report import KERNEL, Kept, Report, Row
from normlab.errors import NetworkError, SpecError
from normlab.norms.standardized import StandardizedConv2d, feeding, standardize

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

    γ, β and eps go over, momentum where both have it. Norms that act on the features of tokens become `ln`, `rms`,
    `dyt` or `none` and are left otherwise.

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
    twins = dict(zip(model.parameters(), changed.parameters(), strict=True))
    count = _count(model)
    found = places(changed, passed)
    _all_there(skip, found)
    plans = [Plan(place, target, skip, nearest=nearest) for place in found]
    kernels = _kernels(changed, passed, plans, target)  # up to here something may be refused, and nothing is changed
    untouched = (
        *(plan.kept for plan in plans if plan.new is None),
        *_standing(changed),
        *_functions(passed, changed, found),
    )
    rows, moved = carried_out(plans, changed)
    rows += _standardized(changed, kernels)
    if optimizer is not None:
        move(optimizer, {old: moved.get(now, now) for old, now in twins.items()}, changed)
    return changed, Report(to if isinstance(to, str) else to.__name__, rows, untouched, count, _count(changed))


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


def _functions(passed: Passing, model: nn.Module, found: list[Place]) -> list[Kept]:
    """Norms that are called as functions, outside of the modules that are norms themselves."""
    own = {path for place in found for path in place.paths}
    kept = [
        Kept(path or "forward", f"F.{name}", _why_called(model.get_submodule(path)))
        for path, name in passed.functions
        if path not in own
    ]
    if not passed.seen:
        why = "could not be read for norms called as functions: give example="
        kept.append(Kept("forward", "?", why, "unread"))
    return kept


def _kernels(model: nn.Module, passed: Passing, plans: list[Plan], target: Target) -> dict[str, nn.Conv2d]:
    """The convolutions that `ws+` standardizes, by path: those that feed the norms which are or will be the asked one.

    In the order in which an example called them, or in that of the network's modules.
    """
    if not (isinstance(target, Asked) and target.name.standardized):
        return {}
    slots = {plan.place.module for plan in plans if plan.new is not None or plan.there}
    called = {path: model.get_submodule(path) for path in passed.inputs}
    return feeding(called or dict(model.named_modules()), slots)


def _standing(model: nn.Module) -> list[Kept]:
    """Convolutions whose kernels were standardized before, as `ws+gn:4` does."""
    standing = (path for path, module in model.named_modules() if isinstance(module, StandardizedConv2d))
    return [Kept(path, "ws", "its kernel is standardized, and stays so", "kernel") for path in standing]


def _standardized(model: nn.Module, kernels: dict[str, nn.Conv2d]) -> tuple[Row, ...]:
    standardize(model, kernels.values())
    return tuple(
        Row(path, (path,), "kernel", KERNEL, None, conv.out_channels, ("weight",), ()) for path, conv in kernels.items()
    )


def _why_called(module: nn.Module) -> str:
    if isinstance(module, _ConvNd | nn.Linear):
        return f"{type(module).__name__} standardizes its own weights with it, not what passes"
    return f"called as a function by {type(module).__name__}: put a module in its place to have it converted"
