"""What a reader sees first, below the headline: which arm to take, what would prove more, and a card a question."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from normlab.analysis import Contrast, Facts, Interaction
from normlab.analysis.arms import ArmRow
from normlab.report.words import crossed
from normlab.report.words.answers import Better, better, interval_told
from normlab.report.words.headings import depends, heading, level
from normlab.report.words.headline import ahead, more, of_kind
from normlab.show.numbers import fixed, percent, plural, roughly, signed
from normlab.stats.verdict import Kind

FASTER = 0.9
"""An arm is called the fastest where its run takes at most this share of the next one's time."""


@dataclass(frozen=True)
class Card:
    """The answer to the questions about one factor, how large what they are about is, and on how much that rests."""

    question: str
    answer: str
    effect: str
    evidence: str
    anchor: str


USUAL = Path("normlab-out")
"""The project's folder where none is said."""


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
    factors = dict.fromkeys(question.factor for question in facts.questions) if facts.finished else {}
    if facts.paths or not facts.contrasts or not facts.finished:
        chosen = _of_paths(facts) if facts.paths and not facts.owed else ""
        return Glance(chosen, _missing(facts), _command(facts, []) if facts.owed else "", ())
    cards = [_card(facts, factor) for factor in factors]
    crossings = [_crossing(facts, two, found) for two, found in crossed.together(facts).items()]
    cards += [card for card in crossings if card.answer]
    return Glance(_take(facts), _proof(facts), _needed(facts), tuple(cards))


def anchor(*factors: str) -> str:
    """What the part about a factor, or about two, is called in a page's address: `which-penalty-lambda`."""
    return re.sub(r"\W+", "-", "-".join(("which", *factors)))


def word(contrast: Contrast) -> str:
    """A pair's verdict in a word, and how far it is to one: `better`, `equal`, `open · +6 seeds`."""
    verdict = contrast.verdict
    if verdict.settled:
        return "equal" if verdict.kind is Kind.equivalent else verdict.kind.value
    return "open" if verdict.more is None else f"open · +{plural(verdict.more, 'seed')}"


def _card(facts: Facts, factor: str) -> Card:
    asked = [contrast for contrast in facts.contrasts if contrast.factor == factor]
    told = [contrast for contrast in asked if contrast.differences]
    where = heading(facts.study, factor), anchor(factor)
    if not told:
        return Card(where[0], "No seed in common yet", "", "", where[1])
    return Card(where[0], _answer(facts, factor, asked), _effect(told), _evidence(asked), where[1])


def _crossing(facts: Facts, two: crossed.Crossed, found: Sequence[Interaction]) -> Card:
    seeds = max(len(one.seeds) for one in found)
    evidence = f"{plural(seeds, 'seed')} · {plural(len(found), 'change')} of a difference"
    return Card(depends(*two), crossed.short(found), crossed.largest(facts.study, found), evidence, anchor(*two))


def _answer(facts: Facts, factor: str, asked: Sequence[Contrast]) -> str:
    alike, waiting = of_kind(asked, Kind.equivalent), of_kind(asked, Kind.open)
    won = [better(contrast) for contrast in of_kind(asked, Kind.better, Kind.worse)]
    if won:
        return _established(won, {name for contrast in asked for name in contrast.arms}, facts, factor)
    if max(len(contrast.seeds) for contrast in asked) == 1:
        return "One seed cannot tell"
    if not waiting:
        return "No difference that matters"
    return f"{len(alike)} of {plural(len(asked), 'pair')} equal, the rest open" if alike else "Not enough evidence yet"


def _established(won: Sequence[Better], arms: Collection[str], facts: Facts, factor: str) -> str:
    """Who is best or worst of all arms asked about; else how many differences there are."""
    best, lost = ahead(won), [pair.worse for pair in won]
    last = max(lost, key=lost.count)
    if len(best) == len(arms) - 1:
        return f"{_called(best[0].better, facts, factor)} is best"
    if len(arms) > 2 and lost.count(last) == len(arms) - 1:
        return f"{_called(last, facts, factor)} is worst"
    return f"{plural(len(won), 'difference')} established"


def _called(name: str, facts: Facts, factor: str) -> str:
    """An arm by its level, where it has one."""
    return name if "," in factor else level(facts.study, facts.study.arm(name), factor)


def _effect(told: Sequence[Contrast]) -> str:
    """The largest difference among what is established, or else among all."""
    won = of_kind(told, Kind.better, Kind.worse)
    widest = max(won or told, key=lambda contrast: abs(contrast.mean or 0))
    span = interval_told(widest)
    return f"{widest.first} − {widest.second}: {signed(widest.mean)} points" + (f" ({span})" if span else "")


def _evidence(asked: Sequence[Contrast]) -> str:
    seeds = plural(max(len(contrast.seeds) for contrast in asked), "seed")
    settled = sum(contrast.verdict.settled for contrast in asked)
    parts = [seeds, f"{settled} of {plural(len(asked), 'pair')} settled", more(asked)]
    return " · ".join(filter(None, parts))


def _take(facts: Facts) -> str:
    """The arm to take where one must be taken today, and why."""
    if max(len(contrast.seeds) for contrast in facts.contrasts) < 2:
        return ""
    sound, beaten = _sound(facts), _beaten(facts)
    left = [row for row in sound if row.name not in beaten] or sound
    best = max(left, key=_mean)
    if len(left) == 1:
        return _only(best, facts, beaten)
    if all(_equal(facts, best, row) for row in left if row is not best):
        return _of_equals(left, facts)
    return f"{best.name}, for now: highest mean ({_percent(best)}), not proven better."


def _of_paths(facts: Facts) -> str:
    """The sparsest of the networks that the paths chose."""
    path = max(facts.paths, key=lambda each: each.chosen.zero.mean)
    zero = percent(path.chosen.zero.mean, 1)
    return f"{path.choice.chosen.name}: {zero} of its weights exactly zero, within one standard error of the best λ."


def _only(best: ArmRow, facts: Facts, beaten: Collection[str]) -> str:
    """Why one arm alone comes into question: the others are beaten, or did not always learn."""
    others = [row.name for row in facts.arms if row is not best]
    if all(name in beaten for name in others):
        return f"{best.name}: every other arm is shown to be worse ({_percent(best)})."
    return f"{best.name}: no arm is shown to be better, and every run of it learned ({_percent(best)})."


def _sound(facts: Facts) -> list[ArmRow]:
    """The arms of which every run ended well, if there are any; else all that have an end."""
    ended = [row for row in facts.arms if row.final is not None]
    return [row for row in ended if not row.diverged and not row.at_chance] or ended


def _beaten(facts: Facts) -> set[str]:
    """The arms that another is shown to be better than."""
    return {
        contrast.second if contrast.verdict.kind is Kind.better else contrast.first
        for contrast in of_kind(facts.contrasts, Kind.better, Kind.worse)
    }


def _of_equals(rows: Sequence[ArmRow], facts: Facts) -> str:
    within = f"equal to the others within {facts.study.verdict.margin:g} points"
    sizes = sorted({row.parameters for row in rows if row.parameters is not None})
    if len(sizes) > 1:
        small = min(rows, key=lambda row: row.parameters or 0)
        return f"{small.name}: {within}, and the smallest ({sizes[0]:,} parameters)."
    timed = sorted((row for row in rows if row.seconds), key=_seconds)
    if len(timed) == len(rows) and _seconds(timed[0]) <= FASTER * _seconds(timed[1]):
        return f"{timed[0].name}: {within}, and the fastest ({roughly(_seconds(timed[0]))} a run)."
    best = max(rows, key=_mean)
    return f"{best.name}: {within}, of the same size and speed, with the highest mean ({_percent(best)})."


def _equal(facts: Facts, one: ArmRow, other: ArmRow) -> bool:
    pairs = [contrast for contrast in facts.contrasts if {*contrast.arms} == {one.name, other.name}]
    return any(contrast.verdict.kind is Kind.equivalent for contrast in pairs)


def _mean(row: ArmRow) -> float:
    return row.final.mean if row.final else 0.0


def _seconds(row: ArmRow) -> float:
    return row.seconds.mean if row.seconds else 0.0


def _percent(row: ArmRow) -> str:
    return percent(_mean(row))


def _missing(facts: Facts) -> str:
    return f"{plural(facts.owed, 'run')} still missing." if facts.owed else ""


def _proof(facts: Facts) -> str:
    waiting = of_kind(facts.contrasts, Kind.open)
    asked = plural(len(facts.contrasts), "comparison")
    if facts.owed:
        return f"{_missing(facts)[:-1]}; this goes on."
    if not waiting:
        return f"{asked} of as many settled, at {fixed(100 * facts.study.verdict.level, 0)}% confidence."
    return f"{len(waiting)} of {asked} open; this adds seeds, and trains no run again."


def _needed(facts: Facts) -> str:
    """The command that grows the study as far as it takes; empty where all is settled."""
    waiting = of_kind(facts.contrasts, Kind.open)
    if facts.owed:
        return _command(facts, [])
    if not waiting:
        return ""
    seeds = [contrast.verdict.more for contrast in waiting]
    if facts.study.until_settled or any(needed is None for needed in seeds):
        return _command(facts, ["--until-settled"])
    return _command(facts, ["--seeds", str(len(facts.study.seeds) + max(needed or 0 for needed in seeds))])


def _command(facts: Facts, more_words: Sequence[str]) -> str:
    return shlex.join(["normlab", "compare", facts.study.name, *more_words])
