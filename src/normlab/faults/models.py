"""Faults that only built models show."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import torch
from torch import nn

from normlab.conversion import Kept, convert
from normlab.errors import NormlabError
from normlab.faults.finding import Finding, error, warning
from normlab.faults.subject import Probe, Subject
from normlab.models.imports import imports
from normlab.models.registry import structure
from normlab.norms.kinds import is_norm
from normlab.spec.places import place


def shared_model(subject: Subject) -> Iterator[Finding]:
    """One model object for several arms: the second starts where the first ended."""
    for first, second in combinations(subject.probes, 2):
        if _places(first.model) & _places(second.model):
            yield error(
                "shared-model",
                f"{first.name}, {second.name}",
                "both arms train the same parameters",
                "the second arm starts from what the first has learned",
                "build a new model for each arm",
            )


def parameter_counts(subject: Subject) -> Iterator[Finding]:
    """Arms of different size: a difference need not come from the norm."""
    sizes = {probe.name: sum(p.numel() for p in probe.model.parameters()) for probe in subject.probes}
    if sizes and max(sizes.values()) > 1.01 * min(sizes.values()):
        told = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
        yield warning(
            "parameter-counts",
            "arms",
            f"the arms have {told} parameters",
            "a larger arm may win by its size",
            "use a norm with one γ and β per channel in every arm, or give the others as many parameters",
        )


def different_eps(subject: Subject) -> Iterator[Finding]:
    """Norms with different eps: a second treatment under the name of the first."""
    found = {probe.name: sorted(_eps(probe)) for probe in subject.probes if _eps(probe)}
    if len({tuple(each) for each in found.values()}) > 1:  # one network may have several, if all arms have them
        told = ", ".join(f"{name} {'/'.join(f'{eps:g}' for eps in each)}" for name, each in found.items())
        yield warning(
            "different-eps",
            "arms",
            f"the norms' eps are {told}",
            "eps changes what a norm does to quiet channels, so the arms differ in two things",
            "give every norm one eps",
        )


def kept_norms(subject: Subject) -> Iterator[Finding]:
    """Norms of somebody's network that are not the arm's: exchanging them left them, each with its reason."""
    known: dict[tuple[object, ...], tuple[Kept, ...]] = {}
    shape = None if subject.train is None else subject.train.shape[1:]
    for arm, probe in zip(subject.study.arms if subject.study else (), subject.probes, strict=False):
        which = structure(arm.recipe)
        if place(arm.recipe.model) and which not in known:
            with imports(arm.recipe.model):
                known[which] = _kept(probe, arm.recipe.norm, shape)
        kept = known.get(which, ())
        if kept:
            told = "; ".join(dict.fromkeys(f"{each.path} ({each.old}) {each.reason}" for each in kept[:3]))
            more = f" and {len(kept) - 3} more" if len(kept) > 3 else ""
            yield warning(
                "kept-norms",
                arm.name,
                f"{told}{more}",
                "the arm has norms that its name does not say",
                "say so wherever the arm is named, or put modules there that can be exchanged",
            )


def _kept(probe: Probe, norm: str, shape: tuple[int, ...] | None) -> tuple[Kept, ...]:
    """What stays as it is when the norms are exchanged once more."""
    try:
        return convert(probe.model, norm, example=None if shape is None else torch.zeros(2, *shape))[1].left
    except NormlabError:  # a model that was built with the arm's norms need not be one that can be converted
        return ()


def _places(model: nn.Module) -> set[int]:
    return {parameter.data_ptr() for parameter in model.parameters() if parameter.numel()}


def _eps(probe: Probe) -> set[float]:
    found = (getattr(module, "eps", None) for module in probe.model.modules() if is_norm(module))
    return {float(eps) for eps in found if isinstance(eps, float)}
