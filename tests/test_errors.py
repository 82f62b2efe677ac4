from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlab import errors
from normlab.errors import DamagedRun, GroupsError, NormlabError, SpecError, UnknownName

EVERY = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, NormlabError)]
BUILT = [
    UnknownName("norm", "bm", ["bn", "ln"]),
    GroupsError("norm2", 18, "gn:4"),
    DamagedRun({"5f" * 32: "bn · seed 3"}, {"5f" * 32: "its row was changed"}),
    *(kind("what came; the way out") for kind in EVERY if kind not in (UnknownName, GroupsError, DamagedRun)),
]


@pytest.mark.parametrize("error", BUILT, ids=lambda error: type(error).__name__)
def test_an_error_comes_whole_from_another_process(error: NormlabError) -> None:
    """Pickling keeps the type, the message and the exit code."""
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.exit_code == error.exit_code


@pytest.mark.parametrize("error", BUILT, ids=lambda error: type(error).__name__)
def test_a_message_is_one_line(error: NormlabError) -> None:
    """The command line prints an error on one line."""
    assert str(error)
    assert "\n" not in str(error)


def test_the_docstring_draws_every_error() -> None:
    """The tree in the module's docstring leaves none out."""
    drawn = errors.__doc__ or ""
    assert all(kind.__name__ in drawn for kind in EVERY)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_bad_specs_and_devices_exit_with_2(kind: type[NormlabError]) -> None:
    """What the user wrote wrong exits with 2, as a wrong option does; what went wrong on the way exits with 1."""
    wrong_input = issubclass(kind, SpecError | errors.DeviceError)
    assert kind.exit_code == (2 if wrong_input else 1)


def test_an_unknown_name_comes_with_its_neighbours_and_all_names() -> None:
    """The nearest names stand first, then all of them in order."""
    text = str(UnknownName("model", "leen", ["lean", "course"]))
    assert text == "unknown model 'leen': did you mean lean? models are course, lean"


def test_a_name_like_no_other_comes_without_a_guess() -> None:
    """A far-off name gets the list only."""
    assert str(UnknownName("model", "zzzz", ["lean", "course"])) == "unknown model 'zzzz': models are course, lean"


@given(st.integers(1, 200))
def test_the_valid_groups_are_the_divisors(channels: int) -> None:
    """A groups error offers exactly the numbers that divide the channels, and names the layer and what was asked."""
    text = str(GroupsError("norm3", channels, "gn:7"))
    offered = text.partition("can be split into ")[2].removesuffix(" groups").split(", ")
    assert [int(number) for number in offered] == [g for g in range(1, channels + 1) if channels % g == 0]
    assert text.startswith(f"gn:7 does not fit layer norm3: its {channels} channels")
