r"""The arms as a table for a paper: LaTeX for the packages booktabs, `\input` where it is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow, best_first
from normlab.records import Comparison
from normlab.report.latex import row
from normlab.report.view import build
from normlab.report.words.amounts import axis, within
from normlab.report.words.answers import TOO_FEW
from normlab.report.words.failures import counts
from normlab.show.numbers import MISSING, fixed
from normlab.spec.problems import one_line
from normlab.stats.intervals import paired_t
from normlab.stats.verdict import Kind

OTHER = {Kind.better: Kind.worse, Kind.worse: Kind.better}


def write(comparison: Comparison, folder: Path) -> None:
    """`arms.tex`."""
    (folder / "arms.tex").write_text(text(comparison), encoding="utf-8")


def text(comparison: Comparison) -> str:
    """The table, with what its numbers are in comments before it."""
    return "\n".join(_lines(build(comparison).facts)) + "\n"


def _lines(facts: Facts) -> Iterator[str]:
    against = _against(facts)
    yield f"% normlab: study {one_line(facts.study.name)}"
    yield f"% {_measured(facts)}: mean over seeds and the half-width of its own"
    yield f"% {100 * facts.rules.level:g} % interval (Student's t). Verdicts hold together at that confidence, within a"
    margin = within(facts.rules.margin, facts.outcome)
    yield f"% margin of {margin}: differences are paired by seed, which these intervals are not."
    if any(each.failed for each in facts.arms):
        yield "% No verdict speaks for an arm that failed where the other did not: it is withheld."
    if any(len(each.seeds) <= TOO_FEW for each in facts.arms):
        yield "% One or two seeds have no interval that says anything."
    yield r"\begin{tabular}{lrrl}"
    yield r"\toprule"
    yield row(["arm", "seeds", axis(facts.outcome, f"{facts.judged_on} "), f"against {against}"])
    yield r"\midrule"
    for each in facts.arms:
        yield row([each.name, _seeds(each), _score(each, facts), _verdict(facts, each, against)])
    yield r"\bottomrule"
    yield r"\end{tabular}"


def _against(facts: Facts) -> str:
    """The arm that others are told against: the study's baseline, else the one with the best mean."""
    if facts.study.baseline:
        return facts.study.baseline
    return best_first(facts.arms, facts.outcome)[0].name


def _measured(facts: Facts) -> str:
    """What the numbers are, and which way is better where that is not accuracy."""
    outcome, on = facts.outcome, f"on {facts.judged_on} images"
    if facts.study.verdict.usual:
        return f"Accuracy {on} in percent"
    unit = f" in {outcome.unit}" if outcome.unit else ""
    return f"{outcome.title[:1].upper()}{outcome.title[1:]} {on}{unit}, {outcome.better} is better"


def _seeds(arm: ArmRow) -> str:
    """How many runs have an accuracy, and how many failed."""
    return str(len(arm.seeds)) + (f" ({counts(arm)})" if arm.failed else "")


def _score(arm: ArmRow, facts: Facts) -> str:
    """The mean, and how sure it is; of two seeds that may be ±170 points, and is left out."""
    if arm.score is None:
        return MISSING
    digits, values = facts.outcome.digits, arm.score.values
    interval = paired_t(values, facts.rules.level) if len(values) > TOO_FEW else None
    if interval is None:
        return fixed(arm.score.mean, digits)
    return f"{fixed(arm.score.mean, digits)} ± {fixed(interval.width / 2, digits)}"


def _verdict(facts: Facts, arm: ArmRow, against: str) -> str:
    if arm.name == against:
        return MISSING
    kinds = {contrast.arms: contrast.verdict.kind for contrast in facts.contrasts}
    kind = kinds.get((arm.name, against))
    other = kinds.get((against, arm.name))
    if kind is None and other is not None:
        kind = OTHER.get(other, other)
    return "not compared" if kind is None else kind.value
