"""Every chart of a comparison or a run, defined once in Vega-Lite for the page, for notebooks, for PNG and SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from normlab.records import RunRecord
from normlab.report.charts import panels, single
from normlab.report.charts.differences import differences
from normlab.report.charts.drawing import save_png
from normlab.report.charts.figure import Figure
from normlab.report.charts.finals import finals
from normlab.report.facts import Facts

if TYPE_CHECKING:
    from normlab.report.charts.figure import Drawing

__all__ = ["Figure", "curves", "figures", "save_png"]


def figures(facts: Facts) -> list[Figure]:
    """The charts of a comparison, most important first; none without a finished run."""
    if not facts.finished:
        return []
    paired = [differences(facts)] if any(contrast.differences for contrast in facts.contrasts) else []
    return [finals(facts), *paired, *(panels.panels(facts, measure) for measure in panels.measures(facts))]


def curves(record: RunRecord, judged_on: str = "test") -> Drawing:
    """Accuracy and loss of one run after each epoch, on training and on evaluation images.

    Args:
        record: the run, finished or diverged.
        judged_on: what its evaluation images are called, `Recipe.judged_on`.
    """
    return single.curves(record, judged_on)
