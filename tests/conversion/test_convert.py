from __future__ import annotations

import copy
import time

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from normlab.conversion import convert
from normlab.errors import GroupsError, NetworkError, SpecError, UnknownName

IMAGES = torch.randn(4, 3, 12, 10, generator=torch.Generator().manual_seed(0))
EVERY = [
    *("bn", "ln", "gn", "gn:2", "gn:cpg=4", "in", "ln-chw", "ln-c", "rms", "none"),
    *("gbn:2", "brn", "frn", "dyt", "evonorm-s0:4", "ws+gn:4"),
]


class Net(nn.Module):
    """Two convolutions with batch norm, a pooled plane, and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8, eps=1e-3), nn.ReLU(), nn.Conv2d(8, 16, 3, bias=False)
        )
        self.last = nn.BatchNorm2d(16, momentum=0.3)
        self.head = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """See its class."""
        return self.head(F.relu(self.last(self.body(x))).mean((2, 3)))


def net() -> Net:
    """With γ, β and statistics that are not those of a new norm."""
    torch.manual_seed(3)
    made = Net()
    for norm in (made.body[1], made.last):
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias)
    made(IMAGES)
    return made


@pytest.mark.parametrize("to", EVERY)
def test_a_converted_network_trains(to: str) -> None:
    """With each norm, forward and backward give finite numbers of the right shape."""
    made, _ = convert(net(), to, example=IMAGES)
    scores = made(IMAGES)
    F.cross_entropy(scores, torch.tensor([0, 1, 2, 3])).backward()
    assert scores.shape == (4, 10)
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in made.parameters())


@pytest.mark.parametrize("to", EVERY)
def test_the_original_stays_untouched_to_the_bit(to: str) -> None:
    """A copy is changed: the network that came has its values, modules and mode afterwards."""
    model = net()
    before, modules = copy.deepcopy(model.state_dict()), list(model.modules())
    convert(model, to, example=IMAGES)
    after = model.state_dict()
    assert list(model.modules()) == modules
    assert model.training
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_inplace_changes_the_network_itself() -> None:
    """With `inplace` the network that came is the one that is returned."""
    model = net()
    same, _ = convert(model, "gn:4", inplace=True)
    assert same is model
    assert isinstance(model.last, nn.GroupNorm)


@pytest.mark.parametrize("by", [norm for norm in EVERY if norm not in ("bn", "none", "ws+gn:4")])
def test_there_and_back_restores_what_was_learnt(by: str) -> None:
    """From batch norm to another norm and back, γ, β and eps are what they were."""
    model = net()
    other, _ = convert(model, by, example=IMAGES)
    back, _ = convert(other, "bn", example=IMAGES)
    for name in ("body.1", "last"):
        old, new = model.get_submodule(name), back.get_submodule(name)
        assert type(new) is nn.BatchNorm2d
        assert new.eps == old.eps
        assert torch.equal(new.weight, old.weight)
        assert torch.equal(new.bias, old.bias)


def test_none_remembers_the_place_so_that_a_norm_can_come_back() -> None:
    """Without norms the network has no γ and β; from there any norm can be put in again, with new ones."""
    bare, report = convert(net(), "none")
    back, again = convert(bare, "gn:4", example=IMAGES)
    assert report.before - report.after == 2 * (8 + 16)
    assert [row.new for row in again] == ["gn:4", "gn:4"]
    assert all(row.reset == ("γ", "β") for row in again)
    assert torch.equal(back.last.weight, torch.ones(16))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 24), st.integers(1, 24))
def test_nearest_finds_the_divisor_next_to_the_groups_asked(channels: int, groups: int) -> None:
    """Where the groups do not divide the channels, no other divisor is nearer than the one taken."""
    model = nn.Sequential(nn.Conv2d(3, channels, 3), nn.BatchNorm2d(channels))
    made, _ = convert(model, f"gn:{groups}", nearest=True)
    divisors = [g for g in range(1, channels + 1) if channels % g == 0]
    assert abs(made[1].num_groups - groups) == min(abs(g - groups) for g in divisors)


def test_groups_that_do_not_divide_name_the_layer_and_the_choices() -> None:
    """Without `nearest` one clear line is raised, and nothing was changed."""
    model = net()
    with pytest.raises(GroupsError, match=r"body\.1.*8 channels can be split into 1, 2, 4, 8 groups"):
        convert(model, "gn:3", inplace=True)
    assert isinstance(model.body[1], nn.BatchNorm2d)


def test_plain_group_norm_has_the_papers_groups_as_near_as_channels_allow() -> None:
    """`gn` makes 32 groups of 96 channels, and of fewer channels the most that leave two in a group."""
    model = nn.Sequential(*(nn.BatchNorm2d(c) for c in (96, 16, 24, 7)))
    made, _ = convert(model, "gn")
    assert [norm.num_groups for norm in made] == [32, 8, 12, 1]


def test_a_group_of_one_value_is_refused() -> None:
    """Instance norm of single pixels is β whatever comes in; the place is named, and so is what fits."""
    model = nn.Sequential(nn.Conv2d(3, 8, (12, 10)), nn.BatchNorm2d(8))
    with pytest.raises(NetworkError, match=r"1: 8 groups would leave one value in each.*at most 4"):
        convert(model, "in", example=IMAGES)
    vectors = nn.Sequential(nn.Flatten(), nn.Linear(360, 8), nn.BatchNorm1d(8))
    with pytest.raises(NetworkError, match="one value in each"):
        convert(vectors, "in")


def test_a_norm_behind_a_linear_layer_is_one_of_features() -> None:
    """Batch norm of vectors becomes layer and group norm over features, as their formulas say."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(360, 8, bias=False), nn.BatchNorm1d(8))
    made, _ = convert(model, "ln", example=IMAGES)
    hidden = model[1](model[0](IMAGES))
    assert torch.allclose(made(IMAGES), F.layer_norm(hidden, (8,)), atol=1e-6)


def test_per_element_layer_norm_needs_to_know_the_plane() -> None:
    """`ln-chw` without an example says what is missing, and with one has γ of the plane's shape."""
    with pytest.raises(NetworkError, match=r"body\.1: ln-chw needs to know H and W: give example="):
        convert(net(), "ln-chw")
    made, _ = convert(net(), "ln-chw", example=IMAGES)
    assert made.last.weight.shape == (16, 8, 6)


def test_a_shared_norm_is_converted_once_and_stays_shared() -> None:
    """A module that stands at two places is one row with both paths, and one module again."""
    norm = nn.BatchNorm2d(8)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), norm, nn.Conv2d(8, 8, 3), norm)
    made, report = convert(model, "gn:4")
    assert [row.paths for row in report] == [("1", "3")]
    assert made[1] is made[3]


def test_tied_parameters_stay_tied() -> None:
    """Two norms with one γ have one γ afterwards."""
    model = nn.Sequential(nn.BatchNorm2d(8), nn.BatchNorm2d(8))
    model[1].weight = model[0].weight
    made, _ = convert(model, "gn:4")
    assert made[0].weight is made[1].weight


def test_dtype_mode_gradients_and_hooks_are_kept() -> None:
    """Float64, eval mode, a frozen γ and a forward hook are the new norm's too."""
    model = net().double().eval()
    model.last.weight.requires_grad_(False)  # noqa: FBT003
    heard: list[str] = []
    model.last.register_forward_hook(lambda module, *_: heard.append(type(module).__name__))
    made, report = convert(model, "gn:4")
    made(IMAGES.double())
    assert made.last.weight.dtype == torch.float64
    assert not made.last.training
    assert not made.last.weight.requires_grad
    assert made.last.bias.requires_grad
    assert heard == ["GroupNorm"]
    assert "hooks" in report.rows[1].carried


def test_affine_stays_as_the_author_has_it() -> None:
    """A norm without γ and β is replaced by one without, whatever norm it is."""
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8, affine=False))
    for to in ("gn:4", "ln", "rms", "ln-c", "bn"):
        made, report = convert(model, to)
        assert report.before == report.after
        assert not list(made[1].parameters())
        made(IMAGES)


def test_what_is_skipped_stays() -> None:
    """A pattern keeps the norms that it names, and one that names none is a mistake that is told."""
    made, report = convert(net(), "gn:4", skip=["body.*"])
    assert isinstance(made.body[1], nn.BatchNorm2d)
    assert [kept.path for kept in report.untouched] == ["body.1"]
    with pytest.raises(SpecError, match=r"skip 'boby\.\*': no norm is called so; they are body\.1, last"):
        convert(net(), "gn:4", skip=["boby.*"])


def test_a_function_of_the_channels_can_be_asked_for() -> None:
    """Whatever it makes is put in, and the report calls it by its name."""

    def halves(channels: int) -> nn.Module:
        return nn.GroupNorm(channels // 2, channels)

    made, report = convert(net(), halves)
    assert made.last.num_groups == 8
    assert report.to == "halves"


def test_a_name_that_is_none_is_refused() -> None:
    """With the nearest that are."""
    with pytest.raises(UnknownName, match="did you mean"):
        convert(net(), "gm")


def test_a_norm_that_is_there_already_is_kept() -> None:
    """Nothing is done twice, and the report says so."""
    made, _ = convert(net(), "gn:4")
    again, report = convert(made, "gn:4")
    assert len(report) == 0
    assert {kept.reason for kept in report.untouched} == {"is gn:4 already"}
    assert again.state_dict().keys() == made.state_dict().keys()


def test_a_hundred_layers_take_less_than_a_second() -> None:
    """The conversion itself, in this process's own time."""
    layers = [layer for _ in range(100) for layer in (nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU())]
    model = nn.Sequential(*layers)
    start = time.process_time()
    _, report = convert(model, "gn:4")
    assert time.process_time() - start < 1
    assert len(report) == 100


@pytest.mark.parametrize("to", ["gbn:4", "brn", "evonorm-s0:4", "frn", "dyt"])
def test_a_numbered_norm_that_is_there_keeps_all_it_has(to: str) -> None:
    """Asked for once more it stays, with its statistics and steps; asked for by its row's name it comes back."""
    made, report = convert(net(), to, example=IMAGES)
    again, second = convert(made, report.rows[0].new, example=IMAGES)
    assert len(second) == 0
    assert {kept.what for kept in second.untouched} == {"there"}
    assert [type(m) for m in again.modules()] == [type(m) for m in made.modules()]


@pytest.mark.parametrize("to", ["gbn:2", "brn"])
def test_norms_of_the_batch_take_over_each_others_statistics(to: str) -> None:
    """All three mean the same by a running mean and variance."""
    model = net()
    made, report = convert(model, to)
    assert all("running statistics" in row.carried for row in report)
    assert torch.equal(made.last.running_mean, model.last.running_mean)


@pytest.mark.parametrize("to", ["gbn:2", "brn", "bn"])
def test_norms_of_the_batch_can_be_without_scale_and_shift(to: str) -> None:
    """Forward, backward and the plain norm that they are in evaluation."""
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8, affine=False))
    made, _ = convert(model, to)
    made(IMAGES).square().mean().backward()
    assert not list(made[1].parameters())
    if to != "bn":
        assert torch.allclose(made[1].eval()(made[0](IMAGES)), made[1].plain().eval()(made[0](IMAGES)))


def test_a_norm_without_a_tensor_gets_the_networks_type() -> None:
    """What was taken out of a float64 network comes back in float64."""
    bare, _ = convert(net().double(), "none")
    back, _ = convert(bare, "bn")
    assert back.last.weight.dtype == back.last.running_mean.dtype == torch.float64


def test_hooks_are_called_as_what_they_are_and_can_be_taken_away() -> None:
    """A full backward hook hears the new norm's gradient, until its handle removes it."""
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
    heard: list[str] = []
    handle = model[1].register_full_backward_hook(lambda module, *_: heard.append(type(module).__name__))
    convert(model, "gn:4", inplace=True)
    model(IMAGES).mean().backward()
    handle.remove()
    model(IMAGES).mean().backward()
    assert heard == ["GroupNorm"]


class Declared(nn.Module):
    """Convolutions first, norms behind, called in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3)
        self.na, self.nb = nn.BatchNorm2d(8), nn.BatchNorm2d(8)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """In turn."""
        return self.nb(self.b(self.na(self.a(x))))


def test_weight_standardization_is_of_the_kernels_that_feed_the_norms() -> None:
    """With an example in the order of calls; each has a row, and the kernel before a skipped norm stays plain."""
    made, report = convert(Declared(), "ws+gn:4", example=IMAGES)
    assert [(row.path, row.new) for row in report][2:] == [("a", "standardized kernel"), ("b", "standardized kernel")]
    assert report.summary.startswith("2 norms to ws+gn:4, 2 kernels standardized")
    assert type(made.a).__name__ == "StandardizedConv2d"
    made, _ = convert(Declared(), "ws+gn:4", example=IMAGES, skip=["na"])
    assert type(made.a) is nn.Conv2d


def test_what_cannot_be_standardized_is_refused_before_anything_is_changed() -> None:
    """A network whose norm no convolution feeds."""
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8))
    with pytest.raises(NetworkError, match="expected a convolution before a norm"):
        convert(model, "ws+gn:4", inplace=True)
    assert type(model[1]) is nn.BatchNorm1d


def test_nearest_groups_are_found_for_evonorm_too() -> None:
    """And a group of one value is refused."""
    made, report = convert(nn.Sequential(nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6)), "evonorm-s0:4", nearest=True)
    assert made[1].groups == 3
    assert report.rows[0].new == "evonorm-s0:3"
    with pytest.raises(NetworkError, match="one value in each"):
        convert(nn.Sequential(nn.Conv2d(3, 8, (12, 10)), nn.BatchNorm2d(8)), "evonorm-s0:8", example=IMAGES)
