from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import Residual, deadened, networks
from torch import nn

from normlab.compaction import Compacted, compact, load, onnx_file
from normlab.compaction.counted import CountedGroupNorm
from normlab.compaction.measure import speeds
from normlab.compaction.of_run import of_run
from normlab.data import Dataset, levels
from normlab.errors import CompactError, NetworkError
from normlab.models import build
from normlab.models.course import course
from normlab.models.lean import lean
from normlab.norms import resolve
from normlab.norms.evonorm import EvoNormS0
from normlab.norms.standardized import standardize
from normlab.records import Job
from normlab.spec import Recipe

pytestmark = pytest.mark.slow  # networks are exported and run

NORMS = ["bn", "ln", "gn", "in", "rms", "gbn:4", "brn", "none"]
IMAGES = torch.randn(40, 1, 28, 28, generator=torch.Generator().manual_seed(1))
SMALL = torch.randn(7, 2, 15, 15, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("make", [course, lean])
def test_it_computes_the_same_with_fewer_channels(make: Callable[..., nn.Module], norm: str) -> None:
    """With most of the channels dead, every norm's network gets smaller and gives the same scores."""
    model = deadened(make(resolve(norm), dropout=0.1), seed=3, share=0.8)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    result = compact(model, IMAGES)
    torch.testing.assert_close(result.network(IMAGES), model(IMAGES), rtol=1e-4, atol=1e-4)
    assert result.after.parameters < 0.7 * result.before.parameters
    assert result.after.multiply_adds < 0.6 * result.before.multiply_adds
    assert result.after.file_bytes < result.before.file_bytes
    assert repr(result).startswith(f"Compacted({result.before.parameters:,} → {result.after.parameters:,} parameters")
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(networks(), st.integers(0, 999), st.sampled_from([0.0, 0.5, 1.0]))
@pytest.mark.long
def test_random_networks_compute_the_same(model: nn.Module, seed: int, share: float) -> None:
    """Whatever the order of layers, padding, strides, biases, branches and heads, what comes out is one function."""
    deadened(model, seed, share, last=list(dict(model.named_children()))[-1])
    with torch.no_grad():
        expected = model(SMALL)
    try:
        result = compact(model, SMALL)
    except CompactError as error:
        assert "nothing is left" in str(error)  # noqa: PT017 - only that error is meant
        assert torch.allclose(expected, expected[:1], atol=1e-5)
        return
    torch.testing.assert_close(result.network(SMALL), expected, rtol=1e-3, atol=1e-3)
    assert result.after.multiply_adds <= result.before.multiply_adds


def test_standardized_kernels_become_plain_ones() -> None:
    """What they are in eval mode; channels whose γ is zero go, and the scores stay."""
    model = standardize(deadened(lean(resolve("gn:4")), seed=3, share=0.8))
    result = compact(model, IMAGES)
    torch.testing.assert_close(result.network(IMAGES), model(IMAGES), rtol=1e-4, atol=1e-4)
    assert result.after.parameters < result.before.parameters
    assert type(result.network.get_submodule("conv1")) is nn.Conv2d


@pytest.mark.parametrize(
    ("norm", "kind"), [("frn", "FilterResponseNorm"), ("dyt", "DynamicTanh"), ("evonorm-s0", "EvoNormS0")]
)
def test_norms_with_more_than_statistics_are_refused_by_name(norm: str, kind: str) -> None:
    """With the layer that has them."""
    with pytest.raises(NetworkError, match=rf"norm1 \({kind}\) is not understood; understood are Conv2d"):
        compact(lean(resolve(norm)).eval(), IMAGES)


def test_channels_that_nobody_reads_go_without_any_zero_of_their_own() -> None:
    """The readers' kernels decide."""
    model = deadened(lean(resolve("none")), seed=0, share=0)
    with torch.no_grad():
        model.get_submodule("conv4").weight[:, 3:9] = 0  # type: ignore[index, union-attr, operator]
    assert {layer.name: layer.after for layer in compact(model, IMAGES).layers}["conv3"] == 10


@pytest.mark.parametrize("norm", ["bn", "in", "rms", "none"])
def test_a_dead_kernel_is_gone_where_no_statistics_mix_channels(norm: str) -> None:
    """One zero kernel, one channel less; the next layer's bias has what it gave."""
    model = deadened(lean(resolve(norm)), seed=0, share=0)
    with torch.no_grad():
        model.get_submodule("conv3").weight[[1, 5, 6]] = 0  # type: ignore[index, union-attr, operator]
    assert {layer.name: layer.after for layer in compact(model, IMAGES).layers}["conv3"] == 13


@pytest.mark.parametrize(("norm", "dead", "left"), [("ln", 4, 13), ("gn:4", 3, 14)])
def test_dead_channels_behind_a_groups_statistics_become_one(norm: str, dead: int, left: int) -> None:
    """Four dead channels of a group stand as one that carries the group's statistics, and all are counted in them."""
    model = deadened(lean(resolve(norm)), seed=0, share=0)
    with torch.no_grad():
        model.get_submodule("conv3").weight[[1, 4, 5, 7]] = 0  # type: ignore[index, union-attr, operator]
    result = compact(model, IMAGES)
    assert {layer.name: layer.after for layer in result.layers}["conv3"] == left
    assert isinstance(result.network.get_submodule("norm3"), CountedGroupNorm)
    assert any(
        f"norm3 makes {dead} constant channels vary by image" in note and "merged into 1" in note
        for note in result.notes
    )


def test_dead_channels_with_different_constants_become_two() -> None:
    """Biases differ, so dead channels hold different numbers in front of the norm: two carry all of them."""
    layers = [nn.Conv2d(2, 8, 3), nn.GroupNorm(1, 8), nn.Conv2d(8, 4, 1), nn.ReLU(), nn.Flatten()]
    model = deadened(nn.Sequential(*layers), seed=0, share=0)
    nn.init.zeros_(layers[0].weight[1:6])  # type: ignore[index, arg-type]
    result = compact(model, SMALL)
    assert result.layers[0].after == 5
    torch.testing.assert_close(result.network(SMALL), model(SMALL), rtol=1e-4, atol=1e-4)


def test_whole_groups_that_go_leave_a_plain_group_norm() -> None:
    """Nothing has to be counted where a group has no channel left."""
    model = deadened(lean(resolve("gn:4")), seed=0, share=0)
    with torch.no_grad():
        model.get_submodule("norm3").weight[4:8] = 0  # type: ignore[index, union-attr, operator]
    norm = compact(model, IMAGES).network.get_submodule("norm3")
    assert isinstance(norm, nn.GroupNorm)
    assert (norm.num_groups, norm.num_channels) == (3, 12)


@pytest.mark.parametrize("norm", ["ln-c", "ln-chw"])
def test_norms_that_cannot_count_keep_their_channels_and_say_so(norm: str) -> None:
    """The channels stay, the function too, and a note names the norm and the layer."""
    model = deadened(lean(resolve(norm)), seed=0)
    result = compact(model, IMAGES)
    assert result.after.parameters == result.before.parameters
    assert any("conv3 keeps constant channels" in note and "norm3 (LayerNorm" in note for note in result.notes)


def test_no_batch_norm_is_left_where_it_can_be_folded() -> None:
    """In both of our models it stands behind ReLU and goes into the next kernel, or stays with the reason."""
    folded = compact(deadened(course(resolve("bn")), seed=0), IMAGES)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.network.modules())
    mixed = compact(deadened(lean(resolve("bn")), seed=0), IMAGES)
    assert sum(isinstance(module, nn.BatchNorm2d) for module in mixed.network.modules()) == 1
    assert any("norm5 (BatchNorm2d) is computed by itself" in n and "negative" in n for n in mixed.notes)


@pytest.mark.parametrize("affine", [True, False])
def test_instance_norm_of_torch_is_a_norm_of_groups(*, affine: bool) -> None:
    """Dead channels are constant behind it, so they go."""
    layers = [nn.Conv2d(2, 4, 3), nn.InstanceNorm2d(4, affine=affine), nn.ReLU(), nn.Conv2d(4, 3, 3), nn.Flatten()]
    model = deadened(nn.Sequential(*layers), seed=0, share=0)
    nn.init.zeros_(layers[0].weight[1:3])  # type: ignore[index, arg-type]
    result = compact(model, SMALL)
    assert result.layers[0].after == 2
    torch.testing.assert_close(result.network(SMALL), model(SMALL), rtol=1e-4, atol=1e-4)


def test_a_shift_in_front_of_zero_padding_stays_in_its_norm() -> None:
    """Zeros around a plane are not shifted, so β cannot become a bias there."""
    layers = [nn.Conv2d(2, 4, 3), nn.ReLU(), nn.BatchNorm2d(4), nn.Conv2d(4, 3, 3, padding=1), nn.Flatten()]
    model = deadened(nn.Sequential(*layers), seed=0, share=0)
    result = compact(model, SMALL)
    assert any("pads with zeros" in note for note in result.notes)
    torch.testing.assert_close(result.network(SMALL), model(SMALL))


def test_constants_beside_zero_padding_become_one() -> None:
    """As in residual networks: a dead channel holds relu(β) in front of a convolution that pads."""
    layers = [nn.Conv2d(2, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3, padding=1), nn.Flatten()]
    model = deadened(nn.Sequential(*layers), seed=0, share=0)
    nn.init.zeros_(layers[0].weight[1:6])  # type: ignore[index, arg-type]
    nn.init.uniform_(layers[1].bias, 4, 5)  # type: ignore[arg-type]
    result = compact(model, SMALL)
    assert result.layers[0].after == 4
    torch.testing.assert_close(result.network(SMALL), model(SMALL), rtol=1e-4, atol=1e-4)


def test_a_dead_branch_is_dropped() -> None:
    """A branch that adds zero is not computed any more."""
    inner = nn.Sequential(nn.Conv2d(4, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 1, bias=False))
    model = nn.Sequential(nn.Conv2d(2, 4, 3), Residual(inner), nn.Flatten(), nn.Linear(676, 3)).eval()
    nn.init.zeros_(inner[2].weight)
    result = compact(model, SMALL)
    assert [(layer.name, layer.after) for layer in result.layers] == [
        ("0", 4),
        ("1.inner.0", 0),
        ("1.inner.2", 0),
        ("3", 3),
    ]
    torch.testing.assert_close(result.network(SMALL), model(SMALL))


@pytest.mark.parametrize("layer", ["conv1", "conv3", "conv5"])
@pytest.mark.parametrize("norm", ["bn", "ln", "none"])
def test_a_layer_without_a_living_channel_is_an_error_that_names_it(norm: str, layer: str) -> None:
    """Such a network gives one answer for every image; the way out is a smaller λ, and the model stays as it is."""
    model = lean(resolve(norm)).eval()
    nn.init.zeros_(model.get_submodule(layer).weight)  # type: ignore[arg-type]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(CompactError, match=rf"nothing is left of {layer}: .*a smaller λ"):
        compact(model, IMAGES)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_what_is_not_understood_is_named() -> None:
    """The error of the graph comes through."""
    with pytest.raises(NetworkError, match=r"1 \(GELU\) is not understood"):
        compact(nn.Sequential(nn.Conv2d(1, 2, 3), nn.GELU()), IMAGES)


def test_numbers_that_are_not_finite_are_an_error() -> None:
    """A diverged network is not one that could be made smaller."""
    model = lean(resolve("bn"))
    nn.init.constant_(model.get_submodule("conv2").weight, float("nan"))  # type: ignore[arg-type]
    with pytest.raises(CompactError, match=r"conv2\.weight holds numbers that are not finite"):
        compact(model, IMAGES)


@pytest.mark.parametrize("images", [IMAGES[0], IMAGES[:0], IMAGES.double(), IMAGES.byte()])
def test_images_of_another_kind_are_an_error(images: torch.Tensor) -> None:
    """What is expected and what came is said."""
    with pytest.raises(CompactError, match=r"images: expected float32 \(N, C, H, W\), N > 0; got"):
        compact(lean(resolve("bn")), images)


def test_a_name_that_the_compact_network_needs_is_an_error() -> None:
    """The layer is named."""
    model = nn.Sequential()
    model.add_module("image_shape", nn.Conv2d(1, 2, 3))
    with pytest.raises(NetworkError, match="image_shape: a layer of a compact network cannot be called so"):
        compact(model, IMAGES)


def test_a_wrong_result_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a channel too many cut, the comparison on the images would see it."""
    module = sys.modules["normlab.compaction.shrink"]

    def spoiled(*given: object) -> object:
        graph = real(*given)  # type: ignore[arg-type]
        graph["conv3"].module.weight[0] += 1  # type: ignore[union-attr, index, operator]
        return graph

    real = module.cut
    monkeypatch.setattr(module, "cut", torch.no_grad()(spoiled))
    with pytest.raises(CompactError, match=r"the compact network is not the same function: .* so it was not written"):
        compact(lean(resolve("bn")).eval(), IMAGES)


exports = pytest.mark.slow  # PyTorch takes seconds to export the smallest network to ONNX


@exports
@pytest.mark.parametrize("norm", ["bn", "gn:4"])
@pytest.mark.long
def test_onnx_gives_the_same_from_one_file(norm: str, tmp_path: Path) -> None:
    """ONNX Runtime agrees on every image, for any number of them, and nothing but the one file is written."""
    result = compact(deadened(lean(resolve(norm)), seed=1), IMAGES)
    files = result.save(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(files)
    run = onnx_file.session((tmp_path / "compact.onnx").read_bytes())
    assert str(Path.cwd()).encode() not in (tmp_path / "compact.onnx").read_bytes()  # nothing of this machine
    for count in (1, 3, 40):
        found = torch.from_numpy(onnx_file.scores(run, IMAGES[:count]))
        torch.testing.assert_close(found, result.original(IMAGES[:count]), rtol=1e-4, atol=1e-4)
    assert torch.equal(load(tmp_path / "compact.safetensors")(IMAGES), result.network(IMAGES))


@pytest.fixture
def little() -> Compacted:
    """A network that is quickly exported, made smaller."""
    layers = [nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(676, 3)]
    return compact(deadened(nn.Sequential(*layers), seed=1, last="4"), SMALL)


@exports
@pytest.mark.long
def test_exporting_is_quiet(
    little: Compacted, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    """The exporter's progress and warnings are nobody's business."""
    little.checked_onnx()
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


@exports
@pytest.mark.long
def test_a_network_that_cannot_be_onnx_is_told_by_what_it_does() -> None:
    """The reason is one line, of the network and not of the exporter's steps; so is one that no N but two passes."""

    class Odd(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            flat = images.flatten(1)
            return flat * 2 if float(flat.sum()) > 0 else flat

    class Two(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images.reshape(len(images), -1)

    with pytest.raises(CompactError, match=r"cannot write this network: Could not guard .*; --no-onnx leaves it out$"):
        onnx_file.checked(Odd(), Odd(), SMALL)
    with pytest.raises(CompactError, match=r"^ONNX Runtime cannot run this network: .*; --no-onnx leaves it out$"):
        onnx_file.checked(Two(), Two(), SMALL)


@exports
@pytest.mark.long
def test_an_activation_within_a_norm_takes_any_number_of_images() -> None:
    """EvoNorm's file is run on more images than it was written with."""
    network = nn.Sequential(nn.Conv2d(2, 4, 3), EvoNormS0(2, 4), nn.Flatten(), nn.Linear(676, 3)).eval()
    assert onnx_file.checked(network, network, SMALL)


def test_without_the_extra_onnx_is_an_error_with_the_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The message says what to install; no file is written, and without ONNX all is well."""
    result = compact(deadened(lean(resolve("in")), seed=1), IMAGES)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert not onnx_file.available()
    with pytest.raises(CompactError, match=r"pip install 'normlab\[onnx\]'"):
        result.save(tmp_path)
    assert not list(tmp_path.iterdir())
    assert [path.name for path in result.save(tmp_path, onnx=False)] == ["compact.safetensors"]


@exports
@pytest.mark.long
def test_speeds_are_taken_of_both(little: Compacted) -> None:
    """Two runtimes at two sizes of batch, positive all."""
    found = speeds(little, onnx=True, rounds=1, seconds=0.01)
    assert [(s.runtime, s.batch) for s in found] == [
        ("PyTorch", 1),
        ("PyTorch", 128),
        ("ONNX Runtime", 1),
        ("ONNX Runtime", 128),
    ]
    assert all(s.before > 0 and s.after > 0 and s.ratio > 0 for s in found)


def test_a_run_is_compared_on_images_as_it_saw_them(mnist: Dataset) -> None:
    """Its preprocessing is done to the test images, before and after."""
    few = replace(mnist, test_images=mnist.test_images[:200])
    made = Job(Recipe(norm="bn", preprocess="equalize"), 0)
    result = of_run(made, {name: value.numpy() for name, value in build(made).state_dict().items()}, few)
    torch.testing.assert_close(result.images, torch.from_numpy(levels.equalize(few.test_images) / np.float32(255)))
