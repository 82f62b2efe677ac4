"""What the accuracies of single classes have to say, above their table."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis.classes import Classes, Extremes
from normlab.show.numbers import listing, percent

TOLD = 3
"""Classes that are named; more are counted."""


def sentences(classes: Classes) -> Iterator[str]:
    """Classes far below the others, and training or judged images that are imbalanced."""
    yield from _far(classes)
    yield from _uneven(classes)


def _far(classes: Classes) -> Iterator[str]:
    if not (far := classes.far):
        return
    named = [f"{row.name} ({percent(row.mean)})" for row in far[:TOLD]]
    more = [f"{len(far) - TOLD} more"] if len(far) > TOLD else []
    yield (
        f"Far below the other classes, whose median is {percent(classes.median)}: {listing([*named, *more])}, mean "
        "over the arms."
    )


def _uneven(classes: Classes) -> Iterator[str]:
    if classes.uneven:
        yield f"The training images are imbalanced: {_ratio(classes.uneven)}; rare classes are learned from fewer."
    if classes.uneven_judged:
        yield (
            f"The judged images are imbalanced: {_ratio(classes.uneven_judged)}; overall accuracy says most about the "
            "classes with the most of them."
        )


def _ratio(extremes: Extremes) -> str:
    (rare, few), (common, many) = extremes
    return f"{few:,} of {rare}, {many:,} of {common}" + (f" (1:{many / few:.0f})" if few else "")
