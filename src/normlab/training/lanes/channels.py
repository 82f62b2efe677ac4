"""The group lasso's proximal step on the channels of all kernels at once: `penalties.group` on flat memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from normlab.penalties.held import BETA

Floats = NDArray[np.float32]


class Channels:
    """The channels of kernels that lie one after the other in `values`.

    Args:
        values, slopes: all parameters, and the slopes of the last step, float32.
        kernels: where each kernel starts, its output channels, and the weights of each of them.
        lam: λ.
    """

    def __init__(self, values: Floats, slopes: Floats, kernels: Sequence[tuple[int, int, int]], lam: float) -> None:
        self.values, self.slopes, self.lam, self.steps = values, slopes, lam, 0
        self.weights = np.concatenate([np.arange(start, start + count * n) for start, count, n in kernels])
        self.sizes = np.concatenate([np.full(count, n) for _, count, n in kernels])
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])
        self.roots = np.sqrt(self.sizes)
        self.mean = np.zeros(len(self.weights), np.float32)
        self.zero = self._norms(self.values[self.weights]) == 0

    def value(self) -> float:
        """λ·Σ √n·‖W_c‖."""
        return float(self.lam * (self.roots * self._norms(self.values[self.weights])).sum())

    def shrink(self, pace: float) -> None:
        """Every channel λ·√n·pace nearer to zero; one that was zero stays so where its mean slope says so."""
        rows = self.values[self.weights]
        norms = self._norms(rows)
        kept = np.maximum(
            1 - np.divide(pace * self.lam * self.roots, norms, out=np.ones_like(norms), where=norms > 0), 0
        )
        kept[self.zero & self._stays()] = 0
        self.zero = (kept == 0) | (norms == 0)
        self.values[self.weights] = rows * np.repeat(kept, self.sizes).astype(np.float32)

    def state(self) -> dict[str, torch.Tensor]:
        """The mean slopes of all weights, and which channels are zero: views of them."""
        return {"mean slope of channels": torch.from_numpy(self.mean), "zero channels": torch.from_numpy(self.zero)}

    def load(self, state: Mapping[str, torch.Tensor], steps: int) -> None:
        """Go on from a `state` that so many steps led to."""
        self.steps = steps
        self.mean[:] = state["mean slope of channels"].numpy()
        self.zero = state["zero channels"].numpy()

    def _stays(self) -> NDArray[np.bool_]:
        self.steps += 1
        self.mean += (self.slopes[self.weights] - self.mean) * np.float32(1 - BETA)
        return np.asarray(self._norms(self.mean) <= (1 - BETA**self.steps) * self.lam * self.roots)

    def _norms(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.sqrt(np.add.reduceat(np.square(rows, dtype=np.float64), self.starts))
