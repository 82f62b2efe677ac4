"""The comparison as one page that opens anywhere without a network: findings, tables, charts, mistakes, provenance."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normlab.records import NEAR_ZERO, Comparison
from normlab.report import charts, images, tables
from normlab.report.view import View, build
from normlab.show import drawing, numbers, output, pictures, theme
from normlab.show.plates import plate

if TYPE_CHECKING:
    from jinja2 import Environment

    from normlab.faults import Finding


def write(comparison: Comparison, path: Path, faults: Sequence[Finding] | None = None) -> Path:
    """Put the page at `path`, whole or not at all; raises `StoreError` when it cannot be written."""
    return output.write(Path(path), render(comparison, faults).encode())


def render(comparison: Comparison, faults: Sequence[Finding] | None = None) -> str:
    """The page as text, with what the lint found of the study, if it looked; the same gives the same page."""
    view = build(comparison)
    plates = [plate(figure) for figure in charts.figures(view.facts)]
    more = {"plates": plates, "bundle": drawing.bundle(), "payload": tables.payload(view), "faults": faults}
    return _page(view, "report.html.j2", **more)


def fragment(comparison: Comparison) -> str:
    """Headline, table and findings without scripts, for a notebook."""
    return _page(build(comparison), "fragment.html.j2")


def _page(view: View, template: str, **more: Any) -> str:
    version = metadata.version("normlab")
    return _environment().get_template(template).render(view=view, facts=view.facts, version=version, **more)


@cache
def _environment() -> Environment:
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader([PackageLoader("normlab.report"), PackageLoader("normlab.show")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "chance": numbers.chance,
        "duration": numbers.duration,
        "estimate": numbers.estimate,
        "fixed": numbers.fixed,
        "signed": numbers.signed,
        "span": numbers.span,
        "plural": numbers.plural,
        "penalty": theme.penalty,
        "picture": pictures.data_uri,
        "sentence": images.sentence,
    }
    environment.globals |= {"NEAR_ZERO": NEAR_ZERO, "MISSING": numbers.MISSING}
    return environment
