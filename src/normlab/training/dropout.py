"""Dropout whose masks depend on the seed, the epoch, the layer and the batch alone, so that arms share them.

    y = x · m / (1 − p),   m ~ Bernoulli(1 − p) per element, in training; y = x in evaluation

Whether element e of image n stays is a hash of (two keys, n, e), so a mask is the same whatever order, memory layout or
device it is computed in, and a compiled engine computes it where it needs it, without memory. The keys come from
`normlab.seeds`, two for each batch. p is rounded to a multiple of 2⁻¹⁶: one 32-bit hash decides on two elements.

Sources: N. Srivastava et al., Dropout, JMLR 15, 2014; counter-based generators: J. Salmon et al., Parallel random
numbers: as easy as 1, 2, 3, SC 2011; the mixing constants: C. Wellons' search for 32-bit integer hashes, 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab import seeds
from normlab.models.graph.dropping import Unit
from normlab.models.graph.heads import Heads, trouble
from normlab.training.depth import share

STEPS = 1 << 16


def kept(keys: NDArray[np.uint32], images: int, elements: int, threshold: int) -> NDArray[np.bool_]:
    """Which elements stay, (images, elements).

    Args:
        keys: the two keys of a batch.
        images, elements: the shape of what is dropped from; elements in (C, H, W) order.
        threshold: p · 2¹⁶, 0 to 65,535.
    """
    words = (elements + 1) // 2
    count = np.arange(images * words, dtype=np.uint32)
    bits = hashed(count, keys).astype("<u4", copy=False).view("<u2").reshape(images, 2 * words)
    chosen: NDArray[np.bool_] = bits[:, :elements] >= threshold
    return chosen


def hashed(x: NDArray[np.uint32], keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A bijection of 32-bit words for each pair of keys, which are drawn, never counted up; x is overwritten."""
    x ^= keys[0]
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x ^= keys[1]
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


class PairedDropout(nn.Module):
    """Dropout that takes the keys of its masks from the generator that it was last given.

    Args:
        p: the share that is dropped, 0 to 1.
        unit: see `Unit`.
    """

    def __init__(self, p: float, unit: Unit = "value") -> None:
        super().__init__()
        self.ask(p, unit)
        self.rng = np.random.Generator(np.random.SFC64(0))

    def ask(self, p: float, unit: Unit) -> None:
        """What is to be dropped from now on."""
        self.p, self.unit = p, unit  # p as of `nn.Dropout`: a model may read it
        self.threshold = min(round(p * STEPS), STEPS - 1)

    def keys(self) -> NDArray[np.uint32]:
        """The next batch's two keys."""
        return self.rng.integers(0, 2**32, 2, dtype=np.uint32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Any shape with images first."""
        if not (self.training and self.threshold):
            return x
        if repeated():
            return self._by_torch(x)
        shape = self._of(x.shape)
        chosen = kept(self.keys(), len(x), prod(shape[1:]), self.threshold)
        mask = torch.from_numpy(chosen).view(shape).to(x.device)
        return x * (mask.to(x.dtype) * (STEPS / (STEPS - self.threshold)))

    def _by_torch(self, x: torch.Tensor) -> torch.Tensor:
        if self.unit == "image":
            return x * nn.functional.dropout(x.new_ones(self._of(x.shape)), self.p)
        return nn.functional.dropout2d(x, self.p) if self.unit == "channel" else nn.functional.dropout(x, self.p)

    def _of(self, shape: Sequence[int]) -> tuple[int, ...]:
        """The shape of the mask of a value with images first: 1 for each dimension that goes with those before it."""
        alone = {"value": len(shape), "channel": 2, "image": 1}[self.unit]
        return *shape[:alone], *[1] * (len(shape) - alone)


def repeated() -> bool:
    """Whether what is computed here is computed twice, within `torch.utils.checkpoint`.

    It puts torch's own generator back for the second time, and nothing else: masks have to come from there, or the
    gradient would be that of other masks. What is saved otherwise than usual is taken for such, too.
    """
    backward = torch._C._current_graph_task_id() != -1
    hooked = torch._C._autograd._top_saved_tensors_default_hooks(True) is not None  # noqa: FBT003 - PyTorch's
    return backward or hooked or not torch.is_grad_enabled()


def pair(model: nn.Module) -> list[PairedDropout]:
    """Put a `PairedDropout` in the place of every layer that drops; gives them in module order.

    PyTorch's attention layer that drops becomes one whose function is called where masks can be given to it.
    """
    for parent in list(model.modules()):
        for name, child in parent.named_children():
            if (paired := _paired(child)) is not None:
                setattr(parent, name, paired.train(child.training))
            elif type(child) is nn.MultiheadAttention and child.dropout and not trouble(child):
                setattr(parent, name, Heads(child).train(child.training))
    return [module for module in model.modules() if isinstance(module, PairedDropout)]


def _paired(layer: nn.Module) -> PairedDropout | None:
    """What stands for `nn.Dropout`, `nn.Dropout2d` and stochastic depth; None for all others."""
    if isinstance(layer, nn.Dropout | nn.Dropout2d) and type(layer) in (nn.Dropout, nn.Dropout2d):
        return PairedDropout(layer.p, "channel" if isinstance(layer, nn.Dropout2d) else "value")
    p = None if isinstance(layer, PairedDropout) else share(layer)
    return None if p is None else PairedDropout(p, "image")


def reseed(layers: Sequence[PairedDropout], root: int, seed: seeds.Replicate, epoch: int, first: int = 0) -> None:
    """Start the masks of an epoch, from the `first` layer on; every layer has a stream of its own."""
    for i, layer in list(enumerate(layers))[first:]:
        layer.rng = seeds.generator(root, "dropout", seed, epoch, i)


def streams(layers: Sequence[PairedDropout]) -> NDArray[np.uint64]:
    """Where each layer's stream of keys is, uint64 (layers, 6): SFC64's four words, and its half-used fifth if any."""
    found = [layer.rng.bit_generator.state for layer in layers]
    rows = [[*state["state"]["state"].tolist(), state["has_uint32"], state["uinteger"]] for state in found]
    return np.array(rows, np.uint64).reshape(-1, 6)


def resume(layers: Sequence[PairedDropout], found: NDArray[np.uint64]) -> None:
    """Go on with the streams that `streams` found."""
    for layer, (*words, half, rest) in zip(layers, found, strict=True):
        state = {"state": np.array(words, np.uint64)}
        layer.rng = np.random.Generator(np.random.SFC64())
        layer.rng.bit_generator.state = {
            "bit_generator": "SFC64",
            "state": state,
            "has_uint32": int(half),
            "uinteger": int(rest),
        }
