from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from normlab.errors import SpecError, UnknownName
from normlab.norms import Slot, known, resolve
from normlab.norms import names as names_file
from normlab.norms.names import read

SLOT = Slot("norm1", 8, (4, 4), groups=2)


@pytest.mark.parametrize("name", known())
def test_every_known_name_gives_a_norm(name: str) -> None:
    """Each name builds a module that keeps the shape; its capital letter stands for a number."""
    module = resolve(re.sub("[GKNW]", "4", name))(SLOT)
    assert module(torch.randn(2, 8, 4, 4)).shape == (2, 8, 4, 4)


def test_a_name_says_what_its_statistics_are_over() -> None:
    """Each kind by what it is asked for; only names that packages register are left out."""
    found = {kind: read(re.sub("[GKNW]", "4", kind)) for kind in known()}
    assert {kind for kind, name in found.items() if name.over_images} == {"bn", "brn", "brn:W", "gbn:N"}
    assert {kind for kind, name in found.items() if name.pointwise} == {"none", "dyt"}
    assert {kind for kind, name in found.items() if name.root_mean_square} == {"rms", "frn"}
    groups = {"gn", "gn:G", "gn:cpg=K", "ws+gn:G", "evonorm-s0", "evonorm-s0:G"}
    assert {kind for kind, name in found.items() if name.over_groups} == groups


def test_the_names_are_those_of_the_documentation() -> None:
    """The file's docstring explains each name that there is."""
    first_words = {line.split()[0] for line in (names_file.__doc__ or "").splitlines()[2:-2]}
    assert {re.sub("[GNW]", "4", name).replace("K", "8") for name in known()} == first_words


@pytest.mark.parametrize("name", ["gn:", "gn:0", "gn:-2", "gn:x", "gn:4.0", "gn: 4", "gn:04", "gn:٤", "gn:4\n"])
def test_groups_are_a_number_of_at_least_one(name: str) -> None:
    """What follows `gn:` is a count, in its one spelling; the error says what may stand there."""
    with pytest.raises(SpecError, match=r"expected gn:G \(G groups\) or gn:cpg=K .* at least 1") as caught:
        resolve(name)
    assert repr(name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["gn:cpg=0", "gn:cpg=", "gn:cpg=-1", "gn:cpg=x", "gn:cpg=08", "gn:cpg:8", "gn:4=cpg"])
def test_channels_a_group_are_a_number_of_at_least_one(name: str) -> None:
    """What follows `gn:cpg=` is a count too."""
    with pytest.raises(SpecError, match="at least 1"):
        resolve(name)


@pytest.mark.parametrize("kind", ["gbn", "brn", "evonorm-s0"])
@pytest.mark.parametrize("count", ["", "0", "-1", "x", "04", "cpg=2", "4:4"])
def test_every_other_number_is_at_least_one_too(kind: str, count: str) -> None:
    """The error says what the number of this norm is."""
    with pytest.raises(SpecError, match=f"norm '{kind}:{count}': expected {kind}:[GNW] .* at least 1"):
        resolve(f"{kind}:{count}")


def test_ghost_batch_norm_needs_its_number() -> None:
    """It has no usual one."""
    with pytest.raises(SpecError, match=r"norm 'gbn': expected gbn:N \(N images that share statistics\)"):
        resolve("gbn")


@pytest.mark.parametrize("name", ["ws+none", "ws+ws+gn:4"])
def test_standardized_kernels_feed_a_norm(name: str) -> None:
    """Once, and not the control arm."""
    with pytest.raises(SpecError, match=r"expected ws\+ once, before a norm that divides, such as ws\+gn:4"):
        resolve(name)


@pytest.mark.parametrize("behind", ["bn", "gn", "gn:4", "gn:cpg=2", "gbn:4", "rms"])
def test_behind_standardized_kernels_the_norm_is_the_same(behind: str) -> None:
    """`ws+` changes the kernels in front, which are no business of the slot."""
    assert repr(resolve(f"ws+{behind}")(SLOT)) == repr(resolve(behind)(SLOT))


@pytest.mark.parametrize(
    ("given_name", "near"),
    [
        ("bm", "bn"),
        ("BN", None),
        ("batch", None),
        ("ln-chv", "ln-chw"),
        ("rsm", "rms"),
        ("evonorm", "evonorm-s0"),
        ("gbm", "gbn:N"),
        ("", None),
    ],
)
def test_an_unknown_name_lists_its_neighbours_and_all_names(given_name: str, near: str | None) -> None:
    """The nearest name is suggested first where there is one, and all names stand in the message."""
    with pytest.raises(UnknownName, match=f"unknown norm {given_name!r}: ") as caught:
        resolve(given_name)
    message = str(caught.value)
    assert all(name in message for name in known())
    if near:
        assert f"did you mean {near}" in message


@given(
    st.one_of(
        st.text(max_size=10),
        st.tuples(st.sampled_from(["gn:", "gbn:", "brn:", "ws+"]), st.text(max_size=4)).map("".join),
    )
)
@pytest.mark.long
def test_any_text_is_a_norm_or_a_spec_error(text: str) -> None:
    """No name, however odd, ends in another exception."""
    with suppress(SpecError):
        assert callable(resolve(text))


def test_a_callable_is_given_the_channels() -> None:
    """Any `channels -> Module` is a norm, a class too."""
    assert resolve(nn.BatchNorm2d)(SLOT).num_features == 8
    module = resolve(lambda channels: nn.GroupNorm(2, channels))(SLOT)
    assert (module.num_groups, module.num_channels) == (2, 8)


@pytest.mark.slow
def test_a_name_is_read_without_pytorch() -> None:
    """What a name means, and whether its groups fit, is known before anything heavy is imported."""
    asked = "from normlab.norms.names import read; read('gn:cpg=2').split(6, 'norm1')"
    code = f"import sys; {asked}; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
