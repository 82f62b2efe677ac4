"""A layer's explanation as a page: the image, distributions, channels, feature maps and numbers."""

from __future__ import annotations

from normlab.explanation.blocks import grey
from normlab.explanation.layers import charts
from normlab.explanation.layers.facts import LayerFacts
from normlab.explanation.layers.layer import Layer
from normlab.explanation.layers.words import HEAD, answer, numbers, spelled, summary
from normlab.explanation.sheet import Pictures, Section, Sheet, Table
from normlab.show.numbers import fixed
from normlab.show.pictures import data_uri


def sheet(found: LayerFacts) -> Sheet:
    """The page."""
    figures = (charts.before(found), charts.after(found), charts.channels(found))
    sections = (
        Section("The image", (_image(found), _answers(found))),
        Section("Distributions", (*figures[:2], _summaries(found))),
        Section("Channels", (figures[2], *(part for layer in found.layers for part in _maps(layer)))),
        Section("The numbers", tuple(part for layer in found.layers for part in _numbers(layer))),
    )
    return Sheet(found.title, found.origin, sections)


def _image(found: LayerFacts) -> Pictures:
    shown = ((data_uri(found.image, scale=4), "the image", found.label),)
    return Pictures("", "The image, black at its lowest level and white at its highest.", shown)


def _answers(found: LayerFacts) -> Table:
    rows = tuple((layer.name, *answer(layer)) for layer in found.layers)
    return Table("What each network says of it.", ("network", "class", "probability"), rows)


def _summaries(found: LayerFacts) -> Table:
    rows = tuple(
        (f"{layer.name}, {stage}", *summary(values))
        for layer in found.layers
        for stage, values in zip(charts.STAGES, (layer.x, layer.y), strict=True)
    )
    head = ("", "mean", "standard deviation", "smallest", "largest", "exact zeros")
    return Table("The distributions in numbers.", head, rows)


def _maps(layer: Layer) -> tuple[Pictures, ...]:
    """The channels as pictures."""
    return tuple(
        Pictures(
            f"{layer.name}, {stage} the norm",
            f"Each channel as a picture, black at {fixed(values.min(), 2)} and white at {fixed(values.max(), 2)}.",
            tuple((data_uri(map_[None], scale=4), f"channel {i}", "") for i, map_ in enumerate(grey(values), start=1)),
        )
        for stage, values in zip(charts.STAGES, (layer.x, layer.y), strict=True)
    )


def _numbers(layer: Layer) -> tuple[Table | str, ...]:
    if layer.worked.name.kind == "none":
        return tuple(spelled(layer))
    rows = tuple((str(channel + 1), *numbers(layer, channel)) for channel in range(len(layer.x)))
    return Table(f"{layer.name}: what each channel is moved and scaled by.", ("channel", *HEAD), rows), *spelled(layer)
