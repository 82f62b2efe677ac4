"""Vega-Lite without a browser: PNG and SVG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from normlab.show import output

if TYPE_CHECKING:
    from normlab.show.figure import Drawing


def save_png(chart: Drawing, path: Path, scale: float = 2) -> Path:
    """Draw a chart into a PNG file, `scale` pixels for each of its own; raises `StoreError` if it cannot be written."""
    return output.write(path, png(chart, scale))


def png(chart: Drawing, scale: float = 2) -> bytes:
    """A chart as a PNG, `scale` pixels for each of its own."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(chart.to_dict(validate=False), vl_version=vega_lite(), scale=scale))


def svg(spec: dict[str, Any]) -> str:
    """A Vega-Lite specification as SVG text."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec, vl_version=vega_lite()))


def vega_lite() -> str:
    """The Vega-Lite that Altair writes for, as "6.4"."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
