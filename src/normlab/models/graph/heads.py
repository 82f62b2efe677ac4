"""PyTorch's attention layer, with its own parameters, in operations that a graph can have."""

from __future__ import annotations

import torch
from torch import fx, nn
from torch.nn import functional as F

LOOKED_INTO = (nn.TransformerEncoder, nn.TransformerEncoderLayer)
"""Layers of PyTorch's that are made of others."""


class Heads(nn.MultiheadAttention):
    """A layer that calls functions where tokens attend to all of their own image's; else it is its parent."""

    def __init__(self, layer: nn.MultiheadAttention) -> None:
        nn.Module.__init__(self)
        vars(self).update(vars(layer))  # its parameters by their names, and whatever PyTorch's encoder reads

    def forward(  # noqa: PLR0917 - PyTorch's
        self,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        key_padding_mask: torch.Tensor | None = None,
        need_weights: bool = True,
        attn_mask: torch.Tensor | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[torch.Tensor, torch.Tensor | None]:
        """(N, T, width) thrice, or (T, N, width), and the weights that are asked for, none while it is traced.

        Raises `TypeError` where it is traced and more is asked: a network that does more is another, and its author is
        told.
        """
        unusual = key_padding_mask is not None or attn_mask is not None or is_causal
        traced = fx.Proxy in type(query).__mro__
        if query is key and query is value and not unusual:
            return self._attended(query, need_weights and not traced, average_attn_weights)
        if traced:
            raise TypeError(
                f"attention of one value to itself is understood, not with {'masks' if unusual else 'others'}"
            )
        more = {"attn_mask": attn_mask, "average_attn_weights": average_attn_weights, "is_causal": is_causal}
        return super().forward(query, key, value, key_padding_mask, need_weights, **more)  # type: ignore[arg-type]

    def _attended(self, x: torch.Tensor, weights: bool, average: bool) -> tuple[torch.Tensor, torch.Tensor | None]:
        x, shares = x if self.batch_first else x.transpose(0, 1), None
        images, tokens, width = x.shape
        made = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        made = made.reshape(images, tokens, 3, self.num_heads, width // self.num_heads).permute(2, 0, 3, 1, 4)
        dropped = self.dropout if self.training else 0.0
        if weights:
            shares = F.dropout((made[0] @ made[1].mT * made.shape[-1] ** -0.5).softmax(-1), dropped, self.training)
            found = shares @ made[2]
            shares = shares.mean(1) if average else shares
        else:
            found = F.scaled_dot_product_attention(made[0], made[1], made[2], dropout_p=dropped)
        found = F.linear(found.transpose(1, 2).reshape(images, tokens, width), self.out_proj.weight, self.out_proj.bias)
        return found if self.batch_first else found.transpose(0, 1), shares


def opened(model: nn.Module) -> nn.Module:
    """The model with attention layers that a tracer can look into, where they do what these do."""
    for name, layer in list(model.named_modules()):
        if type(layer) is nn.MultiheadAttention and not trouble(layer):
            owner, _, own = name.rpartition(".")
            setattr(model.get_submodule(owner), own, Heads(layer).train(layer.training))
    return model


def trouble(layer: nn.MultiheadAttention) -> str:
    """What keeps a tracer from looking into an attention layer; empty where nothing does."""
    if layer.bias_k is not None or layer.add_zero_attn:
        return "attends to more than its image's tokens"
    return "" if layer.in_proj_weight is not None else "has keys or values of another width"
