"""Dropout that a network calls as a function: paired as layers are, and the same in every engine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from normlab.training.masks import Masks


class Calling(nn.Module):
    """A network with a layer that drops, and two calls of functions that do."""

    def __init__(self, also: Callable[[torch.Tensor], torch.Tensor] = lambda x: x) -> None:
        super().__init__()
        self.layer, self.also = nn.Dropout(0.25), also

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Three masks of ones."""
        whole = F.dropout2d(x, 0.5, self.training)
        each = F.dropout(self.also(x), training=self.training)
        return self.layer(x), whole, each


def masks_of(model: nn.Module, seed: int = 0, passes: int = 1, x: torch.Tensor | None = None) -> list[torch.Tensor]:
    masks = Masks(model.train())
    masks.begin(0, seed, 1)
    ones = torch.ones(4, 3, 8, 8) if x is None else x
    found: list[torch.Tensor] = []
    for _ in range(passes):
        with masks.passing():
            found += model(ones)
    return found


def test_a_function_drops_the_same_whatever_else_draws() -> None:
    """An arm whose layers draw from torch's own stream drops the same values as one whose do not."""
    drawing = masks_of(Calling(lambda x: x + 0 * torch.rand_like(x)))
    assert all(torch.equal(a, b) for a, b in zip(masks_of(Calling()), drawing, strict=True))


def test_calls_passes_and_seeds_have_masks_of_their_own() -> None:
    """Two calls, two passes and two seeds all differ."""
    found = [mask for seed in (0, 1) for mask in masks_of(Calling(), seed, passes=2)]
    assert len({mask.numpy().tobytes() for mask in found}) == len(found)


def test_whole_channels_are_dropped_where_the_function_says_so() -> None:
    """And p is the call's."""
    _, whole, each = masks_of(Calling(), x=torch.ones(64, 16, 4, 4))
    assert set(whole.amax((2, 3)).unique().tolist()) == {0.0, 2.0}
    assert torch.equal(whole.amax((2, 3)), whole.amin((2, 3)))
    assert abs((each == 0).double().mean() - 0.5) < 0.02


def test_nothing_is_dropped_in_eval_mode() -> None:
    """Functions follow the network's mode, as they do without us."""
    model = Calling()
    masks = Masks(model.eval())
    with masks.passing():
        assert all(torch.equal(y, torch.ones(2, 3, 4, 4)) for y in model(torch.ones(2, 3, 4, 4)))


def test_in_place_is_in_place() -> None:
    """What the function was given is what it gives."""
    model = nn.Module()
    x = torch.ones(4, 50)
    model.forward = lambda y: [F.dropout(y, 0.5, training=True, inplace=True)]  # type: ignore[method-assign, assignment]
    (y,) = masks_of(model, x=x)
    assert y is x
    assert (x == 0).any()


def test_a_run_that_was_cut_goes_on_with_the_masks_of_its_calls() -> None:
    """Streams of calls are kept with those of layers, before a pass has shown that there are calls."""
    first, second = Calling(), Calling()
    masks, others = Masks(first.train()), Masks(second.train())
    masks.begin(0, 0, 1)
    with masks.passing():
        first(torch.ones(2, 3, 4, 4))
    others.begin(0, 0, 1)
    others.resume(masks.streams())
    with masks.passing():
        wanted = first(torch.ones(2, 3, 4, 4))
    with others.passing():
        got = second(torch.ones(2, 3, 4, 4))
    assert all(torch.equal(a, b) for a, b in zip(wanted, got, strict=True))


def test_a_network_that_calls_none_is_not_watched_again() -> None:
    """After its first pass nothing stands between it and PyTorch."""
    masks = Masks(nn.Sequential(nn.Dropout(0.5)).train())
    with masks.passing():
        pass
    assert masks.calls is False
    assert masks.streams().dtype == np.uint64


@pytest.mark.parametrize("raises", [RuntimeError, KeyboardInterrupt])
def test_a_pass_that_fails_leaves_functions_as_they_are(raises: type[BaseException]) -> None:
    """Whoever calls dropout afterwards gets PyTorch's."""
    masks = Masks(Calling().train())
    with pytest.raises(raises), masks.passing():
        raise raises
    assert masks.calls is None
    torch.manual_seed(0)
    one = F.dropout(torch.ones(100))
    torch.manual_seed(0)
    assert torch.equal(one, F.dropout(torch.ones(100)))


class Checkpointed(nn.Module):
    """Computes its middle twice, to keep less in memory: by a layer that drops, and by a function."""

    def __init__(self, reentrant: bool) -> None:
        super().__init__()
        self.layer, self.reentrant = nn.Dropout(0.5), reentrant

    def middle(self, x: torch.Tensor) -> torch.Tensor:
        """Its slope is its masks, doubled by what is squared."""
        return F.dropout(self.layer(x), 0.5, self.training) ** 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The middle, by a checkpoint."""
        found: torch.Tensor = checkpoint(self.middle, x, use_reentrant=self.reentrant)
        return found


@pytest.mark.parametrize("reentrant", [False, True])
def test_what_is_computed_twice_has_the_same_masks_twice(reentrant: bool) -> None:
    """`torch.utils.checkpoint` gives the gradient of what was computed first."""
    model = Checkpointed(reentrant).train()
    masks = Masks(model)
    masks.begin(0, 0, 1)
    for _ in range(2):
        x = torch.ones(4, 100, requires_grad=True)
        with masks.passing():
            y = model(x)
        torch.autograd.backward(y.sum())
        assert x.grad is not None
        assert torch.equal(x.grad, 2 * y.detach())
        assert 0 < int((y == 0).sum()) < 400
