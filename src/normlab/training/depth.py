"""Stochastic depth: layers that drop a branch for whole images, whoever wrote them.

    y = x · m / (1 − p),   m ~ Bernoulli(1 − p), one for each image, in training; y = x in evaluation

Every library has a class of its own for it, and draws as it likes. A layer is known by what it does, so that arms can
share its masks.

Source: G. Huang et al., Deep networks with stochastic depth, ECCV 2016.
"""

from __future__ import annotations

import torch
from torch import nn

CALLED = ("drop_prob", "p")
"""What layers call the share that they drop."""
SEEN = 30
"""Images that a layer drops, in the mean, while it is looked at, and that it keeps: none has a chance of 10⁻¹³."""
LEAST = 1e-4
"""A share below this is too small to be seen, and counts as 0."""


def share(module: nn.Module) -> float | None:
    """The share of images that a layer drops whole, 0 to below 1; None for a layer that does anything else.

    It is run on a few numbers, in both modes; torch's generator and the layer stay as they are.
    """
    p = next((p for name in CALLED if isinstance(p := getattr(module, name, None), int | float)), None)
    if p is None or not 0 <= p <= 1 - LEAST or type(module).__module__.startswith("torch.") or _holds(module):
        return None
    training = module.training
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            return float(p) if _drops_images(module, p) else None
    except Exception:  # noqa: BLE001 - a layer may do anything with what it is given
        return None
    finally:
        module.train(training)


def _holds(module: nn.Module) -> bool:
    """Whether it has layers or tensors of its own, so that it does more than drop."""
    return any(True for found in (module.children(), module.parameters(), module.buffers()) for _ in found)


def _drops_images(module: nn.Module, p: float) -> bool:
    count = int(SEEN / min(p, 1 - p)) + 1 if p >= LEAST else 1
    x = torch.rand(count, 2, 2, 2) + 1
    torch.manual_seed(0)
    made = module.train()(x) / x
    kept = made[:, 0, 0, 0] != 0
    alike = torch.allclose(made, kept.view(-1, 1, 1, 1) / (1 - p))
    each_alone = bool(kept.any()) and bool(kept.all()) == (p < LEAST)
    return alike and each_alone and torch.equal(module.eval()(x), x)
