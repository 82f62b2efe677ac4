from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.conversion import convert, recalibrate
from normlab.errors import NetworkError
from normlab.norms.renorm import BatchRenorm

DRAW = torch.Generator().manual_seed(0)
BATCHES = [(torch.randn(8, 3, 5, 5, generator=DRAW) * 3 + 1, torch.zeros(8)) for _ in range(4)]


def test_running_statistics_become_the_mean_over_batches() -> None:
    """Each batch norm has the mean of its batches' means and unbiased variances, and γ and β stay."""
    norm = nn.BatchNorm2d(3)
    nn.init.uniform_(norm.weight)
    weight = norm.weight.detach().clone()
    recalibrate(nn.Sequential(nn.Identity(), norm), BATCHES)
    images = torch.stack([batch for batch, _ in BATCHES])
    assert torch.allclose(norm.running_mean, images.mean((0, 1, 3, 4)), atol=1e-5)
    assert torch.allclose(norm.running_var, images.transpose(1, 2).flatten(2).var(2).mean(0), rtol=1e-5)
    assert torch.equal(norm.weight, weight)


def test_modes_momentum_and_random_layers_are_as_before() -> None:
    """Dropout does not drop while statistics are taken, and afterwards every module has its own mode."""
    model = nn.Sequential(nn.Dropout(0.5), nn.BatchNorm2d(3, momentum=0.2), nn.ReLU()).train()
    model[2].eval()
    recalibrate(model, BATCHES)
    assert [module.training for module in model] == [True, True, False]
    assert model[1].momentum == 0.2
    assert torch.allclose(model[1].running_mean, torch.stack([b for b, _ in BATCHES]).mean((0, 1, 3, 4)), atol=1e-5)


def test_after_a_way_to_group_norm_and_back_it_is_the_network_again() -> None:
    """Statistics that a conversion lost are estimated from the same images, up to how batches weigh."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    recalibrate(model, BATCHES)
    back, _ = convert(convert(model, "gn:2")[0], "bn")
    recalibrate(back, BATCHES)
    x = BATCHES[0][0]
    assert torch.allclose(back.eval()(x), model.eval()(x), atol=1e-6)


def test_batch_renormalization_keeps_its_steps() -> None:
    """Its statistics are the batches' mean, and its correction is as far open as before."""
    norm = BatchRenorm(3, steps=2)
    norm.num_batches_tracked.fill_(9)
    recalibrate(nn.Sequential(nn.Identity(), norm), BATCHES)
    assert torch.allclose(norm.running_mean, torch.stack([b for b, _ in BATCHES]).mean((0, 1, 3, 4)), atol=1e-5)
    assert int(norm.num_batches_tracked) == 9


def test_nothing_to_recalibrate_is_told() -> None:
    """A network without batch norm, and a loader without batches, are one clear line."""
    with pytest.raises(NetworkError, match="no batch norm"):
        recalibrate(nn.Sequential(nn.GroupNorm(1, 3)), BATCHES)
    with pytest.raises(NetworkError, match="no batch"):
        recalibrate(nn.Sequential(nn.BatchNorm2d(3)), [])
