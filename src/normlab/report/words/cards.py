"""A card for each question: its answer in a few words, how large that is, and on how much it rests."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from normlab.analysis import Contrast, Facts, Interaction
from normlab.report.words import crossed, failures
from normlab.report.words.amounts import difference
from normlab.report.words.answers import Better, better, interval_told
from normlab.report.words.headings import depends, heading, level
from normlab.report.words.headline import ahead, more, of_kind
from normlab.show import outlook
from normlab.show.numbers import plural
from normlab.stats.verdict import Kind


@dataclass(frozen=True)
class Card:
    """The answer to the questions about one factor, how large what they are about is, and on how much that rests."""

    question: str
    answer: str
    effect: str
    evidence: str
    anchor: str


def cards(facts: Facts) -> tuple[Card, ...]:
    """Those of the factors, those of two factors whose answers may depend on each other, and how often arms fail."""
    factors = dict.fromkeys(question.factor for question in facts.questions)
    return (*(_card(facts, factor) for factor in factors), *_crossings(facts), *_failing(facts))


def anchor(*factors: str) -> str:
    """What the part about a factor, or about two, is called in a page's address: `which-penalty-lambda`."""
    return re.sub(r"\W+", "-", "-".join(("which", *factors)))


def word(contrast: Contrast) -> str:
    """A pair's verdict in a word, and how far it is to one: `better`, `equal`, `open · +4 to 19`."""
    verdict = contrast.verdict
    if verdict.settled:
        return "equal" if verdict.kind is Kind.equivalent else verdict.kind.value
    known = verdict.growing.range if verdict.growing else None
    return "open" if known is None or outlook.vague(known) else f"open · +{outlook.span(known)}"


def _card(facts: Facts, factor: str) -> Card:
    asked = [contrast for contrast in facts.contrasts if contrast.factor == factor]
    told = [contrast for contrast in asked if contrast.differences]
    where = heading(facts.study, factor), anchor(factor)
    if not told:
        return Card(where[0], "No seed in common yet", "", "", where[1])
    return Card(where[0], _answer(facts, factor, asked), _effect(told), _evidence(asked), where[1])


def _crossings(facts: Facts) -> Iterator[Card]:
    """One for each two factors; those that nothing is known of share one, where they are several."""
    asked = crossed.together(facts)
    waiting = [two for two, found in asked.items() if crossed.short(found) == crossed.WAITING]
    for two, found in asked.items():
        if crossed.short(found) and (two not in waiting or len(waiting) == 1):
            yield _crossing(facts, two, found)
    if len(waiting) > 1:
        every = [one for two in waiting for one in asked[two]]
        yield replace(_crossing(facts, waiting[0], every), question="Do the answers depend on each other?")


def _crossing(facts: Facts, two: crossed.Crossed, found: Sequence[Interaction]) -> Card:
    seeds = max(len(one.seeds) for one in found)
    evidence = f"{plural(seeds, 'seed')} · {plural(len(found), 'change')} of a difference"
    return Card(depends(*two), crossed.short(found), crossed.largest(facts.study, found), evidence, anchor(*two))


def _failing(facts: Facts) -> Iterator[Card]:
    answer = failures.short(facts)
    if answer:
        yield Card(failures.HEADING, answer, "", failures.evidence(facts), failures.ANCHOR)


def _answer(facts: Facts, factor: str, asked: Sequence[Contrast]) -> str:
    alike, waiting = of_kind(asked, Kind.equivalent), of_kind(asked, Kind.open)
    won = [better(contrast) for contrast in of_kind(asked, Kind.better, Kind.worse)]
    if won:
        return _established(won, {name for contrast in asked for name in contrast.arms}, facts, factor)
    if max(len(contrast.seeds) for contrast in asked) == 1:
        return "One seed cannot tell"
    if not waiting:
        return "No difference that matters" if len(alike) == len(asked) else _no_verdict(asked)
    return f"{len(alike)} of {plural(len(asked), 'pair')} equal, the rest open" if alike else "Not enough evidence yet"


def _no_verdict(asked: Sequence[Contrast]) -> str:
    """Where all is settled and some of it withheld."""
    count = len(of_kind(asked, Kind.withheld))
    which = "" if count == len(asked) else f" on {count} of {plural(len(asked), 'pair')}"
    return f"No verdict{which}: an arm failed"


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
    return f"{widest.first} − {widest.second}: {difference(widest.mean, widest.outcome)}" + (
        f" ({span})" if span else ""
    )


def _evidence(asked: Sequence[Contrast]) -> str:
    seeds = plural(max(len(contrast.seeds) for contrast in asked), "seed")
    settled = len(asked) - len(of_kind(asked, Kind.open, Kind.withheld))
    parts = [seeds, f"{settled} of {plural(len(asked), 'pair')} settled", more(asked)]
    return " · ".join(filter(None, parts))
