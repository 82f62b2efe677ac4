"""Running statistics estimated again: the mean over batches of what batch norm sees, instead of a moving average."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from normlab.errors import NetworkError
from normlab.norms.renorm import BatchRenorm

M = TypeVar("M", bound=nn.Module)


def recalibrate(model: M, loader: Iterable[Any]) -> M:
    """Give every batch norm of a network the mean of its statistics over all batches of `loader`; γ and β stay.

    Each batch passes once in training mode with dropout off, without gradients. The mode of every module is as before.

    Args:
        model: changed in place, and returned.
        loader: batches of images, or tuples or lists that begin with them, as (images, labels).

    Raises `NetworkError` where there is no batch, or no batch norm with running statistics.

    Source: "precise BN" in Y. Wu and J. Johnson, Rethinking "Batch" in BatchNorm, arXiv 2105.07576, section 3.
    """
    norms = [m for m in model.modules() if isinstance(m, _BatchNorm) and m.running_mean is not None]
    if not norms:
        raise NetworkError("no batch norm with running statistics is in this network: there is nothing to recalibrate")
    modes = {module: module.training for module in model.modules()}
    momenta = {norm: norm.momentum for norm in norms}
    steps = {norm: norm.num_batches_tracked.clone() for norm in norms if isinstance(norm, BatchRenorm)}
    model.eval()
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # PyTorch's cumulative mean over batches
        norm.train()
    try:
        passed = _pass(model, loader)
    finally:
        for module, mode in modes.items():
            module.training = mode
        for norm, momentum in momenta.items():
            norm.momentum = momentum
        for norm, made in steps.items():
            norm.num_batches_tracked.copy_(made)  # by which its correction opens
    if not passed:
        raise NetworkError("the loader gave no batch: running statistics are at 0 and 1 now, give at least one")
    return model


@torch.no_grad()
def _pass(model: nn.Module, loader: Iterable[Any]) -> int:
    like = next(model.parameters(), torch.zeros(()))
    count = 0
    for batch in loader:
        images = batch[0] if isinstance(batch, tuple | list) else batch
        model(torch.as_tensor(images).to(like.device))
        count += 1
    return count
