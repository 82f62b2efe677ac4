"""What a suite has come to: a study on each of several data sets, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from normlab.analysis.across import Across, across
from normlab.verbs.results import StudyResult

if TYPE_CHECKING:
    from normlab.suites.said import Said


@dataclass(frozen=True)
class SuiteResult:
    """A suite as far as it has come, its folder and its report over all data sets. Shows itself in a notebook.

    `studies` are the results on each data set, in the suite's order, each with a report of its own; `kept` runs were
    there before, `trained` came with this call.
    """

    name: str
    labels: tuple[str, ...]
    studies: Sequence[StudyResult]
    folder: Path
    report: Path

    @property
    def kept(self) -> int:
        """Of all studies together."""
        return sum(study.kept for study in self.studies)

    @property
    def trained(self) -> int:
        """Of all studies together."""
        return sum(study.trained for study in self.studies)

    @cached_property
    def across(self) -> Across:
        """Every pair on each data set, over all of them, and from one to another."""
        return across(self.labels, [study.comparison for study in self.studies])

    @cached_property
    def said(self) -> Said:
        """All that there is to say of it."""
        from normlab.suites.said import said

        names = [study.comparison.study.name for study in self.studies]
        return said(self.name, names, self.across, [study.comparison for study in self.studies])

    def table(self, form: str = "markdown") -> str:
        """Pairs by data sets as `json` (all numbers), `csv` or `markdown`; `UnknownName` for another form."""
        from normlab.suites.tables import table

        return table(self.said, form, kept=self.kept, trained=self.trained)

    def findings(self) -> list[str]:
        """What the numbers carry, a sentence each: over all data sets, whether they matter, then each."""
        from normlab.suites.words import findings

        return findings(self.said)

    def __repr__(self) -> str:
        return f"SuiteResult({self.name!r}, {' · '.join(self.labels)}, {self.folder})"

    def _repr_html_(self) -> str:
        from normlab.suites.page import fragment

        return fragment(self.said)
