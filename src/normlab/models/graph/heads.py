"""PyTorch's attention layer, with its own parameters, in operations that a graph can have."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

LOOKED_INTO = (nn.TransformerEncoder, nn.TransformerEncoderLayer)
"""Layers of PyTorch's that are made of others."""


class Heads(nn.Module):
    """`nn.MultiheadAttention` where tokens attend to those of their own image, all to all."""

    def __init__(self, layer: nn.MultiheadAttention) -> None:
        super().__init__()
        self.in_proj_weight, self.in_proj_bias, self.out_proj = layer.in_proj_weight, layer.in_proj_bias, layer.out_proj
        self.num_heads, self.batch_first = layer.num_heads, layer.batch_first
        self._qkv_same_embed_dim = True

    def forward(self, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, **how: Any) -> tuple[Any, None]:
        """(N, T, width) thrice, the same, or (T, N, width); raises `TypeError` for what it does not do.

        No weights are given back: a network that looks at them is another, and its author is told.
        """
        unusual = {k: v for k, v in how.items() if k not in ("need_weights", "average_attn_weights") and v}
        if query is not key or query is not value or unusual:
            raise TypeError(
                f"attention of one value to itself is understood, not with {', '.join(unusual) or 'others'}"
            )
        x = query if self.batch_first else query.transpose(0, 1)
        images, tokens, width = x.shape
        made = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        made = made.reshape(images, tokens, 3, self.num_heads, width // self.num_heads).permute(2, 0, 3, 1, 4)
        found = F.scaled_dot_product_attention(made[0], made[1], made[2]).transpose(1, 2)
        found = F.linear(found.reshape(images, tokens, width), self.out_proj.weight, self.out_proj.bias)
        return found if self.batch_first else found.transpose(0, 1), None


def opened(model: nn.Module) -> nn.Module:
    """The model with attention layers that a tracer can look into, where they do what these do."""
    for name, layer in list(model.named_modules()):
        if type(layer) is nn.MultiheadAttention and not trouble(layer):
            owner, _, own = name.rpartition(".")
            setattr(model.get_submodule(owner), own, Heads(layer).train(layer.training))
    return model


def trouble(layer: nn.MultiheadAttention) -> str:
    """What keeps a tracer from looking into an attention layer; empty where nothing does."""
    if layer.dropout:
        return "drops shares of attention by draws of PyTorch's own: with dropout=0 it is understood"
    if layer.bias_k is not None or layer.add_zero_attn:
        return "attends to more than its image's tokens"
    return "" if layer.in_proj_weight is not None else "has keys or values of another width"
