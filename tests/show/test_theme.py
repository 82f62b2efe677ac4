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
    """Seven of each, all different."""
    for choices in (theme.COLOURS, theme.SHAPES, [tuple(dash) for dash in theme.DASHES]):
        assert len(set(choices)) == 7
