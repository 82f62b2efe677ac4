"""Attention that drops shares by masks of ours, so that arms and engines share them.

    softmax(q · kᵀ · scale + mask) · m / (1 − p) · v

What PyTorch's function does, in operations of which one drops. Where shares are dropped on a CPU, PyTorch has no faster
way itself.

Source: A. Vaswani et al., Attention is all you need, NeurIPS 2017.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import torch
from torch import nn

from normlab.models.graph.attention import NAMES


def share_dropped(arguments: Sequence[Any], named: Mapping[str, Any]) -> float:
    """The share that a call of PyTorch's attention drops, 0 to 1; 0 for one that is left to PyTorch."""
    said = dict(zip(NAMES, arguments[3:], strict=False)) | dict(named)
    return 0.0 if said.get("enable_gqa") else float(said.get("dropout_p", 0.0))


def attend(
    drop: nn.Module, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *more: Any, **named: Any
) -> torch.Tensor:
    """(…, T, d) thrice to (…, T, d), as PyTorch's function; `drop` is what drops of shares (…, T, T)."""
    said = dict(zip(NAMES, more, strict=False)) | named
    scale, mask = said.get("scale"), said.get("attn_mask")
    scores = query @ key.transpose(-2, -1) * (1 / sqrt(query.shape[-1]) if scale is None else scale)
    if said.get("is_causal"):
        scores = scores.masked_fill(torch.ones_like(scores, dtype=torch.bool).tril().logical_not(), -torch.inf)
    if mask is not None:
        hidden = mask.dtype == torch.bool
        scores = scores.masked_fill(mask.logical_not(), -torch.inf) if hidden else scores + mask
    made: torch.Tensor = drop(scores.softmax(-1)) @ value
    return made
