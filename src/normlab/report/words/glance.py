"""What a reader sees first, below the headline: which arm to take, what would prove more, and a card a question."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from normlab.analysis import Facts
from normlab.report.words.cards import Card, cards
from normlab.report.words.headline import of_kind
from normlab.report.words.take import of_paths, take
from normlab.show.numbers import fixed, plural
from normlab.show.outlook import MANY
from normlab.stats.verdict import Kind

USUAL = Path("normlab-out")
"""The project's folder where none is said."""
ALONE = 20
"""Seeds up to which it need not be said how many may be taken until a study is settled: there is room for as many."""


@dataclass(frozen=True)
class Glance:
    """What a reader does with it: the arm to take today, and the command that would settle more; empty where none is.

    `proof` says what that command would bring, or that there is nothing left to prove.
    """

    take: str
    proof: str
    command: str
    cards: tuple[Card, ...]

    def command_in(self, project: Path | None) -> str:
        """The command for a study in that folder."""
        elsewhere = self.command and project not in (None, USUAL)
        return f"{self.command} --out {shlex.quote(str(project))}" if elsewhere else self.command


def glance(facts: Facts) -> Glance:
    """The first screen of a comparison, in words; of a path, or without a pair on two seeds, there is little to say."""
    if facts.paths or not facts.contrasts or not facts.finished:
        chosen = of_paths(facts) if facts.paths and not facts.owed else ""
        return Glance(chosen, _missing(facts), _command(facts, []) if facts.owed else "", ())
    return Glance(take(facts), _proof(facts), _needed(facts), cards(facts))


def _missing(facts: Facts) -> str:
    return f"{plural(facts.owed, 'run')} still missing." if facts.owed else ""


def _proof(facts: Facts) -> str:
    waiting = of_kind(facts.contrasts, Kind.open)
    asked = plural(len(facts.contrasts), "comparison")
    every = asked if len(facts.contrasts) == 1 else f"All {asked}"
    if facts.owed:
        return f"{_missing(facts)[:-1]}; this goes on."
    withheld = len(of_kind(facts.contrasts, Kind.withheld))
    if withheld and not waiting:
        return f"No verdict on {withheld} of {asked}: an arm failed, and more seeds do not change that."
    if not waiting:
        return f"{every} settled, at {fixed(100 * facts.study.verdict.level, 0)}% confidence."
    return f"{len(waiting)} of {asked} open; this adds seeds, and trains no run again."


def _needed(facts: Facts) -> str:
    """The command that grows the study as far as it most likely takes; empty where all is settled."""
    waiting = of_kind(facts.contrasts, Kind.open)
    if facts.owed:
        return _command(facts, [])
    if not waiting:
        return ""
    have, seeds = len(facts.study.seeds), [contrast.verdict.more for contrast in waiting]
    if facts.study.until_settled or any(needed is None or needed > MANY for needed in seeds):
        alone = ["--no-sources"] if facts.study.sources else []  # on a number of seeds that is fixed beforehand
        most = ["--max-seeds", str(2 * have)] if have > ALONE else []
        return _command(facts, ["--until-settled", *most, *alone])
    return _command(facts, ["--seeds", str(have + max(needed or 0 for needed in seeds))])


def _command(facts: Facts, more_words: Sequence[str]) -> str:
    """With the outcome where that is another than accuracy: the study may have been judged anew by it."""
    judging = facts.study.verdict
    by = [] if judging.usual else ["--outcome", judging.outcome, "--margin", f"{judging.margin:g}"]
    return shlex.join(["normlab", "compare", facts.study.name, *more_words, *by])
