"""How values lie: reshapes, permutations and picks in the algebra of layouts are those of PyTorch."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from normlab.models.graph.choices import chosen
from normlab.models.graph.layouts import Axis, Layout, laid, regrouped, sizes, strides, usual
from normlab.models.graph.legs import Leg, arranged, compact, together
from normlab.models.graph.planes import Arranged

N = 2
SHAPES = st.tuples(*[st.sampled_from([1, 2, 3, 4, 6])] * 3)


def seen(x: torch.Tensor, layout: Layout, start: tuple[int, ...] = (0, 0, 0)) -> torch.Tensor:
    """What lies so on planes (N, C, H, W), walked by the steps of its axes."""
    apart, axes = x.stride(), [axis for dim in layout for axis in dim]
    first = sum(s * a for s, a in zip(start, apart[1:], strict=True))
    walked = x.as_strided([axis.size for axis in axes], [axis.stride * apart[axis.place] for axis in axes], first)
    return walked.reshape(sizes(layout))


def divisors(number: int) -> list[int]:
    return [k for k in range(1, number + 1) if number % k == 0]


@st.composite
def moves(draw: Any, count: int = 6) -> tuple[tuple[int, int, int], list[tuple[str, Any]]]:
    """A plane, and what is done to it: to which sizes it is reshaped, how permuted, which dimensions are swapped."""
    shape = draw(SHAPES)
    now, found = [N, *shape], []
    for _ in range(draw(st.integers(1, count))):
        what = draw(st.sampled_from(["reshape", "permute", "transpose"]))
        if what == "reshape":
            left, now = prod(now), []
            while left > 1 and len(now) < 5:
                now.append(draw(st.sampled_from(divisors(left))))
                left //= now[-1]
            now += [left]
            found.append((what, tuple(now)))
        elif what == "permute":
            order = draw(st.permutations(range(len(now))))
            now = [now[d] for d in order]
            found.append((what, tuple(order)))
        else:
            a, b = (draw(st.integers(0, len(now) - 1)) for _ in range(2))
            now[a], now[b] = now[b], now[a]
            found.append((what, (a, b)))
    return shape, found


def steps(planes: torch.Tensor, done: list[tuple[str, Any]]) -> Iterator[tuple[torch.Tensor, Layout | None]]:
    """What PyTorch gives after each, and how that lies; None where it cannot be said, which is the last."""
    x, layout = planes, usual(planes.shape[1:], N)
    for what, how in done:
        given_ = [how] if what == "reshape" else how
        x = getattr(x, what)(*given_)
        found = laid(what, given_, layout, tuple(x.shape))
        yield x, found
        if found is None:
            return
        layout = found


@given(moves())
@settings(max_examples=300)
@pytest.mark.long
def test_what_is_laid_otherwise_is_what_pytorch_gives(
    given_: tuple[tuple[int, int, int], list[tuple[str, Any]]],
) -> None:
    """As long as no reshape falls between the images; then it is said."""
    shape, done = given_
    planes = torch.arange(N * prod(shape)).reshape(N, *shape)
    for (what, _), (x, layout) in zip(done, steps(planes, done), strict=False):
        if layout is None:
            assert what == "reshape"
            return
        assert sizes(layout) == tuple(x.shape)
        assert torch.equal(seen(planes, layout), x)


@given(moves(4), st.data())
@settings(max_examples=200)
@pytest.mark.long
def test_what_is_picked_is_what_pytorch_picks(
    given_: tuple[tuple[int, int, int], list[tuple[str, Any]]], data: Any
) -> None:
    """Numbers, slices, and dimensions that come to it; a copy of it lies as it is said to lie."""
    shape, done = given_
    planes = torch.arange(N * prod(shape)).reshape(N, *shape)
    x, layout = list(steps(planes, done))[-1]
    if layout is None:
        return
    index = tuple(
        data.draw(st.one_of(st.just(slice(None)), st.integers(-size, size - 1), st.just(slice(size // 2, None))))
        for size in x.shape
    )
    found = chosen(layout, index)
    if found is None:
        return
    part, start = found
    assert torch.equal(seen(planes, part, start), x[index])
    how = compact(part, start)
    copied = Arranged(how.legs, how.start, shape, how.shape)(planes)
    assert torch.equal(seen(copied, how.layout), x[index])


@given(SHAPES, st.permutations([1, 2, 3]))
def test_a_copy_in_another_order_is_a_permutation(shape: tuple[int, int, int], places: list[int]) -> None:
    """Each dimension along the place that it is given."""
    planes = torch.arange(N * prod(shape)).reshape(N, *shape)
    how = arranged(usual(shape, N), [0, *places])
    copied = Arranged(how.legs, how.start, shape, how.shape)(planes)
    order = [places.index(place) + 1 for place in (1, 2, 3)]
    assert torch.equal(copied, planes.permute(0, *order))
    assert torch.equal(seen(copied, how.layout), planes)


def test_walks_go_together_in_steps_that_all_of_them_have() -> None:
    """Twelve channels beside three rows of four columns; four beside six do not go."""
    legs = together([Axis(1, 12)], [Axis(2, 3), Axis(3, 4)], None)
    assert legs == [Leg(3, ((1, 4), (2, 1), (0, 0))), Leg(4, ((1, 1), (3, 1), (0, 0)))]
    assert together([Axis(1, 4)], [Axis(2, 6)]) is None


def test_images_are_never_cut() -> None:
    """What falls between two of them is no layout."""
    assert regrouped(usual((3, 2, 1), N), (1, 2, 6)) is not None
    assert regrouped(usual((4, 1, 1), 4), (2, 8)) is None


def test_a_parameter_goes_along_whole_channels_rows_and_columns() -> None:
    """Of tokens, one number each, or one a channel; not of half the channels."""
    layout = regrouped(usual((6, 2, 3), N), (N, 6, 6))
    assert layout is not None
    tokens = (layout[0], layout[2], layout[1])
    assert strides((6, 6), tokens, (6, 2, 3)) == (1, 18, 6)
    assert strides((6,), tokens, (6, 2, 3)) == (1, 0, 0)
    assert strides((1, 6, 1), tokens, (6, 2, 3)) == (0, 3, 1)
    assert strides((), tokens, (6, 2, 3)) == (0, 0, 0)
    assert (
        strides((3, 1), (*usual((6, 2, 3), N)[:1], *regrouped(usual((6, 1, 1), N), (N, 3, 2))[1:]), (6, 1, 1)) is None
    )  # type: ignore[index]
