"""The printed summary of a model: layers, output shapes, parameters and multiply-adds, by torchinfo."""

from __future__ import annotations

from copy import deepcopy

import torch
import torchinfo
from torch import nn


def summarize(model: nn.Module, shape: tuple[int, ...] = (1, 28, 28)) -> str:
    """The summary for one image of `shape` (channels, height, width); model and random numbers stay as they are."""
    with torch.random.fork_rng(devices=[]):  # torchinfo draws its input
        summary = torchinfo.summary(
            deepcopy(model),  # torchinfo gives all layers the mode of the outermost one
            input_size=(1, *shape),
            col_names=("output_size", "num_params", "mult_adds"),
            col_width=18,
            row_settings=("var_names",),
            verbose=0,
            device="cpu",
        )
    return str(summary)


def parameter_count(model: nn.Module) -> int:
    """How many trainable numbers the model has."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)
