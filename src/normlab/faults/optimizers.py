"""Faults of optimizers in a loop: whose weights they move, how fast, for how long, and what they let decay.

A study's own are made from its recipe, so that what differs there is seen in the spec (`faults.changes`).
"""

from __future__ import annotations

from collections.abc import Iterator

from normlab.faults.built import Built
from normlab.faults.finding import Finding, error, warning
from normlab.faults.subject import Probe, Subject
from normlab.faults.unequal import Words, by_norm, unequal

RATE = Words(
    "unequal-rate",
    "norms are trained at different learning rates",
    "a difference between such arms may come from the rate",
    "give every arm the same rates, or tune each with the same budget on images kept out of training",
)
STEPS = Words(
    "unequal-steps",
    "norms are trained for different numbers of steps",
    "who is trained longer has more of everything, whatever its norm",
    "give every arm the same epochs and batches",
)
DECAY = Words(
    "unequal-decay",
    "the weights of norms decay differently",
    "a difference between such arms may come from the decay",
    "give every optimizer the same weight_decay",
)


def unequal_rate(subject: Subject) -> Iterator[Finding]:
    """Norms at different learning rates, by the rates of their steps or else by their optimizers."""
    if subject.study is None:
        yield from unequal(by_norm(subject, _rate), RATE, _written)


def unequal_steps(subject: Subject) -> Iterator[Finding]:
    """Norms that are trained for different numbers of steps."""
    if subject.study is None:
        yield from unequal(by_norm(subject, _steps), STEPS, lambda steps: f"{steps:,}")


def unequal_decay(subject: Subject) -> Iterator[Finding]:
    """Norms whose kernels decay by what nobody has stated; what is stated is `penalties.regularizer_differs`'."""
    if subject.study is None:
        yield from unequal(by_norm(subject, _decay), DECAY, _written)


def decayed_norms(subject: Subject) -> Iterator[Finding]:
    """Weight decay on γ and β: it draws γ to 0, and norms have different numbers of them."""
    found = [probe.name for probe in subject.probes if _decays(probe, of_norms=True)]
    if found:
        yield warning(
            "decayed-norms",
            ", ".join(found),
            "weight decay acts on the γ and β of norms",
            "it draws every scale to 0, and arms with other norms, or none, have other scales to draw",
            "let kernels decay alone: parameters of norms and biases in a group of their own, weight_decay 0 "
            "(He et al., arXiv 1812.01187)",
        )


def another_optimizer(subject: Subject) -> Iterator[Finding]:
    """An optimizer that moves another network's weights: the arm's own stay as they were drawn."""
    for probe in subject.probes:
        strangers = _moved(probe) - _parameters(probe)
        if strangers:
            other = next((each.name for each in subject.probes if strangers & _parameters(each)), "")
            yield error(
                "another-optimizer",
                probe.name,
                f"its optimizer moves weights of {other or 'a network that is no arm'}",
                "an arm whose own weights are not moved is not trained",
                "make the optimizer of the parameters of the arm's own network",
            )


def _rate(probe: Probe) -> tuple[float, ...] | None:
    """The highest rate, and where it ends to a tenth of that; without rates those of the optimizer's groups."""
    rates = [] if probe.rates is None else [float(rate) for rate in probe.rates]
    if rates and (peak := max(rates)):
        return float(f"{peak:.6g}"), round(rates[-1] / peak, 1) * peak
    groups = probe.optimizer.param_groups if probe.optimizer else []
    return tuple(sorted({float(group["lr"]) for group in groups if "lr" in group})) or None


def _written(values: tuple[float, ...]) -> str:
    return "/".join(f"{value:g}" for value in dict.fromkeys(values)) or "0"


def _steps(probe: Probe) -> int | None:
    return probe.steps or (None if probe.rates is None else len(probe.rates))


def _decay(probe: Probe) -> tuple[float, ...] | None:
    """What the arm's kernels decay by, beside what is stated; None without an optimizer."""
    decays = _decays(probe, of_norms=False)
    return None if probe.optimizer is None else tuple(sorted(decays - {probe.l2}))


def _decays(probe: Probe, *, of_norms: bool) -> set[float]:
    """The decays above 0 of the norms' parameters, or of the kernels."""
    norms = Built(probe.model).norm_parameters
    chosen = norms if of_norms else {id(p) for p in probe.model.parameters() if p.ndim > 1} - norms
    groups = probe.optimizer.param_groups if probe.optimizer else []
    found = {
        float(group.get("weight_decay") or 0) for group in groups for p in group.get("params", ()) if id(p) in chosen
    }
    return found - {0.0}


def _moved(probe: Probe) -> set[int]:
    groups = probe.optimizer.param_groups if probe.optimizer else []
    return {id(p) for group in groups for p in group.get("params", ())}


def _parameters(probe: Probe) -> set[int]:
    return {id(p) for p in probe.model.parameters()}
