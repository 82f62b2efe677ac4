"""The verdicts on a table of runs: read, pair, judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from normlab.errors import SpecError
from normlab.stats.looks import Looks
from normlab.stats.verdict import Rules
from normlab.tables import names
from normlab.tables.arms import arms, compared, with_collapses, without_score
from normlab.tables.frames import table
from normlab.tables.judgement import Judgement
from normlab.tables.layout import Form, Layout, layout
from normlab.tables.made import notes as how_made
from normlab.tables.margin import usual
from normlab.tables.pairs import NOTHING, judged
from normlab.tables.runs import runs
from normlab.tables.scored import failed, scored
from normlab.tables.table import Table


def judge(
    results: Any,
    *,
    arm: str | Sequence[str] | None = None,
    seed: str | None = None,
    score: str | None = None,
    margin: float | None = None,
    lower_is_better: bool | None = None,
    level: float = 0.95,
    baseline: str | None = None,
    grown: bool = False,
) -> Judgement:
    """The verdict on every two arms of a table of runs, whoever trained them.

    A run whose score is no finite number, or far worse than its arm's others, failed: no verdict speaks for an arm that
    failed where the other did not, and how often each does is judged by itself.

    The table has a row a run, a row a seed and a column an arm, or a row an arm and a column a seed. Where arms share
    seeds their differences are paired, and judged as those of a study are; where they do not, by Welch's t test. All
    pairs are corrected together, by Holm's procedure.

    Args:
        results: a CSV, JSON or JSON lines file, what another tool has left (a folder of MLflow, Weights & Biases,
            TensorBoard, Lightning or Hydra, a database of MLflow or Optuna, a CSV export of Weights & Biases), a
            DataFrame of pandas or polars, a Table of pyarrow, a list of dictionaries or a dictionary of columns.
        arm: the column that tells the arms apart; of several, crossed, arms are compared that differ in one alone.
        seed: the column with the seeds.
        score: the column with the scores; of a wide table, what its cells are.
        margin: the difference below which arms are as good as each other, above 0, in the unit of the score. None is
            0.1 for accuracies in percent and 0.001 for those from 0 to 1; for other scores no arms are equivalent then.
        lower_is_better: None to go by the score's name.
        level: the confidence of all claims of one kind together, above 0.5 and below 1.
        baseline: the arm that all others are compared with. None compares all.
        grown: whether seeds were added after a verdict on the others was seen, so that it has to hold at every look.

    Raises:
        SpecError: a table that cannot be read, or that leaves open what is what; one that has grown without seeds.
        UnknownName: a column or an arm that is not there.
        MissingPackage: a folder's files are YAML, and PyYAML is not there.
    """
    looks = Looks.grown if grown else Looks.once
    return Criteria(_columns(arm), seed, score, margin, lower_is_better, level, baseline, looks).judged(results)


@dataclass(frozen=True)
class Criteria:
    """By what a table is judged: the arguments of `judge`, how often it is looked at, and up to `most` seeds."""

    arm: tuple[str, ...] = ()
    seed: str | None = None
    score: str | None = None
    margin: float | None = None
    lower_is_better: bool | None = None
    level: float = 0.95
    baseline: str | None = None
    looks: Looks = Looks.once
    most: int | None = None

    def judged(self, results: Any) -> Judgement:
        """See `judge`."""
        self._within()
        told = table(results)
        found = layout(told, self.arm, self.seed, self.score)
        read, gone = scored(told, found)
        made, ends = runs(read, found)
        notes = (*read.origin.notes, *(gone or failed(made, found)), *without_score(found, made))
        lower = _direction(found, read) if self.lower_is_better is None else self.lower_is_better
        of_score = usual(found.score, made)  # also where a margin is given: it looks at the scores
        margin = of_score if self.margin is None else self.margin
        known = [with_collapses(arm, margin, lower=lower) for arm in arms(found, made, read.where, notes)]
        notes = (*notes, *how_made(read, found, known))
        rules = Rules(
            self.level, NOTHING if margin is None else margin, looks=self.looks, higher=not lower, most=self.most
        )
        pairs = judged(compared(known, self.baseline), margin, rules)
        kind = read.origin.kind
        return Judgement(
            read.where, found, lower, margin, self.level, tuple(known), pairs, ends, self.looks, kind, notes
        )

    def check(self) -> None:
        """Raise `SpecError` for what no runs can be judged by: a score that nobody says the way of, for one."""
        self._within()
        if self.lower_is_better is None and names.lower_is_better(self.score or "") is None:
            raise SpecError(f"{self.score}: is higher or lower better? say lower_is_better=True or False")

    def _within(self) -> None:
        if self.margin is not None and not 0 < self.margin < float("inf"):
            raise SpecError(f"margin: expected a number above 0, in the unit of the score, got {self.margin:g}")
        if not 0.5 < self.level < 1:
            raise SpecError(f"level: expected a number above 0.5 and below 1, for instance 0.95, got {self.level:g}")


def _columns(arm: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if arm is None else (arm,) if isinstance(arm, str) else tuple(arm)


def _direction(found: Layout, read: Table) -> bool:
    """Whether lower is better, by what the tool says or by the score's name."""
    score, where = found.score, read.where
    known = None if score is None else read.origin.lower.get(score, names.lower_is_better(score))
    if known is None:
        ways = "--higher-is-better or --lower-is-better"
        wide = "" if found.form is Form.long else f", or what the cells are: --score accuracy (read as {_read(found)})"
        raise SpecError(f"{where}: {found.score or 'scores'}: is higher or lower better? say {ways}{wide}")
    return known


def _read(found: Layout) -> str:
    more = ", …" if len(found.cells) > 3 else ""
    return f"{found.form.value}: {', '.join(found.cells[:3])}{more}"
