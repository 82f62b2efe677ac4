from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.autograd import gradcheck
from torch.func import functional_call
from torch.nn import functional as F

from normlab.errors import NetworkError
from normlab.norms.standardized import StandardizedConv2d, standardize

SETTINGS = st.fixed_dictionaries(
    {
        "stride": st.integers(1, 2),
        "padding": st.sampled_from([0, 1, "valid"]),
        "groups": st.sampled_from([1, 2]),
        "bias": st.booleans(),
        "padding_mode": st.sampled_from(["zeros", "reflect"]),
    }
)


def standardized(conv: nn.Conv2d) -> StandardizedConv2d:
    made = standardize(nn.Sequential(conv, nn.GroupNorm(1, conv.out_channels)))[0]
    assert isinstance(made, StandardizedConv2d)
    return made


@given(settings=SETTINGS, seed=st.integers(0, 99))
@settings(max_examples=25)
def test_it_convolves_by_the_standardized_kernel(settings: dict[str, object], seed: int) -> None:
    """Each output channel's kernel less its mean, over its deviation; everything else is the convolution's own."""
    torch.manual_seed(seed)
    conv = nn.Conv2d(4, 6, 3, **settings).double()
    made = standardized(conv)
    rows = conv.weight.detach().numpy().reshape(6, -1)
    kernel = (rows - rows.mean(1, keepdims=True)) / np.sqrt(rows.var(1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(made.kernel().detach().reshape(6, -1), kernel, rtol=1e-9, atol=1e-9)
    x = torch.randn(2, 4, 7, 7, dtype=torch.float64)
    plain = made.plain()
    assert type(plain) is nn.Conv2d
    np.testing.assert_allclose(plain.weight.detach().reshape(6, -1), kernel, rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(made(x), plain(x))


def test_gradients_are_those_of_the_formula() -> None:
    """By finite differences in float64, for the input, the kernel that is learned and the bias."""
    torch.manual_seed(0)
    made = standardized(nn.Conv2d(2, 3, 2).double())
    x = torch.randn(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)

    def forward(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        return functional_call(made, {"weight": weight, "bias": bias}, x)

    assert gradcheck(forward, (x, made.weight, made.bias))


def test_scale_and_mean_of_a_kernel_do_not_matter() -> None:
    """Both are taken away."""
    torch.manual_seed(0)
    made, x = standardized(nn.Conv2d(2, 3, 3, bias=False).double()), torch.randn(1, 2, 5, 5, dtype=torch.float64)
    before = made(x)
    made.weight.data = 3 * made.weight.data + 7
    torch.testing.assert_close(made(x), before, rtol=1e-3, atol=1e-3)


def test_the_convolutions_that_feed_a_norm_are_standardized_and_no_others() -> None:
    """The last before each norm; parameters, their names and their values stay."""
    model = nn.Sequential(
        *(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1)),
        *(nn.Sequential(nn.Conv2d(2, 4, 3), nn.GroupNorm(2, 4)), nn.Conv2d(4, 10, 1), nn.Flatten()),
    )
    parameters = dict(model.named_parameters())
    assert standardize(model) is model
    found = [name for name, module in model.named_modules() if isinstance(module, StandardizedConv2d)]
    assert found == ["0", "4.0"]
    assert {name: id(p) for name, p in model.named_parameters()} == {name: id(p) for name, p in parameters.items()}


def test_a_block_that_is_called_a_norm_is_none() -> None:
    """Only the norm inside it is, so that what comes before the block feeds no norm."""

    class ConvNormReLU(nn.Sequential):
        """A block of the kind that many libraries have."""

    model = nn.Sequential(nn.Conv2d(1, 2, 1), ConvNormReLU(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU()))
    standardize(model)
    assert [name for name, module in model.named_modules() if isinstance(module, StandardizedConv2d)] == ["1.0"]


def test_a_convolution_that_is_used_twice_is_standardized_in_both_places() -> None:
    """It stays one."""
    conv = nn.Conv2d(2, 2, 3, padding=1)
    model = standardize(nn.Sequential(conv, nn.BatchNorm2d(2), nn.ReLU(), conv, nn.BatchNorm2d(2)))
    assert model[0] is model[3]
    assert isinstance(model[0], StandardizedConv2d)


def test_a_model_without_one_is_refused() -> None:
    """In words."""
    with pytest.raises(NetworkError, match="expected a convolution before a norm, and the model has none"):
        standardize(nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4)))


def test_a_convolution_of_ones_own_is_left_to_its_author() -> None:
    """A subclass may compute anything: it is refused by name."""

    class Own(nn.Conv2d):
        """Something else."""

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            """Half of it."""
            return F.conv2d(x, self.weight) / 2

    with pytest.raises(NetworkError, match=r"0 \(Own\) feeds a norm and is no plain Conv2d"):
        standardize(nn.Sequential(Own(1, 2, 3), nn.BatchNorm2d(2)))
