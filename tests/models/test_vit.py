from __future__ import annotations

import pytest
import torch
from torch import nn

from normlab.errors import NetworkError
from normlab.models.summary import parameter_count
from normlab.models.vit import vit
from normlab.norms import EPS, resolve

CIFAR = (3, 32, 32)


@pytest.mark.parametrize(("norm", "count"), [("ln", 174_922), ("rms", 174_922), ("none", 173_770)])
def test_it_has_the_documented_size(norm: str, count: int) -> None:
    """Nine norms with γ and β of 64 features."""
    assert parameter_count(vit(resolve(norm), shape=CIFAR)) == count


@pytest.mark.parametrize("norm", ["bn", "gn", "gn:4", "in", "ln-chw", "ln-c"])
def test_norms_of_images_are_refused_by_name(norm: str) -> None:
    """The layer is named, and what there is for tokens."""
    with pytest.raises(NetworkError, match=rf"norm {norm} at layer blocks\.block1\.norm1: norms of tokens are ln, rms"):
        vit(resolve(norm), shape=CIFAR)


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.slow
def test_blocks_are_pytorchs_encoder_layers(norm_first: bool) -> None:
    """With the same weights, norms before or behind, a block is `TransformerEncoderLayer`: `ln` is PyTorch's own."""
    torch.manual_seed(0)
    model = vit(resolve("ln"), shape=CIFAR, norm_first=norm_first).eval()
    block, x = model.get_submodule("blocks.block2"), torch.randn(3, 64, 64)
    names = {
        "self_attn.in_proj_": "attention.asked.",
        "self_attn.out_proj.": "attention.given.",
        "linear1.": "mlp.0.",
        "linear2.": "mlp.2.",
        "norm1.": "norm1.",
        "norm2.": "norm2.",
    }
    plain = nn.TransformerEncoderLayer(64, 4, 192, 0.0, "gelu", EPS, batch_first=True, norm_first=norm_first).eval()
    ours = block.state_dict()
    plain.load_state_dict({f"{a}{end}": ours[f"{b}{end}"] for a, b in names.items() for end in ("weight", "bias")})
    torch.testing.assert_close(block(x), plain(x), rtol=1e-4, atol=1e-5)


def test_positions_matter() -> None:
    """The same patches in another order are another image."""
    torch.manual_seed(0)
    model, x = vit(resolve("ln"), shape=CIFAR).eval(), torch.randn(1, *CIFAR)
    assert not torch.allclose(model(x), model(x.flip(2, 3).unflatten(2, (8, 4)).flip(3).flatten(2, 3)))


@pytest.mark.parametrize("numbers", [{"heads": 5}, {"patch": 0}, {"width": 2.5}, {"blocks": True}])
def test_numbers_that_make_no_network_are_refused(numbers: dict[str, object]) -> None:
    """Heads have to divide the width, and all of them are whole numbers of at least 1."""
    with pytest.raises(NetworkError, match="model vit: expected numbers of at least 1, with heads"):
        vit(resolve("ln"), **numbers)  # type: ignore[arg-type]


def test_a_word_is_neither_true_nor_false() -> None:
    """`"false"` would be taken for true."""
    with pytest.raises(NetworkError, match="expected norm_first to be true or false, got 'false'"):
        vit(resolve("ln"), norm_first="false")  # type: ignore[arg-type]


def test_an_image_smaller_than_a_patch_is_refused() -> None:
    """Nothing could be cut out of it."""
    with pytest.raises(NetworkError, match="vit needs images of at least 8×8"):
        vit(resolve("ln"), shape=(1, 7, 30), patch=8)
