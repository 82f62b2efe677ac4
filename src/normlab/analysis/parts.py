"""The parts of a trained network as its record names them: kernels, and the γ of norms.

Training says what a kernel is (`models.parts`) and measures each after every epoch. Nothing is told from shapes here.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from normlab.records import KernelSize, RunRecord

Weights = dict[str, NDArray[Any]]
"""By their names in the network."""


def sizes(run: RunRecord) -> list[KernelSize]:
    """How large the kernels are after the final epoch."""
    return [size for size in run.sizes if size.epoch == run.final.epoch]


def split(run: RunRecord) -> tuple[Weights, Weights]:
    """The weights of convolutions and linear layers by name, and the γ of norms; the run's are opened once.

    γ is what a layer calls its weight and is no kernel.
    """
    weights, names = run.weights, sorted(size.kernel for size in sizes(run))
    gammas = {name: value for name, value in weights.items() if name.endswith(".weight") and name not in names}
    return {name: weights[name] for name in names}, gammas
