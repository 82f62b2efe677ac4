"""What verbs give back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from normlab.records import Comparison, RunRecord


@dataclass(frozen=True)
class StudyResult:
    """A study as far as it has come, its folder and its report. Shows itself in a notebook.

    `kept` runs were there before, `trained` came with this call.
    """

    comparison: Comparison
    folder: Path
    report: Path
    kept: int = 0
    trained: int = 0

    def table(self, form: str = "markdown") -> str:
        """The table of arms as `json`, `csv`, `markdown` or `latex`."""
        from normlab.report.tables import table

        return table(self.comparison, form, kept=self.kept, trained=self.trained)

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

        return fragment(self.comparison)


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

        return fragment(self.comparison)
