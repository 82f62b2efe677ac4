"""Rows as the data of a chart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import altair as alt


def inline(rows: Iterable[Mapping[str, Any]]) -> alt.InlineData:
    """Data that a chart carries with it.

    Altair copies a list, and all that is in it, with nearly every call that adds to a chart; a tuple it takes as it is.
    """
    import altair as alt

    return alt.InlineData(values=cast("list[Any]", tuple(rows)))
