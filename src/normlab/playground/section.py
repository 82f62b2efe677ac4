"""The part of a report that one plays in: a sheet, what the networks say of what is on it, and all that they need."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from normlab.playground.arms import Arms
from normlab.records import Comparison
from normlab.show import numbers, pictures
from normlab.show.section import Section

if TYPE_CHECKING:
    from jinja2 import Template

SCRIPTS = ("weights.js", "network.js", "picture.js", "sheet.js", "votes.js", "channels.js", "page.js")
"""In the order in which they need each other."""
LONGER = 280
"""Pixels of the sheet's longer side."""
SAMPLES = 10
"""Classes that have an image to begin with."""


def section(comparison: Comparison, arms: Arms, habits: Mapping[str, Any]) -> Section:
    """The part as a report takes it in.

    Args:
        comparison: the study; its images are those to begin with, one a class.
        arms: the networks.
        habits: what a picture is made like, by the names that `picture.js` has: `dark`, `box`, `centre`, and `own`
            where the data set's images were picture files of one's own.
    """
    shape, voting = comparison.images.shape[1:], sum(len(arm["runs"]) for arm in arms.playing)
    finished = sum(arm["finished"] for arm in arms.playing)
    markup = _template().render(
        arms=arms,
        voters=_voters(voting, finished),
        voting=voting,
        finished=finished,
        shape=shape,
        draws=shape[0] == 1,
        digits=list(comparison.classes) == [str(digit) for digit in range(10)],
        side=[round(LONGER * size / max(shape[1:])) for size in (shape[2], shape[1])],
        samples=_samples(comparison),
        judged="Held-out" if comparison.study.recipe.holdout else "Test",
        data={"classes": [*comparison.classes], "shape": shape, "habits": habits, "arms": arms.playing},
        scripts=SCRIPTS,
        read=_read,
    )
    return Section(_read("playground.css"), markup)


def _voters(voting: int, finished: int) -> str:
    whole = "The finished run" if finished == 1 else f"All {finished} finished runs"
    return whole if voting == finished else f"{voting} of {numbers.plural(finished, 'finished run')}"


def _samples(comparison: Comparison) -> list[dict[str, Any]]:
    """The first image of each class."""
    found = [np.flatnonzero(comparison.labels == label) for label in range(min(SAMPLES, len(comparison.classes)))]
    return [
        {"name": comparison.classes[label], "image": comparison.images[places[0]]}
        for label, places in enumerate(found)
        if len(places)
    ]


def _read(name: str) -> str:
    return (resources.files("normlab.playground") / name).read_text("utf-8")


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    options: dict[str, Any] = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    environment = Environment(undefined=StrictUndefined, **options)  # noqa: S701 - it escapes
    environment.filters["picture"] = pictures.data_uri
    return environment.from_string(_read("section.html.j2"))
