"""What a hand-in takes from the products: the report's answer and its grids, and the explanation's numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.errors import SpecError
from normlab.explanation import Explanation, about, explain
from normlab.explanation.figure import FIGURE
from normlab.explanation.numbers import number
from normlab.handin import Handin, Model, Picture, Table, findings, log, overlay, penalty, single
from normlab.norms.names import read
from normlab.records import Comparison, RunRecord
from normlab.report import images
from normlab.report.view import build
from normlab.report.words import amounts
from normlab.report.words.answers import interval_told
from normlab.report.words.cards import word
from normlab.show.numbers import MISSING, signed
from normlab.spec import Arm


def handed(comparison: Comparison, command: str) -> Handin:
    """The hand-in of a study with a finished run; `command` is what makes it again."""
    view = build(comparison)
    return Handin(
        study=comparison.study,
        headline=view.headline,
        take=view.glance.take,
        command=command,
        evidence=_evidence(view.facts),
        models=tuple(_model(arm, comparison) for arm in comparison.study.arms),
        findings=findings(view.facts),
        example=_example(comparison),
        penalty=penalty(view.facts),
        curves=single(view.facts),
        overlay=overlay(view.facts),
    )


def _evidence(facts: Facts) -> Table:
    """Each pair's difference with its interval, and what that says."""
    rows = tuple(
        (
            f"{pair.first} − {pair.second}",
            signed(pair.mean, pair.outcome.finer),
            interval_told(pair) or MISSING,
            word(pair),
        )
        for pair in facts.contrasts
    )
    outcome = facts.outcome
    within = amounts.within(facts.study.verdict.margin, outcome)
    margin = f"Final {outcome.title}, seed by seed. Less than {within} counts as equal."
    more = "An open pair needs more seeds: the same command with a larger --seeds trains only what is new."
    waiting = any(not pair.verdict.settled for pair in facts.contrasts)
    difference = f"difference, {outcome.apart}" if outcome.apart else "difference"
    return Table(("pair", difference, "interval", "verdict"), rows, (margin, more) if waiting else (margin,))


def _model(arm: Arm, comparison: Comparison) -> Model:
    """The first seed's run of an arm; there is one, for a study that is not finished raises."""
    first = min((run for run in comparison.runs if run.arm == arm.name), key=lambda run: run.seed)
    finished = comparison.of(arm.name)
    example = _fitting(arm.recipe.norm)
    return Model(
        title=_title(arm),
        parameters=first.parameters,
        summary=comparison.summaries[arm.name],
        seed=first.seed,
        log=tuple(log(first)),
        mistakes=_mistakes(comparison, finished[0]) if finished else None,
        example=example,
        worked=str(_explained(example) or ""),
    )


def _mistakes(comparison: Comparison, record: RunRecord) -> Picture:
    file = f"misclassified-{re.sub(r'[^A-Za-z0-9]+', '-', record.arm).strip('-')}.png"
    alt = f"Images that {record.arm} gets wrong on seed {record.seed}, true → predicted class below each"
    return Picture(file, alt, images.grid_png(comparison, record))


def _title(arm: Arm) -> str:
    known = about.NORMS.get(read(arm.recipe.norm).kind)
    return f"{known.title} ({arm.name})" if known else arm.name


def _fitting(norm: str) -> str:
    """The norm for the figure's three channels, which no author has grouped: there `gn` is worked with a group each."""
    name, channels = read(norm), FIGURE.shape[1]
    fits = name.groups is not None and channels % name.groups == 0
    return f"gn:{channels}" if name.kind == "gn" and not name.standardized and not fits else norm


def _explained(norm: str) -> Explanation | None:
    """None for a norm that cannot be worked on the figure."""
    try:
        return explain(norm)
    except SpecError:
        return None


def _example(comparison: Comparison) -> Table:
    """Each set's mean and variance, norm by norm."""
    norms = dict.fromkeys(_fitting(arm.recipe.norm) for arm in comparison.study.arms)
    found = [explained for norm in norms if (explained := _explained(norm))]
    rows = tuple(row for explained in found for row in _sets(explained))
    return Table(("norm", "over", "values", "mean", "variance"), rows, tuple(_renamed(comparison)))


def _sets(explained: Explanation) -> Iterator[tuple[str, ...]]:
    worked = explained.worked
    if worked.name.pointwise:
        yield worked.norm, "each value by itself", "1", MISSING, MISSING
        return
    for index in range(len(worked.centre)):
        mean = MISSING if worked.name.root_mean_square else number(worked.centre[index])
        over = about.where(worked, index), str(worked.of(index).size)
        yield worked.norm, *over, mean, number(worked.spread[index])


def _renamed(comparison: Comparison) -> Iterator[str]:
    """Why a norm of the study is worked as another."""
    for norm in dict.fromkeys(arm.recipe.norm for arm in comparison.study.arms):
        if _fitting(norm) != norm:
            yield (
                f"{norm} has groups of the network's channels that three channels cannot have: it is worked as "
                f"{_fitting(norm)}, a group for each channel, which is instance norm."
            )
