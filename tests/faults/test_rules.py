"""Each fault that public solutions of the course's assignment have, made on purpose, and the sound study beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from normlab.data import Dataset
from normlab.data.twins import Twins
from normlab.faults import Finding, Probe, Severity, Subject, find, of_study
from normlab.norms import Slot
from normlab.spec import design

QUICK: dict[str, Any] = {"train_images": 512, "epochs": 1}


def network(norm: nn.Module | None = None) -> nn.Module:
    """Every arm's, from the same initial weights."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Conv2d(1, 4, 3), norm or nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4 * 26 * 26, 10))


def l1(model: nn.Module, lam: float) -> Callable[[], torch.Tensor]:
    return lambda: lam * sum((p.abs().sum() for p in model.parameters()), torch.zeros(()))


def sgd(model: nn.Module, decay: float = 0.0) -> torch.optim.Optimizer:
    """Kernels decay, biases and norms never."""
    kernels = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": kernels, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=0.1)


def codes(*probes: Probe, **more: Any) -> list[str]:
    """What is found of some arms."""
    return [finding.code for finding in find(Subject(probes, **more))]


def arms(**changed: Any) -> tuple[Probe, Probe]:
    """Two sound arms; `changed` goes into the second."""
    first, second = network(), network(nn.GroupNorm(2, 4))
    return Probe("bn", "bn", first), Probe("gn", "gn", changed.pop("model", second), **changed)


def test_two_sound_arms_have_no_fault() -> None:
    """New models, the same penalty, one eps, one size."""
    models = network(), network(nn.GroupNorm(2, 4))
    probes = [
        Probe(norm, norm, model, 1e-4, 1e-3, l1(model, 1e-4), sgd(model, 1e-3), [0.1, 0.08, 0.06, 0.03, 0.001], 5)
        for norm, model in zip(("bn", "gn"), models, strict=True)
    ]
    assert codes(*probes) == []


def test_one_model_object_for_both_arms() -> None:
    """The second arm would start from what the first has learned."""
    one = network()
    assert codes(Probe("bn", "bn", one), Probe("gn", "gn", one)) == ["shared-model"]


@pytest.mark.parametrize("detach", [lambda value: value.detach(), lambda value: value.item()])
def test_a_penalty_without_gradient(detach: Callable[[torch.Tensor], Any]) -> None:
    """A number is added to the loss and moves no weight."""
    model = network()
    assert "penalty-without-gradient" in codes(Probe("bn", "bn", model, 1e-4, penalty=lambda: detach(l1(model, 1)())))


def test_a_penalty_that_is_stated_and_not_there() -> None:
    """The arm's name promises what nobody computes."""
    assert codes(Probe("bn + L1", "bn", network(), 1e-4)) == ["missing-penalty"]


def test_a_flag_that_leaks_into_the_next_arm() -> None:
    """An arm that is said to be plain is penalised, as the one before it."""
    first, second = network(), network()
    found = find(
        Subject(
            [
                Probe("bn + L1", "bn", first, 1e-4, penalty=l1(first, 1e-4)),
                Probe("bn", "bn", second, penalty=l1(second, 1e-4)),
            ]
        )
    )
    assert [(finding.code, finding.where) for finding in found] == [("leaking-flag", "bn")]
    assert "as in bn + L1 before it" in found[0].what


def test_an_l1_that_averages() -> None:
    """λ times a mean is thousands of times too weak."""
    model = network()
    mean = lambda: 1e-4 * torch.cat([p.flatten() for p in model.parameters()]).abs().mean()  # noqa: E731
    assert codes(Probe("bn", "bn", model, 1e-4, penalty=mean)) == ["mean-reduced-l1"]


def test_an_l2_with_decay_zero() -> None:
    """The optimizer was never told."""
    model = network()
    assert codes(Probe("bn", "bn", model, l2=1e-4, optimizer=sgd(model))) == ["l2-without-decay"]


@pytest.mark.parametrize(("penalties", "severity"), [((0.0, 1e-4), "error"), ((0.0,), "warning")])
def test_norms_with_different_regularizers(penalties: Sequence[float], severity: str) -> None:
    """Batch norm with L2 and group norm with L1, as some solutions compare them; less bad if some pair is alike."""
    plain, model = network(nn.GroupNorm(2, 4)), network(nn.GroupNorm(2, 4))
    probes = [Probe("bn", "bn", network()), Probe("gn + L1", "gn", model, 1e-4, penalty=l1(model, 1e-4))]
    if len(penalties) == 1:
        probes.append(Probe("gn", "gn", plain))
    (found,) = find(Subject(probes))
    assert (found.code, found.severity.value) == ("regularizer-differs", severity)


def test_a_layer_norm_with_a_value_per_pixel() -> None:
    """Four times as many parameters as the arm beside it."""
    large = nn.LayerNorm((4, 26, 26))
    assert codes(*arms(model=network(large))) == ["parameter-counts"]


def test_norms_with_another_eps() -> None:
    """A default of 1e-6 in one norm and 1e-5 in the other."""
    assert codes(*arms(model=network(nn.GroupNorm(2, 4, eps=1e-6)))) == ["different-eps"]


def test_the_test_set_is_the_training_set(mnist: Dataset) -> None:
    """By pixels: all of it is an error, one image by accident a warning, none is none."""
    train, test = mnist.train_images[:500], mnist.test_images[:500]
    mixed = np.concatenate([test[:499], train[:1]])
    for judged, wanted in ((train, [Severity.error]), (mixed, [Severity.warning]), (test, [])):
        assert [finding.severity for finding in find(Subject([], train=train, judged=judged))] == wanted


@pytest.mark.parametrize(("fill", "found"), [(0.0, ["grey-corners"]), (-0.4242, [])])
def test_rotation_after_normalization(mnist: Dataset, fill: float, found: list[str]) -> None:
    """Filled with 0 the corners are mid-grey, filled with the background they are not."""

    def prepare(images: np.ndarray) -> torch.Tensor:
        seen = (torch.from_numpy(images).float() / 255 - 0.1307) / 0.3081
        seen[:, :, :3, :3] = fill  # where a turned image ends
        return seen

    assert codes(train=mnist.train_images[:8], prepare=prepare) == found


def rates(make: Callable[[torch.optim.Optimizer], Any], steps: int) -> list[float]:
    """The learning rate of each step under a scheduler of PyTorch."""
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler, seen = make(optimizer), []
    for _ in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return seen


@pytest.mark.parametrize(
    ("length", "steps", "fits"), [(100, 100, True), (60, 100, False), (400, 100, False)], ids=["fits", "short", "long"]
)
def test_a_schedule_of_another_length(length: int, steps: int, fits: bool) -> None:
    """A cosine for more or fewer steps than the run has does not end where it should."""
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR
    seen = rates(lambda optimizer: cosine(optimizer, length), min(steps, length))
    seen += [seen[-1]] * (steps - len(seen))
    assert codes(Probe("bn", "bn", network(), rates=seen, steps=steps)) == ([] if fits else ["schedule-length"])


def test_a_constant_rate_has_no_length() -> None:
    """Nothing to fit."""
    assert codes(Probe("bn", "bn", network(), rates=[0.01] * 50, steps=50)) == []


# Studies of our own


def faults(data: Dataset | None = None, **options: Any) -> tuple[Finding, ...]:
    return find(of_study(design(**{**QUICK, **options}), data))


@pytest.mark.slow
def test_the_default_study_is_sound(mnist: Dataset) -> None:
    """Both presets, every norm with one γ and β per channel, with and without L1."""
    norms = ["bn", "ln", "gn:2", "in", "ln-c", "rms", "gbn:16", "brn", "frn", "dyt", "evonorm-s0"]
    for recipe in ("lean", "course"):
        assert faults(mnist, recipe=recipe, norms=norms) == ()


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"norms": ["bn"], "l1": [1e-4, 1e-3]}, "selection-on-test"),
        ({"norms": ["bn", "ln"], "l1": [1e-4]}, "always-penalised"),
        ({"norms": ["bn", "ln"], "l1": [0], "seeds": 1}, "one-seed"),
        ({"norms": ["bn", "ln-chw"], "l1": [0]}, "parameter-counts"),
        ({"norms": ["bn"], "l1": [0], "flip": 0.5}, "mirrored-digits"),
        ({"norms": ["ws+gn:4"], "l1": [0, 1e-4]}, "standardized-zeros"),
        ({"norms": ["bn", "gn:4"], "l1": [0], "batch_size": 4}, "few-images"),
        ({"norms": ["gn:4"], "l1": [0], "vary": {"batch_size": [32, 128]}}, "fixed-rate"),
    ],
)
def test_a_spec_shows_some_faults(options: dict[str, Any], code: str) -> None:
    """Without images, from the spec and the built arms."""
    assert [finding.code for finding in faults(**options)] == [code]


def test_a_last_batch_of_one_is_told_of_norms_over_images(mnist: Dataset) -> None:
    """Of 129 images one is left over by batches of 128; layer norm does not mind."""
    found = faults(mnist, norms=["bn", "ln"], l1=[0], train_images=129, batch_size=128)
    assert [(finding.code, finding.where) for finding in found] == [("last-image-alone", "bn")]


def test_a_rate_that_follows_the_batch_is_no_fault() -> None:
    """The linear rule."""
    link = {"base": 0.1, "per": "batch_size", "at": 128}
    assert faults(norms=["gn:4"], l1=[0], vary={"batch_size": [32, 128]}, set={"optimizer.lr": link}) == ()


def test_norms_that_could_not_be_exchanged_are_told(tmp_path: Path) -> None:
    """A network of one's own with a norm of features in it, which group norm is not put for."""
    body = "nn.Conv2d(1, 8, 5, stride=4), nn.BatchNorm2d(8), nn.Flatten(), nn.LayerNorm(288), nn.Linear(288, 10)"
    (tmp_path / "nets.py").write_text(f"from torch import nn\ndef make():\n    return nn.Sequential({body})\n")
    found = faults(norms=["bn", "gn:4"], l1=[0], model=f"{tmp_path / 'nets.py'}:make")
    assert {(finding.code, finding.where) for finding in found} == {("kept-norms", "bn"), ("kept-norms", "gn:4")}
    assert "3 (ln) acts on the features" in found[0].what


def test_flips_of_clothes_are_no_fault() -> None:
    """A mirrored shirt is a shirt."""
    assert faults(norms=["bn"], l1=[0], flip=0.5, dataset="fashion-mnist") == ()


def test_scales_behind_standardized_kernels_may_be_penalised() -> None:
    """They are used as they are."""
    assert faults(norms=["ws+gn:4"], l1=[0, 1e-4], penalty="gamma") == ()


def test_tuning_on_held_out_images_is_no_fault() -> None:
    """That is where λ should be chosen."""
    assert faults(norms=["bn"], l1=[1e-4, 1e-3], holdout=100) == ()


def test_a_line_says_what_why_and_how() -> None:
    """Everything on one line, errors first."""
    found = faults(norms=["bn", "ln-chw"], l1=[0], seeds=1)
    assert [finding.severity for finding in found] == sorted(
        (finding.severity for finding in found), key=lambda severity: severity is not Severity.error
    )
    assert all(finding.line.count("; ") >= 2 and "\n" not in finding.line for finding in found)


def test_slots_have_one_eps() -> None:
    """The rule sees the eps of every norm of the registry that has one."""
    from normlab.norms import resolve

    eps = {resolve(norm)(Slot("norm", 4, (5, 5), 2)).eps for norm in ("bn", "ln", "gn", "in", "rms", "ln-c")}
    assert len(eps) == 1


TEST, TRAIN = "0.1325, 0.3105", "0.1307, 0.3081"
"""Mean and deviation of MNIST, as they are passed around."""
OWN = """
import torch
from torch import nn

class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 8, 5, stride=4), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(288, 10))
        {init}

    def forward(self, x):
        {forward}
        return self.body(x)

def make():
    return Network()
"""


@pytest.mark.parametrize(("constants", "found"), [(TEST, ["test-constants"]), (TRAIN, [])])
@pytest.mark.parametrize(
    "lines",
    [
        ("m, s = {0}", "m, s = {0}; x = (x - m) / s"),
        ("self.register_buffer('levels', torch.tensor([{0}]) * torch.tensor(255))", "pass"),
    ],
)
@pytest.mark.slow
def test_constants_of_judged_images_are_found_in_a_network_of_ones_own(
    mnist: Dataset, tmp_path: Path, constants: str, found: list[str], lines: tuple[str, str]
) -> None:
    """In its code or in what it keeps; those of training images are no fault."""
    init, forward = (line.format(constants) for line in lines)
    (tmp_path / "nets.py").write_text(OWN.format(init=init, forward=forward))
    seen = faults(mnist, norms=["bn", "gn:4"], l1=[0], model=f"{tmp_path / 'nets.py'}:make")
    assert [finding.code for finding in seen] == found


@pytest.mark.parametrize(("constants", "found"), [(TEST, ["test-constants"]), (TRAIN, [])])
@pytest.mark.long
def test_constants_of_judged_images_are_found_in_a_loop(mnist: Dataset, constants: str, found: list[str]) -> None:
    """By what becomes of black and of white."""
    mean, deviation = map(float, constants.split(", "))

    def prepare(images: np.ndarray) -> torch.Tensor:
        return (torch.from_numpy(images).float() / 255 - mean) / deviation

    assert codes(*arms(), train=mnist.train_images, judged=mnist.test_images, prepare=prepare) == found


def test_what_is_known_of_twins_is_not_counted_again(mnist: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images that are more than memory are not all read at every start; of a part of them with twins they are."""
    some = {"norms": ["bn", "ln"], "l1": [0]}
    counted: list[int] = []
    monkeypatch.setattr("normlab.faults.images.in_both", lambda *_: counted.append(1) or 0)
    assert faults(replace(mnist, known_twins=Twins(0, 0)), **some) == ()
    (found,) = faults(replace(mnist, known_twins=Twins(0, 7)), **some, train_images=0)
    assert found.what.startswith("7 of 10,000 judged images are training images")
    assert counted == []
    assert faults(replace(mnist, known_twins=Twins(3, 0)), **some) == ()
    assert counted == [1]


def test_every_rule_is_in_the_docs() -> None:
    """By its name, in the page's tables."""
    root = Path(__file__).parents[2]
    sources = "\n".join(path.read_text() for path in (root / "src" / "normlab" / "faults").glob("*.py"))
    told = set(re.findall(r"`([a-z0-9-]+)`", (root / "docs" / "statistics.md").read_text()))
    rules = set(re.findall(r"(?:warning|error|make|Words|_told)\(\s*\"([a-z0-9-]+)\"", sources))
    assert len(rules) > 30
    assert rules <= told
