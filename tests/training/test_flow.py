from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from recipes import recipe
from torch import nn
from torch.nn import functional as F

from normlab import training
from normlab.data import Dataset
from normlab.data.split import Split
from normlab.records import Job
from normlab.training import loop
from normlab.training.flow import APART, IMAGES, Probe, due

CPU = torch.device("cpu")


@pytest.fixture
def images() -> Split:
    """Noise of four classes."""
    rng = np.random.default_rng(0)
    pixels, labels = rng.integers(0, 256, (64, 3, 8, 8)).astype(np.uint8), rng.integers(0, 4, 64)
    return Split(pixels, labels, pixels, labels, (0.5,) * 3, (0.3,) * 3)


def network(**first: float) -> nn.Sequential:
    """Two layers, with an activation in place and dropout between them."""
    made = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(inplace=True), nn.Dropout(0.5), nn.Flatten(), nn.Linear(180, 4))
    with torch.no_grad():
        for parameter in made[0].parameters():
            parameter.mul_(first.get("times", 1.0))
    return made


def test_the_flow_is_what_autograd_says_image_by_image(images: Split) -> None:
    """‖∂loss/∂h‖·‖h‖ of one image after the other, by the plainest code there is, before the activation in place."""
    model, probe = network(), Probe(images, 0, CPU)
    conv, linear = probe.look(model, 3)
    pulls, squares = [], []
    for image, label in zip(*probe.batch, strict=True):
        given = model[0](image[None]).detach().requires_grad_()
        loss = F.cross_entropy(model[4](model[3](torch.relu(given))), label[None])
        (gradient,) = torch.autograd.grad(loss, given)
        pulls.append(float(gradient.norm() * given.detach().norm()))
        squares.append(float(given.detach().square().mean()))
    assert len(pulls) == IMAGES
    assert (conv.epoch, conv.layer, linear.layer) == (3, "0", "4")
    assert conv.pull == pytest.approx(np.mean(pulls), rel=1e-4)
    assert conv.activation == pytest.approx(np.mean(squares) ** 0.5, rel=1e-4)


def test_scale_before_a_norm_has_no_part_in_a_pull(images: Split) -> None:
    """A tenth of the weights gives a tenth of the activation, and the same pull."""
    looks = []
    for times in (1.0, 0.1):
        torch.manual_seed(0)
        model = nn.Sequential(network(times=times)[0], nn.BatchNorm2d(5, eps=1e-12), nn.Flatten(), nn.Linear(180, 4))
        looks.append(Probe(images, 0, CPU).look(model, 1)[0])
    whole, tenth = looks
    assert tenth.activation == pytest.approx(whole.activation / 10, rel=1e-4)
    assert tenth.pull == pytest.approx(whole.pull, rel=1e-3)


def test_a_look_leaves_everything_as_it_was(images: Split) -> None:
    """Running statistics, modes, gradients, torch's random state; and a second look sees the same."""
    model = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Dropout2d(), nn.Flatten(), nn.Linear(180, 4))
    model[1].eval()
    before, random = copy.deepcopy(model.state_dict()), torch.random.get_rng_state()
    probe = Probe(images, 0, CPU)
    assert probe.look(model, 1) == probe.look(model, 1) != ()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert [module.training for module in model] == [True, False, True, True, True]
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(random, torch.random.get_rng_state())
    assert not any(module._forward_hooks for module in model)


def test_what_is_no_number_is_infinite(images: Split) -> None:
    """A record has to be written."""
    flow = Probe(images, 0, CPU).look(network(times=float("nan")), 1)
    assert {(each.activation, each.pull) for each in flow} == {(float("inf"), float("inf"))}


def test_a_network_that_cannot_be_looked_at_gives_nothing(images: Split) -> None:
    """Its run is not lost for it."""
    assert Probe(images, 0, CPU).look(nn.Sequential(nn.Conv2d(9, 5, 3), nn.Flatten()), 1) == ()


@pytest.mark.parametrize("images", [60_000, 2_000, 19_999, 20_001])
def test_looks_are_so_far_apart(images: int) -> None:
    """One after so many training images, and at most one an epoch."""
    epochs = [epoch for epoch in range(1, 101) if due(epoch, images)]
    assert len(epochs) == min(100, 100 * images // APART)


@pytest.mark.training
@pytest.mark.parametrize("engine", ["eager", "lanes"])
@pytest.mark.long
def test_looking_changes_no_run(few: Dataset, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same weights, bit for bit, with a look after every epoch and without any."""
    job = Job(recipe("bn", preset="course", epochs=2), 0, 0, "cpu", engine)
    without = training.train(job, few)
    monkeypatch.setattr(loop, "due", lambda *_: True)
    looked = training.train(job, few)
    assert [(flow.epoch, flow.layer) for flow in looked.flow[:: len(looked.flow) // 2]] == [(1, "conv1"), (2, "conv1")]
    assert without.flow == ()
    assert all((value == looked.weights[name]).all() for name, value in without.weights.items())


@pytest.mark.training
@pytest.mark.long
def test_engines_see_the_same_flow(few: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at weights that lie in kernels' memory is one at the same weights."""
    monkeypatch.setattr(loop, "due", lambda *_: True)
    flows = [
        training.train(Job(recipe("gn", preset="course", epochs=1), 0, 0, "cpu", engine), few).flow
        for engine in ("eager", "lanes")
    ]
    for plain, fast in zip(*flows, strict=True):
        assert fast.layer == plain.layer
        assert fast.activation == pytest.approx(plain.activation, rel=0.02)
        assert fast.pull == pytest.approx(plain.pull, rel=0.05)
