"""Judging a model: its mean loss, how many images it gets right, and its probabilities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Judgement:
    """Mean negative log-likelihood per image, correct images, and float32 probabilities (images, classes)."""

    loss: float
    correct: int
    probabilities: NDArray[np.float32]


@torch.inference_mode()
def judge(
    model: nn.Module, batches: Iterable[tuple[torch.Tensor, torch.Tensor]], layout: torch.memory_format
) -> Judgement:
    """Evaluate in eval mode over all batches of images and labels, in order; the model is left in eval mode."""
    model.eval()
    logits, labels = [], []
    for x, y in batches:
        logits.append(model(x.contiguous(memory_format=layout)))
        labels.append(y)
    return judgement(torch.cat(logits), torch.cat(labels))


def judgement(scores: torch.Tensor, truth: torch.Tensor) -> Judgement:
    """What logits (images, classes) are worth, given the labels (images,)."""
    return Judgement(
        loss=float(F.cross_entropy(scores, truth)),
        correct=int((scores.argmax(1) == truth).sum()),
        probabilities=scores.softmax(1).cpu().numpy(),
    )
