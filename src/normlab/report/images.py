"""Misclassified images as pictures: thumbnails for a page, and the grid of two rows of five as a PNG file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from normlab.analysis.mistakes import Gallery, Mistake, of_run
from normlab.records import Comparison, RunRecord
from normlab.show import drawing, theme
from normlab.show.figure import titled
from normlab.show.numbers import fixed
from normlab.show.pictures import data_uri
from normlab.show.rows import inline

if TYPE_CHECKING:
    from normlab.show.figure import Drawing

COLUMNS = 5
THUMB, CELL, ROW = 112, 132, 164
"""Pixels: a thumbnail's side, and the width and height of its place in the grid."""


def grid_png(comparison: Comparison, record: RunRecord, scale: float = 2) -> bytes:
    """The grid of a finished run's most confident mistakes as a PNG, `scale` pixels for each of its own."""
    return drawing.png(grid(of_run(comparison, record)), scale)


def grid(gallery: Gallery) -> Drawing:
    """The grid of a gallery as a chart: true → predicted, the predicted class's probability, the image's index."""
    import altair as alt

    rows = [_cell(place, mistake) for place, mistake in enumerate(gallery.mistakes)]
    lines = max(1, -(-len(rows) // COLUMNS))
    base = alt.Chart(inline(rows)).encode(
        x=alt.X("column:Q", axis=None, scale=alt.Scale(domain=[0, COLUMNS], nice=False)),
        y=alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[0, lines], nice=False, reverse=True)),
    )
    pictures = base.mark_image(width=THUMB, height=THUMB, align="left", baseline="top").encode(url="url:N")
    words = base.mark_text(align="left", baseline="top", dy=THUMB + 6, fontSize=13, fontWeight="bold", limit=CELL - 8)
    notes = base.mark_text(align="left", baseline="top", dy=THUMB + 24, fontSize=11, limit=CELL - 4)
    layers = [
        pictures,
        words.encode(text="confusion:N", color=alt.value(theme.INK)),
        notes.encode(text="note:N", color=alt.value(theme.MUTED)),
    ]
    chart = alt.LayerChart(layer=layers).properties(width=COLUMNS * CELL, height=lines * ROW if rows else 1)
    key = " Below each: true → predicted class, its probability p, and the image's place #." if rows else ""
    return titled(chart, f"Misclassified by {gallery.title}", sentence(gallery) + key)


def sentence(gallery: Gallery) -> str:
    """How many images are wrong, and in which order they are shown."""
    images = f"{gallery.judged_on} images"
    if not gallery.ever:
        return f"No mistake on {gallery.images:,} {images}."
    if gallery.runs == 1:
        return f"{gallery.ever:,} of {gallery.images:,} {images} are wrong; the most confident mistakes first."
    return (
        f"{gallery.ever:,} of {gallery.images:,} {images} are missed by some run, {gallery.always:,} by all "
        f"{gallery.runs}; the most often missed first."
    )


def _cell(place: int, mistake: Mistake) -> dict[str, Any]:
    row, column = divmod(place, COLUMNS)
    enlarged = data_uri(mistake.image, scale=max(1, 4 * THUMB // mistake.image.shape[-1]))
    return {"column": column, "row": row, "url": enlarged, **_words(mistake)}


def _words(mistake: Mistake) -> dict[str, str]:
    return {
        "confusion": f"{mistake.true} → {mistake.predicted}",
        "note": f"p = {fixed(mistake.probability)}, #{mistake.index}",
    }
