"""Faults that networks show when they are laid beside each other, as they are built on one seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from normlab.errors import NormlabError
from normlab.faults.built import Built
from normlab.faults.finding import Finding, error, warning
from normlab.faults.subject import Probe, Subject
from normlab.models.jobs import model_place
from normlab.norms.names import read

NAMED = 3
"""Layers that are named at most."""
Two = tuple[Probe, Probe]


def affine_off(subject: Subject) -> Iterator[Finding]:
    """Norms without γ and β in one arm alone."""
    counts = {probe.name: _without_scale(probe.model) for probe in subject.probes if Built(probe.model).norms}
    if len(set(counts.values())) > 1:
        told = ", ".join(f"{name} {count}" for name, count in counts.items())
        yield warning(
            "affine-off",
            "arms",
            f"norms without γ and β: {told}",
            "an arm that cannot scale and shift its channels lacks more than another norm",
            "give every norm its γ and β (affine=True), or none of them",
        )


def different_momentum(subject: Subject) -> Iterator[Finding]:
    """Running statistics that forget at another pace in another arm."""
    found = {probe.name: _momenta(probe.model) for probe in subject.probes}
    found = {name: momenta for name, momenta in found.items() if momenta}
    if len(set(found.values())) > 1:
        told = ", ".join(f"{name} {'/'.join(momenta)}" for name, momenta in found.items())
        yield warning(
            "different-momentum",
            "arms",
            f"the momentum of running statistics is {told}",
            "images are judged by these statistics, so that arms differ in more than what they were trained with",
            "give every batch norm one momentum",
        )


def initial_weights(subject: Subject) -> Iterator[Finding]:
    """Networks of one shape that start from different weights."""
    for first, second in _of_one_shape(subject):
        other = _apart(Built(first.model), Built(second.model))
        if other:
            more = f" and {len(other) - NAMED} more" if len(other) > NAMED else ""
            yield warning(
                "initial-weights",
                f"{first.name}, {second.name}",
                f"{', '.join(other[:NAMED])}{more} start from different values on the same seed",
                "differences of arms that start alike are smaller by chance, and pairing them by seed rests on that",
                "set torch.manual_seed before each network is made, and draw nothing that another arm does not draw",
            )


def other_layers(subject: Subject) -> Iterator[Finding]:
    """Networks of one shape that differ in their norms and in other layers as well."""
    for arms in _equal_but_for_norms(subject):
        found: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
        for _, built in arms:
            found[built.kinds].add(built.others)
        common = set.intersection(*found.values())
        if any(each != common for each in found.values()):
            lists = [others for each in found.values() for others in each]
            apart = sorted(
                {layer for layers in lists for layer in layers}
                - {layer for layer in lists[0] if all(layer in each for each in lists)}
            )
            yield warning(
                "other-layers",
                ", ".join(name for name, _ in arms),
                f"beside their norms these differ in {'; '.join(apart[:NAMED]) or 'how often or where a layer stands'}",
                "a difference between them may come from any of these",
                "change one at a time: an arm with each, or the same layers in all",
            )


def same_network(subject: Subject) -> Iterator[Finding]:
    """One network under two names: layer norm and group norm of one group, instance norm and one of a channel each."""
    for first, second in _of_one_shape(subject):
        if first.norm != second.norm and _one_recipe(subject, first, second) and _same(first.model, second.model):
            yield error(
                "same-network",
                f"{first.name}, {second.name}",
                f"{first.norm} and {second.norm} are one network here",
                "the same runs under two names are neither two arms nor evidence that these are equivalent",
                "leave one out, or take groups that differ in every layer",
            )


def _without_scale(model: nn.Module) -> int:
    return sum(not any(True for _ in norm.parameters()) for norm in Built(model).norms.values())


def _momenta(model: nn.Module) -> tuple[str, ...]:
    """In words, those that move; None is a mean over all batches."""
    found = {layer.momentum for layer in model.modules() if isinstance(layer, _BatchNorm) and layer.momentum != 0}
    return tuple(sorted("of all" if momentum is None else f"{momentum:g}" for momentum in found))


def _of_one_shape(subject: Subject) -> Iterator[Two]:
    """Each arm with the first before it whose kernels have its shapes, leaving out those that are one object."""
    first: dict[tuple[tuple[int, ...], ...], list[Probe]] = defaultdict(list)
    for probe in subject.probes:
        first[Built(probe.model).shape].append(probe)
    for shape, probes in first.items():
        if shape:
            yield from ((probes[0], probe) for probe in probes[1:] if not _shared(probes[0], probe))


def _shared(first: Probe, second: Probe) -> bool:
    """One object is `models.shared_model`'s."""
    places = {p.data_ptr() for p in first.model.parameters()}
    return any(p.data_ptr() in places for p in second.model.parameters())


def _apart(one: Built, other: Built) -> list[str]:
    """The names of what starts from other values: kernels in their order, anything else by its name."""
    paired = zip(one.kernels, other.kernels, strict=True)
    numbers = [f"kernel {number}" for number, pair in enumerate(paired, 1) if not torch.equal(*pair)]
    named = [name for name, value in one.state.items() if value.ndim < 2 and name in other.state]
    return [*numbers, *(name for name in named if _differ(one.state[name], other.state[name]))]


def _differ(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.shape == other.shape and not torch.equal(one, other)


def _equal_but_for_norms(subject: Subject) -> Iterator[list[tuple[str, Built]]]:
    """Arms of one shape that are said to differ in their norms alone, two or more, with their networks.

    Of a study these are somebody's networks: normlab's own differ in what a norm needs, as its activation, and say so.
    """
    found: dict[object, list[tuple[str, Built]]] = defaultdict(list)
    for probe in subject.probes:
        recipe = subject.study.arm(probe.name).recipe if subject.study else None
        if recipe is None or model_place(recipe.model):
            built = Built(probe.model)
            rest = recipe and recipe.model_copy(update={"norm": ""}).text
            found[built.shape, rest].append((probe.name, built))
    yield from (arms for arms in found.values() if len(arms) > 1)


def _one_recipe(subject: Subject, first: Probe, second: Probe) -> bool:
    """Whether nothing but the norm's name differs between two arms; in a loop it has to be a norm's name."""
    if subject.study is None:
        return _stated(first) == _stated(second) and _is_name(first.norm) and _is_name(second.norm)
    one, other = (subject.study.arm(probe.name).recipe for probe in (first, second))
    return one.model_copy(update={"norm": other.norm}) == other


def _is_name(norm: str) -> bool:
    try:
        read(norm)
    except NormlabError:
        return False
    return True


def _stated(probe: Probe) -> tuple[object, ...]:
    rates: Sequence[float] | None = probe.rates
    return probe.l1, probe.l2, probe.other, probe.steps, None if rates is None else tuple(rates)


def _same(first: nn.Module, second: nn.Module) -> bool:
    one, other = Built(first), Built(second)
    return bool(one.norms) and one.kinds == other.kinds and one.others == other.others
