"""Preprocessings of an image as one reads them in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from rich.columns import Columns
from rich.console import ConsoleRenderable, Group
from rich.text import Text

from normlab.explanation.blocks import bars, picture
from normlab.explanation.images.facts import ImageFacts, Treated
from normlab.explanation.images.words import ABOUT, HEAD, levels, pixel, spelled, summary
from normlab.explanation.shown import section, table

BINS = 24


def parts(found: ImageFacts) -> Iterator[ConsoleRenderable]:
    """What is printed, from top to bottom."""
    yield Text(found.name, style="bold")
    yield Columns([_picture(treated) for treated in found.treated], padding=(1, 3))
    yield Text(f"\nWhat a network sees, in {BINS} bins from the smallest to the largest", style="bold")
    yield _curves(found)
    yield Text("\nLevels, and what becomes of them", style="bold")
    yield _levels(found)
    _, row, column = pixel(found)
    arithmetic = [f"{treated.kind}: {spelled(found, treated)}" for treated in found.treated]
    yield from section(f"The pixel in row {row + 1}, column {column + 1}", arithmetic)
    yield from section("What they do", [f"{treated.kind}: {ABOUT[treated.kind]}" for treated in found.treated])


def _picture(treated: Treated) -> Group:
    """The levels themselves of a small image, shades of a larger one."""
    _, height, width = treated.levels.shape
    if width <= 8 and height <= 8:
        lines = [" ".join(f"{level:3}" for level in row) for row in treated.levels[0]]
    else:
        lines = picture(treated.levels)
    return Group(Text(treated.kind, style="bold"), *(Text(line) for line in lines))


def _curves(found: ImageFacts) -> ConsoleRenderable:
    rows = table("", "histogram (roots)", "cumulative", *HEAD, left=3)
    for treated in found.treated:
        counts, _ = np.histogram(treated.seen, BINS)
        rows.row(treated.kind, bars(counts), bars(counts.cumsum() ** 2), *summary(treated))
    return rows


def _levels(found: ImageFacts) -> ConsoleRenderable:
    head, lines = levels(found)
    rows = table(*head, left=0)
    for line in lines:
        rows.row(*line)
    return rows
