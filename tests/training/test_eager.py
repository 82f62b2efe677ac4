from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from recipes import recipe
from torch import nn

from normlab import training
from normlab.data import Dataset
from normlab.records import Job, RunRecord
from normlab.spec import Penalty
from normlab.training.layout import layout_of

pytestmark = [pytest.mark.slow, pytest.mark.training]  # networks are trained


def job(engine: str, norm: str, **fields: Any) -> Job:
    return Job(recipe(norm, **{"preset": "course", "epochs": 2, **fields}), 0, 0, "cpu", engine)


def losses(record: RunRecord) -> list[float]:
    return [value for epoch in record.epochs for value in (epoch.train_loss, epoch.judged_loss)]


@pytest.mark.parametrize("norm", ["bn", "ln", "gn"])
def test_the_fast_path_computes_what_the_plain_loop_computes(norm: str, few: Dataset) -> None:
    """Image by image and channels first, or resident and channels last: the losses are the same."""
    plain, fast = (training.train(job(engine, norm, l1=1e-4), few) for engine in ("reference", "eager"))
    assert losses(fast) == pytest.approx(losses(plain), rel=2e-3)
    assert np.abs(fast.probabilities - plain.probabilities).max() < 0.02


@pytest.mark.parametrize("norm", ["gbn:16", "brn:1", "frn", "dyt", "evonorm-s0", "ws+gn:4"])
def test_two_steps_are_those_of_the_plain_loop(norm: str, few: Dataset) -> None:
    """Before rounding grows: losses, and everything that is learned or remembered."""
    settings = {"preset": "lean", "epochs": 1, "train_images": 256}
    plain, fast = (training.train(job(engine, norm, **settings), few) for engine in ("reference", "eager"))
    assert losses(fast) == pytest.approx(losses(plain), rel=1e-3)
    assert fast.weights.keys() == plain.weights.keys()
    for name, value in plain.weights.items():
        assert fast.weights[name] == pytest.approx(value, rel=2e-2, abs=2e-3), name


PENALTIES = [
    Penalty(kind="prox", lam=5e-3),
    Penalty(kind="spred", lam=1e-2),
    Penalty(kind="group", lam=5e-3),
    Penalty(kind="gamma", lam=2e-2),
    Penalty(kind="l2", lam=1e-2),
    Penalty(kind="elastic", lam=5e-3, mix=0.7),
]


@pytest.mark.parametrize("penalty", PENALTIES, ids=lambda penalty: penalty.kind)
def test_every_penalty_trains_as_in_the_plain_loop(penalty: Penalty, few: Dataset) -> None:
    """Over four steps, before rounding grows: losses, what is charged, Σ|p|, and the kernels' sizes at the end."""
    settings = {"preset": "lean", "epochs": 1, "train_images": 500}
    plain, fast = (
        training.train(job(name, "gn:4", penalty=penalty, **settings), few) for name in ("reference", "eager")
    )
    assert losses(fast) == pytest.approx(losses(plain), rel=5e-3)
    for field in ("penalty", "abs_sum", "learning_rate", "train_images"):
        assert getattr(fast.final, field) == pytest.approx(getattr(plain.final, field), rel=1e-4), field
    assert [size.kernel for size in fast.sizes] == [size.kernel for size in plain.sizes]
    assert [s.square_sum for s in fast.sizes] == pytest.approx([s.square_sum for s in plain.sizes], rel=1e-3)


def test_narrow_strided_shortcuts_are_not_trained_channels_last() -> None:
    """Their backward pass writes outside of its memory there on some processors; other networks are faster so."""
    narrow = nn.Sequential(nn.Conv2d(3, 16, 1, stride=2))
    wide = nn.Sequential(nn.Conv2d(3, 16, 3, stride=2), nn.Conv2d(16, 32, 1, stride=2))
    assert layout_of(narrow, (3, 8, 8)) is torch.contiguous_format
    assert layout_of(nn.Sequential(nn.Conv2d(32, 32, 1, stride=2, groups=8)), (32, 8, 8)) is torch.contiguous_format
    assert layout_of(wide, (3, 8, 8)) is torch.channels_last


class Viewed(nn.Module):
    """Has a view of its channels, as many a first course's network."""

    def __init__(self, when: Sequence[bool] = (True, False)) -> None:
        super().__init__()
        self.conv, self.norm, self.head, self.when = nn.Conv2d(1, 4, 5), nn.BatchNorm2d(4), nn.Linear(2304, 10), when

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        x = self.norm(self.conv(x))
        return self.head(x.view(-1, 2304) if self.training in self.when else x.flatten(1))


@pytest.mark.parametrize("when", [(True, False), (True,), (False,)], ids=["always", "in training", "in evaluation"])
def test_a_view_of_channels_is_not_trained_channels_last(when: Sequence[bool]) -> None:
    """It would fail there; looking for it changes neither the network nor chance."""
    model = Viewed(when).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    drawn = torch.get_rng_state()
    assert layout_of(model, (1, 28, 28)) is torch.contiguous_format
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), drawn)
