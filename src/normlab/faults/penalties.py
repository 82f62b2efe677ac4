"""Faults of regularizers: what is added to the loss, beside what is said to be added."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from normlab.faults.finding import Finding, error, warning
from normlab.faults.subject import Probe, Subject

Stated = tuple[float, float, str]
"""L1 and L2 in the loss, and what there is beside them."""
WEAK = 0.01
"""Share of its stated λ that an L1 penalty's gradient has to reach to be that penalty."""


def penalty_without_gradient(subject: Subject) -> Iterator[Finding]:
    """A penalty that is a plain number, made with `.item()` or `.data`: it changes the loss and no weight."""
    for probe in subject.probes:
        amount = _amount(probe)
        if amount and not any(slope is not None for slope in _slopes(probe)):
            yield error(
                "penalty-without-gradient",
                probe.name,
                f"its penalty is {amount:.4g} and has no gradient",
                "it is added to the loss and moves no weight",
                "sum the parameters themselves, not their .data or .item()",
            )


def missing_penalty(subject: Subject) -> Iterator[Finding]:
    """A penalty that is stated and not there."""
    for probe in subject.probes:
        if probe.l1 and not _amount(probe):
            yield error(
                "missing-penalty",
                probe.name,
                f"L1 {probe.l1:g} is stated and nothing is added to the loss",
                "the arm is trained without the treatment that its name says",
                "pass the penalty to the training step of this arm",
            )


def leaking_flag(subject: Subject) -> Iterator[Finding]:
    """A penalty in an arm that is said to have none: a flag that an earlier arm has set."""
    before = [probe.name for probe in subject.probes if probe.l1]
    for probe in subject.probes:
        amount = _amount(probe)
        if amount and not probe.l1:
            since = f", as in {before[0]} before it" if before else ""
            yield error(
                "leaking-flag",
                probe.name,
                f"it is said to have no penalty and {amount:.4g} is added to its loss{since}",
                "arms that are compared as plain are penalised",
                "decide on the penalty from the arm, not from a global that some arm sets",
            )


def mean_reduced(subject: Subject) -> Iterator[Finding]:
    """An L1 that averages where it should sum: thousands of times too weak."""
    for probe in subject.probes:
        if not probe.l1:
            continue
        sizes = [slope.abs().max().item() for slope in _slopes(probe) if slope is not None and slope.numel()]
        if sizes and 0 < max(sizes) < WEAK * probe.l1:
            yield error(
                "mean-reduced-l1",
                probe.name,
                f"the gradient of its L1 is {max(sizes):.2g} a weight where λ = {probe.l1:g} is stated",
                "a mean over thousands of weights makes λ as many times smaller: it does about nothing",
                "sum |p| over all weights instead of averaging",
            )


def l2_without_decay(subject: Subject) -> Iterator[Finding]:
    """An L2 that is stated, with an optimizer that decays nothing."""
    for probe in subject.probes:
        groups = probe.optimizer.param_groups if probe.optimizer else []
        if probe.l2 and groups and not any(group.get("weight_decay") for group in groups):
            yield error(
                "l2-without-decay",
                probe.name,
                f"L2 {probe.l2:g} is stated and the optimizer's weight decay is 0",
                "the arm is trained without the treatment that its name says",
                "give the optimizer its weight_decay",
            )


def regularizer_differs(subject: Subject) -> Iterator[Finding]:
    """Norms that are never compared under the same penalty; one that trials chose for each arm is not asked about."""
    found: dict[str, set[Stated]] = {}
    tuned = subject.study.tuning.fields if subject.study and subject.study.tuning else ()
    l1, l2 = ("penalty.lambda" not in tuned), ("optimizer.weight_decay" not in tuned)
    for probe in subject.probes:
        found.setdefault(probe.norm, set()).add((probe.l1 * l1, probe.l2 * l2, probe.other))
    common = set.intersection(*found.values()) if found else set()
    if len(found) > 1 and any(each != common for each in found.values()):
        told = "; ".join(f"{norm}: {', '.join(_told(each))}" for norm, each in found.items())
        make = warning if common else error
        yield make(
            "regularizer-differs",
            "arms",
            f"norms have different penalties ({told})",
            "a difference between such arms may come from the penalty" if common else "no difference is the norm's own",
            "give every norm the same penalties",
        )


def _told(penalties: set[Stated]) -> list[str]:
    return [f"L1 {l1:g}, L2 {l2:g}" + (f", {other}" if other else "") for l1, l2, other in sorted(penalties)]


def _amount(probe: Probe) -> float:
    """What is added to the loss; 0 for nothing."""
    value = probe.penalty() if probe.penalty else None
    return 0.0 if value is None else float(torch.as_tensor(value).detach())


def _slopes(probe: Probe) -> list[torch.Tensor | None]:
    """The penalty's gradient by parameter; the parameters' own `grad` is left alone."""
    value = probe.penalty() if probe.penalty else None
    parameters = [p for p in probe.model.parameters() if p.requires_grad]
    if not (isinstance(value, torch.Tensor) and value.requires_grad and parameters):
        return [None]
    return list(torch.autograd.grad(value, parameters, allow_unused=True))
