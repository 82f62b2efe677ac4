"""Every chart of a comparison or a run, defined once in Vega-Lite for the page, for notebooks, for PNG and SVG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from normlab.analysis import Facts
from normlab.records import RunRecord
from normlab.report.charts import panels, path, single
from normlab.report.charts.crossed import maps
from normlab.report.charts.differences import differences
from normlab.report.charts.dose import doses
from normlab.report.charts.few import few
from normlab.report.charts.finals import finals
from normlab.report.charts.steps import steps
from normlab.report.charts.trials import trials
from normlab.show import output
from normlab.show.drawing import png, save_png, svg
from normlab.show.figure import Figure

if TYPE_CHECKING:
    from normlab.show.figure import Drawing

__all__ = ["Figure", "curves", "figures", "save", "save_png"]


def figures(facts: Facts) -> list[Figure]:
    """The charts of a comparison, most important first; none without a finished run."""
    from altair.utils import schemapi

    if not facts.finished:
        return []
    # Altair checks every data row against a schema whenever a part joins a chart: seconds for a thousand runs. The
    # tests check each chart once instead.
    with schemapi.debug_mode(arg=False):
        shown = few(facts)
        paired = [differences(shown, facts)] if any(contrast.differences for contrast in shown.contrasts) else []
        scaled = [steps(facts)] if any(row.arm.recipe.penalty.lam for row in facts.scale) else []
        first = [*path.charts(facts), finals(shown), *paired]
        if facts.paths:
            return [*first, *scaled]
        curved = [panels.panels(shown, measure) for measure in panels.measures(shown)]
        return [*first, *doses(facts), *maps(facts), *trials(facts), *curved, *scaled]


def save(facts: Facts, folder: Path, form: Literal["png", "svg"]) -> list[Path]:
    """Put every chart of a comparison into a folder, titled; raises `StoreError` where it cannot be written."""
    return [output.write(folder / f"{figure.name}.{form}", _drawn(figure, form)) for figure in figures(facts)]


def _drawn(figure: Figure, form: Literal["png", "svg"]) -> bytes:
    return png(figure.chart) if form == "png" else svg(figure.chart.to_dict(validate=False)).encode()


def curves(record: RunRecord, judged_on: str = "test") -> Drawing:
    """Accuracy and loss of one run after each epoch, on training and on evaluation images.

    Args:
        record: the run, finished or diverged.
        judged_on: what its evaluation images are called, `Recipe.judged_on`.
    """
    return single.curves(record, judged_on)
