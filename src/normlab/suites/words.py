"""A suite in words: the answer over all data sets, whether the ranking depends on them, and each by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.analysis import Contrast
from normlab.analysis.across import AcrossPair, Change
from normlab.outcomes import Outcome
from normlab.show import failing, outlook
from normlab.show.numbers import MISSING, fixed, listing, plural, share, signed
from normlab.stats.beliefs import Beliefs
from normlab.stats.data_sets import FEWEST
from normlab.stats.looks import Looks
from normlab.stats.verdict import Kind, Verdict
from normlab.suites.said import Said

SETTLED, UNSETTLED = (Kind.better, Kind.worse, Kind.equivalent), (Kind.open, Kind.withheld)
NAMED = 3
"""Pairs that a sentence names at most; more are counted."""
TOLD = 8
"""Pairs that are told one by one."""
WORDS = {Kind.equivalent: "equal", Kind.open: "open", Kind.withheld: "no verdict"}
"""Verdicts as a cell has them, where that is another word."""
DEPENDS = "Does the ranking depend on the data?"


def headline(said: Said) -> str:
    """The whole suite in one sentence: over all data sets, each pair's verdict."""
    pairs = [pair.everywhere for pair in said.across.pairs]
    lead = f"Over {plural(len(said.labels), 'data set')}"
    if not pairs:
        return f"{lead}: no two arms differ in one thing alone."
    if not any(pair.seeds for pair in pairs):
        return f"{lead}: no two arms share a finished seed on all of them."
    seeds = max(len(pair.seeds) for pair in pairs)
    return f"{lead}: {'; '.join(_clauses(pairs, said))} ({plural(seeds, 'seed')})."


def depends(said: Said) -> str:
    """Whether the ranking depends on the data, in one sentence."""
    turned = [pair for pair in said.across.pairs if _turns(pair)]
    if turned:
        return f"The ranking depends on the data: {'; '.join(map(_turn, turned[:NAMED]))}{_and(len(turned), 'pair')}."
    changes = [(pair, change) for pair in said.across.pairs for change in pair.changes]
    shown = sorted(_of(changes, Kind.better, Kind.worse), key=lambda one: -abs(one[1].verdict.mean or 0))
    if shown:
        told = "; ".join(_changed(*one, said.outcome) for one in shown[:NAMED])
        return f"By how much arms differ depends on the data: {told}{_and(len(shown), 'change')}."
    if changes and len(_of(changes, Kind.equivalent)) == len(changes):
        return f"The ranking does not depend on the data by more than {within(said)}."
    how = "no change" if len(changes) < 2 else f"none of {len(changes)} changes"
    return f"Whether the ranking depends on the data is open: {how} of a difference between two of them is established."


def over_all(said: Said) -> list[str]:
    """A sentence for each pair over these data sets, with the interval for others like them."""
    told = [_everywhere(pair, said) for pair in said.across.pairs[:TOLD]]
    return [*told, *([_left(len(said.across.pairs))] if len(said.across.pairs) > TOLD else [])]


def changing(said: Said) -> list[str]:
    """The changes that are established, or withheld, one by one."""
    changes = [(pair, change) for pair in said.across.pairs for change in pair.changes]
    told = [f"{_changed(*one, said.outcome)} {_ends(one[1].verdict, said.outcome)}." for one in _of(changes, *SETTLED)]
    lost = _of(changes, Kind.withheld)
    if lost:
        told.append(f"No verdict on {plural(len(lost), 'change')}: an arm failed where the other did not.")
    return [depends(said), *told[:TOLD]]


def on_each(said: Said) -> dict[str, list[str]]:
    """The verdicts on each data set, by its label."""
    return {label: [_sentence(pair.on[label], said) for pair in said.across.pairs[:TOLD]] for label in said.labels}


def as_probabilities(said: Said) -> list[str]:
    """The Bayesian views; nothing where no pair has one."""
    known = [pair for pair in said.across.pairs if pair.believed]
    if not known:
        return []
    lead = (
        "A view beside the verdicts, and not one of them: Student’s posterior of the mean difference under a flat "
        f"prior, practically equal within ±{within(said)}; over seeds for these data sets, over data sets for others "
        "like them. It knows nothing of looks, failed runs and the number of pairs."
    )
    return [lead, *(f"{_against(pair)}: {_views(pair)}." for pair in said.across.pairs[:TOLD])]


def trust(said: Said) -> list[str]:
    """For what the verdicts hold, and what they do not say."""
    data = listing(said.labels)
    told = [
        f"Verdicts over all data sets are on the mean over {data}, each with the same weight: they speak for these, "
        "and one with large differences has most of the say.",
        _for_others(said),
        "On each data set, over all of them, and of changes: each of the three families is corrected by itself, over "
        "all of its pairs (Holm). The reports of the single data sets correct over their own pairs alone.",
    ]
    if said.rules.looks is not Looks.once:
        told.append("Seeds were added after a look, so all of it is judged by rules that allow looking.")
    return told


def findings(said: Said) -> list[str]:
    """Every sentence, most important first."""
    each = [f"{label}: {line}" for label, lines in on_each(said).items() for line in lines]
    return [headline(said), *changing(said), *over_all(said), *each, *as_probabilities(said), *trust(said)]


def chapters(said: Said) -> dict[str, list[str]]:
    """All sentences under their headings; those without one are left out."""
    each = {f"On {label}": lines for label, lines in on_each(said).items()}
    told = {
        "Over all data sets": over_all(said),
        DEPENDS: changing(said),
        **each,
        "As probabilities": as_probabilities(said),
        "How far to trust this": trust(said),
    }
    return {heading: lines for heading, lines in told.items() if lines}


def cell(contrast: Contrast, outcome: Outcome) -> str:
    """A difference and its verdict, as a table has them."""
    if contrast.mean is None:
        return MISSING
    return f"{signed(contrast.mean, outcome.finer)} {word(contrast.verdict)}"


def word(verdict: Verdict) -> str:
    """The verdict in a word or two."""
    return WORDS.get(verdict.kind, verdict.kind.value)


def within(said: Said) -> str:
    """What does not matter: `0.1 points`."""
    return f"{said.rules.margin:g}{said.outcome.behind}"


def belief(found: Beliefs | None) -> str:
    """Three shares, or a dash."""
    return " / ".join(map(share, (found.better, found.equal, found.worse))) if found else MISSING


def _clauses(pairs: Sequence[Contrast], said: Said) -> Iterator[str]:
    won = [pair for pair in pairs if pair.verdict.kind in (Kind.better, Kind.worse)]
    alike, waiting, lost = (
        [pair for pair in pairs if pair.verdict.kind is kind] for kind in (*SETTLED[2:], *UNSETTLED)
    )
    if won:
        yield ", ".join(_winner(pair, said.outcome) for pair in won[:NAMED]) + _and(len(won), "pair")
    if alike:
        yield f"{_pairs(alike, pairs, 'equal')} within {within(said)}"
    if lost:
        yield f"no verdict on {_names(lost)}, since an arm failed"
    if waiting:
        yield _pairs(waiting, pairs, "open") + _more(waiting)


def _more(waiting: Sequence[Contrast]) -> str:
    """What would settle all that is open, where a spread is known."""
    known = [pair.verdict.growing.range for pair in waiting if pair.verdict.growing]
    if not known:
        return ""
    found = outlook.farthest(known)
    return ": too early to say how many more seeds" if outlook.vague(found) else f": {outlook.more(found)}"


def _pairs(some: Sequence[Contrast], every: Sequence[Contrast], how: str) -> str:
    if len(some) == len(every) > 1:
        return f"all {len(every)} pairs are {how}"
    if len(some) == 1:
        return f"{listing(some[0].arms)} are {how}"
    return f"{_names(some)} are {how}"


def _names(pairs: Sequence[Contrast]) -> str:
    if len(pairs) > NAMED:
        return f"{len(pairs)} pairs"
    return listing([f"{pair.first} against {pair.second}" for pair in pairs])


def _winner(pair: Contrast, outcome: Outcome) -> str:
    first, second = _turned(pair)
    return f"{first} is better than {second} by {fixed(abs(pair.mean or 0), outcome.finer)}{outcome.behind}"


def _turned(pair: Contrast) -> tuple[str, str]:
    """The better arm first."""
    return pair.arms if pair.verdict.kind is Kind.better else pair.arms[::-1]


def _and(count: int, what: str) -> str:
    return f", and {plural(count - NAMED, f'more {what}')}" if count > NAMED else ""


def _left(count: int) -> str:
    return f"{plural(count - TOLD, 'more pair')} in the table."


def _turns(pair: AcrossPair) -> bool:
    """Whether one arm is better on a data set, and the other on another."""
    kinds = {one.verdict.kind for one in pair.on.values()}
    return {Kind.better, Kind.worse} <= kinds


def _turn(pair: AcrossPair) -> str:
    where = {
        kind: listing([label for label, one in pair.on.items() if one.verdict.kind is kind])
        for kind in (Kind.better, Kind.worse)
    }
    first, second = pair.arms
    return f"{first} is better than {second} on {where[Kind.better]}, and worse on {where[Kind.worse]}"


def _of(changes: Sequence[tuple[AcrossPair, Change]], *kinds: Kind) -> list[tuple[AcrossPair, Change]]:
    return [one for one in changes if one[1].verdict.kind in kinds]


def _changed(pair: AcrossPair, change: Change, outcome: Outcome) -> str:
    first, second = pair.arms
    if change.verdict.kind is Kind.equivalent:
        return f"{first} − {second} is the same on {change.here} and {change.there}"
    amount = f"{fixed(abs(change.verdict.mean or 0), outcome.finer)}{outcome.behind}"
    higher, lower = (change.here, change.there) if (change.verdict.mean or 0) > 0 else (change.there, change.here)
    return f"{first} − {second} is {amount} higher on {higher} than on {lower}"


def _everywhere(pair: AcrossPair, said: Said) -> str:
    told = _sentence(pair.everywhere, said).removesuffix(".")
    if pair.like is None:
        return f"{told}."
    digits = said.outcome.finer
    return f"{told}; on data sets like these {signed(pair.like.low, digits)} to {signed(pair.like.high, digits)}."


def _sentence(pair: Contrast, said: Said) -> str:
    if pair.mean is None:
        return f"{pair.first} against {pair.second}: no seed in common yet."
    amount = f"{signed(pair.mean, said.outcome.finer)}{said.outcome.behind} {_ends(pair.verdict, said.outcome)}"
    if pair.verdict.kind is Kind.withheld:
        why = failing.reason(*pair.arms, pair.failures.counts)
        return f"{pair.first} against {pair.second}: no verdict, since {why}; elsewhere {amount}."
    if pair.verdict.kind is Kind.equivalent:
        return f"{pair.first} and {pair.second} are equal within {within(said)}: {amount}."
    if pair.verdict.kind is Kind.open:
        return f"{pair.first} against {pair.second}: not enough evidence, {amount}."
    return f"{pair.first} is {pair.verdict.kind.value} than {pair.second}: {amount}."


def _ends(verdict: Verdict, outcome: Outcome) -> str:
    found = verdict.interval
    if found is None or not found.width:
        return f"({plural(verdict.seeds, 'seed')})"
    ends = f"{signed(found.low, outcome.finer)} to {signed(found.high, outcome.finer)}"
    return f"({ends}, {plural(verdict.seeds, 'seed')})"


def _views(pair: AcrossPair) -> str:
    if pair.believed is None:
        failed = any(pair.everywhere.failures.counts.alone)
        return "none, an arm failed where the other did not" if failed else "none, seeds show no spread"
    here = f"on these data sets {_shares(pair.believed)}"
    return f"{here}; on others like them {_shares(pair.believed_like)}" if pair.believed_like else here


def _shares(found: Beliefs) -> str:
    return f"better {share(found.better)}, equal {share(found.equal)}, worse {share(found.worse)}"


def _against(pair: AcrossPair) -> str:
    return " against ".join(pair.arms)


def _for_others(said: Said) -> str:
    if len(said.labels) < FEWEST:
        return f"For other data sets nothing can be told from {len(said.labels)}: it takes {FEWEST} at least."
    level = f"{100 * said.rules.level:g} %"
    return (
        f"“On data sets like these” is an interval over the {len(said.labels)} means and over seeds, at {level} for "
        "each pair by itself, as if the data sets had been drawn at random. It decides nothing, and is wide where they "
        "are few."
    )
