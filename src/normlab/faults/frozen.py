"""Faults of what does not move: weights that are held in one arm, and statistics that never follow the images."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from normlab.faults.finding import Finding, error, warning
from normlab.faults.subject import Probe, Subject

NAMED = 3
"""Parameters that are named at most."""


def frozen_weights(subject: Subject) -> Iterator[Finding]:
    """Parameters that training moves in one arm and not in another."""
    frozen = {probe.name: _frozen(probe) for probe in subject.probes}
    if len({*frozen.values()}) > 1:
        told = "; ".join(f"{name}: {_named(names)}" for name, names in frozen.items())
        yield warning(
            "frozen-weights",
            "arms",
            f"weights that are not trained are {told}",
            "an arm with fewer weights to train is another network, whatever its norm",
            "freeze the same parameters in every arm, or none",
        )


def frozen_statistics(subject: Subject) -> Iterator[Finding]:
    """Batch norm whose running statistics stay as they are, or that has none."""
    for probe in subject.probes:
        found = [(name, why) for name, layer in probe.model.named_modules() if (why := _why(layer, subject, probe))]
        if found:
            names = ", ".join(name or type(probe.model).__name__ for name, _ in found)
            yield error(
                "frozen-statistics",
                probe.name,
                f"{found[0][1]} ({names})",
                "what judges the images is then not the network that was trained",
                "leave momentum above 0 and track_running_stats on, and the layer in training mode",
            )


def _frozen(probe: Probe) -> tuple[str, ...]:
    return tuple(name for name, parameter in probe.model.named_parameters() if not parameter.requires_grad)


def _named(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}" if names else "none"


def _why(layer: nn.Module, subject: Subject, probe: Probe) -> str:
    """Why a layer's statistics do not follow; empty where they do. A study puts every layer in training mode."""
    if not isinstance(layer, _BatchNorm):
        return ""
    if layer.running_mean is None:
        return "batch norm without running statistics judges every image by the others of its batch"
    if layer.momentum == 0:
        return "batch norm with momentum 0 judges by the mean 0 and the variance 1 that it began with"
    if subject.study is None and probe.model.training and not layer.training:
        return "batch norm in eval mode is trained with the statistics that it has"
    return ""
