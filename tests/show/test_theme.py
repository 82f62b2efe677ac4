from __future__ import annotations

from typing import Any

import pytest

from normlab.show import theme
from normlab.spec import Arm, design


def looks(**options: Any) -> dict[str, tuple[str, str]]:
    """Hue and pattern of every arm of a study."""
    arms: tuple[Arm, ...] = design(**options).arms
    return {arm.name: (theme.hue(arms, arm), theme.pattern(arms, arm)) for arm in arms}


def test_an_arm_has_the_colour_of_the_one_without_a_penalty() -> None:
    """The pattern tells them apart."""
    assert looks(norms=["bn", "ln"], l1=[0, 1e-4]) == {
        "bn": ("bn", "no penalty"),
        "ln": ("ln", "no penalty"),
        "bn + L1 0.0001": ("bn", "L1 0.0001"),
        "ln + L1 0.0001": ("ln", "L1 0.0001"),
    }


def test_penalties_of_one_network_have_a_colour_for_each_kind() -> None:
    """There is nothing else to colour by."""
    hues = {name: hue for name, (hue, _) in looks(norms="bn", penalty=["prox", "spred"], l1=[0, 1e-4, 1e-3]).items()}
    assert hues == {
        "bn": "no penalty",
        "bn + prox 0.0001": "prox",
        "bn + spred 0.0001": "spred",
        "bn + prox 0.001": "prox",
        "bn + spred 0.001": "spred",
    }


@pytest.mark.parametrize("sizes", [[16, 64, 256], [4, 8, 16, 32, 64, 128]])
def test_many_arms_are_coloured_by_their_norm(sizes: list[int]) -> None:
    """At most seven hues; the pattern stands for all the rest, and no two arms look alike."""
    found = looks(norms=["bn", "ln", "in", "gn:2", "none"], batch_size=sizes)
    assert {hue for hue, _ in found.values()} == {"bn", "ln", "in", "gn:2", "none"}
    assert len(set(found.values())) == len(found) == 5 * len(sizes)


def test_there_is_a_mark_and_a_dash_for_each_colour() -> None:
    """All different; thirty dashes, for what has no colour of its own."""
    assert len(set(theme.COLOURS)) == len(set(theme.SHAPES)) == 7
    assert len({tuple(dash) for dash in theme.DASHES}) == len(theme.DASHES) == 30


def test_no_dash_is_another_one_repeated() -> None:
    """It would look the same."""
    assert len({tuple((dash * 90)[:90]) for dash in theme.DASHES}) == 30


def test_a_stroke_is_what_the_channels_give() -> None:
    """Arms of one hue have one colour, of one pattern one dash."""
    strokes = theme.strokes(design(norms=["bn", "ln"], l1=[0, 1e-4]).arms)
    assert strokes["bn"].colour == strokes["bn + L1 0.0001"].colour != strokes["ln"].colour
    assert strokes["bn"].dash == strokes["ln"].dash == [1, 0] != strokes["ln + L1 0.0001"].dash


def test_twenty_eight_arms_of_one_colour_have_as_many_dashes() -> None:
    """A line is known by its dashes alone."""
    strokes = theme.strokes(design(norms="bn", l1=[0, *(1e-6 * step for step in range(1, 28))]).arms)
    assert len({tuple(stroke.dash) for stroke in strokes.values()}) == 28
