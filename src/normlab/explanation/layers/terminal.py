"""A layer's explanation as one reads it in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from rich.console import ConsoleRenderable, Group
from rich.text import Text

from normlab.explanation.about import NORMS
from normlab.explanation.blocks import bars, picture
from normlab.explanation.layers.facts import LayerFacts
from normlab.explanation.layers.layer import Layer
from normlab.explanation.layers.words import HEAD, answer, numbers, spelled, summary
from normlab.explanation.shown import indented, table
from normlab.explanation.worked import Array
from normlab.show.numbers import fixed

BINS, MANY = 36, 12


def parts(found: LayerFacts) -> Iterator[ConsoleRenderable]:
    """What is printed, from top to bottom."""
    yield Text(found.title, style="bold")
    yield Text(found.origin)
    yield Group(*(Text(line) for line in picture(found.image)))
    yield from _distributions("Before the norm", found.layers, [layer.x for layer in found.layers])
    yield from _distributions("After it", found.layers, [layer.y for layer in found.layers])
    for layer in found.layers:
        yield from _one(layer)


def _distributions(head: str, layers: Sequence[Layer], values: Sequence[Array]) -> Iterator[ConsoleRenderable]:
    """A histogram for each norm, all over the same range."""
    low, high = min(each.min() for each in values), max(each.max() for each in values)
    yield Text(
        f"\n{head}: {BINS} bins from {fixed(low, 2)} to {fixed(high, 2)}, heights by the root of the count", "bold"
    )
    rows = table("norm", "distribution", "mean", "sd", "smallest", "largest", "zeros", left=2)
    for layer, each in zip(layers, values, strict=True):
        counts, _ = np.histogram(each, BINS, (low, high))
        rows.row(layer.name, bars(counts), *summary(each))
    yield rows


def _one(layer: Layer) -> Iterator[ConsoleRenderable]:
    """What one norm did to each channel, and one value's arithmetic."""
    kind = NORMS[layer.worked.name.kind]
    said = "{} with p = {}".format(*answer(layer)) if layer.predicted is not None else "no class"
    yield Text(f"\n{layer.name} · {kind.title}: {said}", "bold")
    if layer.worked.name.kind != "none":
        yield _channels(layer)
    yield from indented(spelled(layer))


def _channels(layer: Layer) -> ConsoleRenderable:
    rows = table("channel", *HEAD)
    count = len(layer.x)
    for channel in range(min(count, MANY)):
        rows.row(str(channel + 1), *numbers(layer, channel))
    if count > MANY:
        rows.row(f"… {count - MANY} more")
    return rows
