"""Preprocessings of an image as a page: pictures, histograms, cumulative curves and a table of levels."""

from __future__ import annotations

from normlab.explanation.images import charts
from normlab.explanation.images.facts import ImageFacts
from normlab.explanation.images.words import ABOUT, HEAD, levels, pixel, spelled, summary
from normlab.explanation.sheet import Notes, Pictures, Section, Sheet, Table
from normlab.show.pictures import data_uri

SIDE = 112
"""Pixels of a picture's side, about."""


def sheet(found: ImageFacts) -> Sheet:
    """The page."""
    _, row, column = pixel(found)
    lines = tuple((treated.kind, spelled(found, treated)) for treated in found.treated)
    arithmetic = Notes(f"The pixel in row {row + 1}, column {column + 1}.", lines)
    sections = (
        Section("Side by side", (_pictures(found), _about(found))),
        Section("Distributions", (charts.histograms(found), charts.cumulative(found), _summary(found))),
        Section("Levels", (_levels(found), arithmetic)),
    )
    return Sheet(found.name, "What each preprocessing makes of its levels before a network sees them.", sections)


def _pictures(found: ImageFacts) -> Pictures:
    scale = max(1, SIDE // found.image.shape[-1])
    shown = tuple((data_uri(treated.levels, scale), treated.kind, "") for treated in found.treated)
    sentence = "Levels from 0, black, to 255, white. Mean and std change no picture, only what its levels are called."
    return Pictures("", sentence, shown)


def _about(found: ImageFacts) -> Notes:
    return Notes("What they do.", tuple((treated.kind, ABOUT[treated.kind]) for treated in found.treated))


def _summary(found: ImageFacts) -> Table:
    rows = tuple((treated.kind, *summary(treated)) for treated in found.treated)
    return Table("What a network sees, in numbers; the last column counts distinct levels.", ("", *HEAD), rows)


def _levels(found: ImageFacts) -> Table:
    head, rows = levels(found)
    return Table(
        "Some levels of the stored image, how many pixels have them, and what becomes of them.", head, tuple(rows)
    )
