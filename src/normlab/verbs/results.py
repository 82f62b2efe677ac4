"""What verbs give back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from normlab.errors import StoreError, UnknownName
from normlab.records import Comparison, RunRecord

if TYPE_CHECKING:
    from normlab.report.exports import Exported
    from normlab.show.figure import Drawing


@dataclass(frozen=True)
class StudyResult:
    """A study as far as it has come, its folder and its report. Shows itself in a notebook.

    `kept` runs were there before, `trained` came with this call. `unwritten` is why a report that was only to be read
    again could not be written, empty where it was.
    """

    comparison: Comparison
    folder: Path
    report: Path
    kept: int = 0
    trained: int = 0
    unwritten: str = ""

    def table(self, form: str = "markdown") -> str:
        """The table of arms as `json`, `csv`, `markdown` or `latex`."""
        from normlab.report.tables import table

        return table(self.comparison, form, kept=self.kept, trained=self.trained)

    def frame(self, what: str = "runs") -> Any:
        """A tidy table: a pandas DataFrame, where pandas is missing a polars one, where that is, a pyarrow Table.

        Accuracies are percent, `outcome` and differences in the outcome's unit, seconds wall time; names are those of
        `table("json")`.

        Args:
            what: `runs` has a row for each run: arm, the value of each factor, seed, final accuracy, what arms are
                judged by and what else it came to; empty scores where it diverged. `epochs` has one for each epoch of
                each run, `differences` one for each seed of a pair of arms, `first` − `second`.

        Raises:
            UnknownName: for another table.
            MissingPackage: none of pandas, polars and pyarrow is installed.
        """
        from normlab.report.frames import frame

        return frame(self.comparison, what)

    def plot(self, name: str = "differences") -> Drawing:
        """The chart of the report that is called so, for Altair and notebooks.

        Raises:
            UnknownName: there is no such chart; it names those that there are.
            StoreError: no run is finished yet, so there is none.
        """
        from normlab.report.charts import figures
        from normlab.report.view import build

        charts = {figure.name: figure.chart for figure in figures(build(self.comparison).facts)}
        if not charts:
            study = self.comparison.study.name
            raise StoreError(f"no chart of {study}: no run is finished; train first: normlab compare {study}")
        if name not in charts:
            raise UnknownName("chart", name, charts)
        return charts[name]

    def export(self, to: str, path: str | Path | None = None) -> Exported:
        """Write all numbers for other programs; see `normlab.export_numbers` for the forms and what is raised."""
        from normlab.report.exports import write

        return write(self.comparison, to, Path(path) if path is not None else self.folder / "export" / to)

    def findings(self) -> list[str]:
        """What the numbers carry, a sentence each."""
        from normlab.report.view import build

        return list(build(self.comparison).findings)

    def save_charts(self, folder: str | Path, form: Literal["png", "svg"] = "png") -> list[Path]:
        """Put every chart into a folder as `png` or `svg`."""
        from normlab.analysis import gather
        from normlab.report import charts

        return charts.save(gather(self.comparison), Path(folder), form)

    def __repr__(self) -> str:
        return f"StudyResult({self.comparison.extent}, {self.folder})"

    def _repr_html_(self) -> str:
        from normlab.report.html import fragment

        return fragment(self.comparison, self.folder.parent)


@dataclass(frozen=True)
class TrainResult:
    """One trained run, its folder and its pictures. Shows itself in a notebook."""

    record: RunRecord
    comparison: Comparison
    folder: Path
    curves: Path
    mistakes: Path

    def __repr__(self) -> str:
        name, final = self.record.job.name, self.record.final
        return f"TrainResult({name!r}, {final.judged_accuracy:.2f}% after epoch {final.epoch}, {self.folder})"

    def _repr_html_(self) -> str:
        from normlab.report.html import fragment

        return fragment(self.comparison, self.folder.parent)
