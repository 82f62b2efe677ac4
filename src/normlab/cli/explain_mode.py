"""Which of its three things `normlab explain` is asked for, and the options that go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

from normlab.errors import SpecError, UnknownName

Mode = Literal["tensor", "networks", "image"]


def mode(names: Sequence[str], *, networks: Mapping[str, object], images: Mapping[str, object]) -> Mode:
    """What is explained, by the names and options that are given.

    Raises `UnknownName` for what is neither a norm nor a preprocessing, and `SpecError` where both are named, or a norm
    with an image but without the layer that it is in.
    """
    norms, kinds = _told_apart(names)
    if norms and kinds:
        raise SpecError(f"{kinds[0]} is done to images and {norms[0]} inside networks: ask for one or the other")
    if option := _first(networks):
        if kinds:
            raise SpecError(f"{kinds[0]} is done to images before any network: leave out {option}")
        return "networks"
    asked = _first(images)
    if norms and asked:
        raise SpecError(
            f"{asked} with {norms[0]}: of which norm in which network? Add --layer, for instance --layer norm3"
        )
    return "image" if kinds or asked else "tensor"


def only(what: str, foreign: Mapping[str, object]) -> None:
    """Raise `SpecError` where an option is given that does not go with what is explained."""
    if option := _first(foreign):
        raise SpecError(f"{option} does not go with {what}: leave it out")


def _first(options: Mapping[str, object]) -> str | None:
    return next((option for option, value in options.items() if value is not None), None)


def _told_apart(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Norms and preprocessings; `none`, which is both, is a norm."""
    from normlab.explanation.preprocessings import PREPROCESSINGS
    from normlab.norms.names import read

    kinds: list[str] = [name for name in names if name in PREPROCESSINGS and name != "none"]
    norms = [name for name in names if name not in kinds]
    for name in norms:
        try:
            read(name)
        except UnknownName:
            if get_close_matches(name, PREPROCESSINGS):
                raise UnknownName("preprocessing", name, PREPROCESSINGS) from None
            raise
    return norms, kinds
