"""The whole comparison in one sentence: who is better, who is equal, what is open, and on how much that rests."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from normlab.analysis import Contrast, Facts
from normlab.analysis.arms import ArmRow
from normlab.report.words import answers, path
from normlab.report.words.amounts import values, within
from normlab.report.words.answers import Better
from normlab.show import failing, outlook
from normlab.show.numbers import between, estimate, listing, plural
from normlab.show.waiting import waits
from normlab.stats.verdict import Kind

NAMED = 3
"""Arms that are named at most; more are counted."""


def headline(facts: Facts) -> str:
    """The whole comparison in one sentence."""
    if not facts.finished:
        return "No run has finished yet." if facts.owed else "No run finished: every one diverged."
    if facts.paths:  # which end where nothing is left to learn with
        return path.headline(facts)
    said, lost = _answer(facts), _lost(facts)
    return f"{said.removesuffix('.')}; {lost}." if lost else said


def _answer(facts: Facts) -> str:
    if not facts.contrasts:
        return _without_contrast(facts)
    usable = [contrast for contrast in facts.contrasts if contrast.differences]
    if not usable and facts.late:
        return f"No two arms can be compared yet: {waits(facts.late)}."
    if not usable:
        return "No two arms that answer a question share a finished seed."
    seeds = max(len(contrast.seeds) for contrast in usable)
    if seeds == 1:
        return f"One seed cannot tell these {len(facts.arms)} arms apart."
    said = "; ".join(_clauses(facts))
    named = any(said.startswith(row.name) for row in facts.arms)
    return f"{said if named else said[:1].upper() + said[1:]} ({_reached(facts)}, {plural(seeds, 'seed')})."


def more(contrasts: Sequence[Contrast]) -> str:
    """The seeds that would settle all that is open among some pairs; empty where no spread is known."""
    growing = [contrast.verdict.growing for contrast in contrasts if contrast.verdict.growing is not None]
    if not growing:
        return ""
    found = outlook.farthest([each.range for each in growing])
    return "too early to say how many more seeds" if outlook.vague(found) else outlook.more(found)


def of_kind(contrasts: Sequence[Contrast], *kinds: Kind) -> list[Contrast]:
    """Those with one of some verdicts."""
    return [contrast for contrast in contrasts if contrast.verdict.kind in kinds]


def ahead(won: Sequence[Better]) -> list[Better]:
    """The pairs that the arm which wins most has won, the largest difference first; none where nothing is won."""
    names = [pair.better for pair in won]
    ranked = sorted(won, key=lambda pair: (-names.count(pair.better), -pair.difference))
    return [pair for pair in ranked if pair.better == ranked[0].better]


def _clauses(facts: Facts) -> Iterator[str]:
    won = of_kind(facts.contrasts, Kind.better, Kind.worse)
    alike = of_kind(facts.contrasts, Kind.equivalent)
    waiting, withheld = of_kind(facts.contrasts, Kind.open), of_kind(facts.contrasts, Kind.withheld)
    if won:
        yield _won([answers.better(contrast) for contrast in won])
    if alike:
        yield f"{_alike(alike, facts)} within {within(facts.study.verdict.margin, facts.outcome)}"
    if withheld:
        yield _withheld(withheld, facts)
    if waiting:
        needed = more(waiting)
        yield _waiting(waiting, facts) + (f": {needed}" if needed else "")


def _won(won: Sequence[Better]) -> str:
    """The arm that wins most and whom it beats; or those that one arm alone is worse than."""
    worse = list(dict.fromkeys(pair.worse for pair in won))
    if len(worse) == 1 < len(won) <= NAMED:
        return f"{listing([pair.better for pair in won])} are better than {worse[0]} by {_far(won)}"
    best = ahead(won)
    names = [pair.worse for pair in best]
    whom = listing(names) if len(names) <= NAMED else f"{len(names)} others"
    rest = len(won) - len(best)
    also = f", and {plural(rest, 'more difference')} {'is' if rest == 1 else 'are'} established" if rest else ""
    return f"{best[0].better} is better than {whom} by {_far(best)}{also}"


def _far(pairs: Sequence[Better]) -> str:
    outcome = pairs[0].outcome
    return between([pair.difference for pair in pairs], outcome.digits) + outcome.behind


def _alike(alike: Sequence[Contrast], facts: Facts) -> str:
    """Who is equal to whom."""
    if len(alike) == len(facts.contrasts):
        return f"{_all(facts)} equal"
    arms = list(dict.fromkeys(name for contrast in alike for name in contrast.arms))
    shared = set.intersection(*({*contrast.arms} for contrast in alike))
    if len(arms) <= NAMED and len(alike) == len(arms) * (len(arms) - 1) // 2:
        return f"{listing(arms)} are equal"
    if len(arms) <= NAMED + 1 and len(shared) == 1:
        return f"{min(shared)} is equal to {listing([name for name in arms if name not in shared])}"
    return f"{len(alike)} of {len(facts.contrasts)} pairs {'is' if len(alike) == 1 else 'are'} equal"


def _withheld(withheld: Sequence[Contrast], facts: Facts) -> str:
    """Between whom there is no verdict, and why."""
    if len(withheld) > 1:
        return f"no verdict on {len(withheld)} of {len(facts.contrasts)} pairs, since an arm failed"
    (pair,) = withheld
    return f"no verdict between {listing(pair.arms)}, since {failing.reason(*pair.arms, pair.failures.counts)}"


def _all(facts: Facts) -> str:
    if facts.study.baseline:
        return f"every other arm and {facts.study.baseline} are"
    if len(facts.contrasts) < facts.every_pair:
        return f"all {len(facts.contrasts)} pairs asked about are"
    return "both arms are" if len(facts.arms) == 2 else f"all {len(facts.arms)} arms are"


def _waiting(waiting: Sequence[Contrast], facts: Facts) -> str:
    if len(waiting) == len(facts.contrasts):
        return f"not enough evidence yet {_among(facts)}"
    shared = set.intersection(*({*contrast.arms} for contrast in waiting))
    if len(shared) == 1:
        return f"{shared.pop()} is open"
    if len(waiting) == 1:
        return f"{listing(waiting[0].arms)} are open"
    return f"{len(waiting)} of {len(facts.contrasts)} pairs are open"


def _among(facts: Facts) -> str:
    if facts.study.baseline and len(facts.arms) > 2:
        return f"for or against {facts.study.baseline}"
    return "that either arm is better" if len(facts.arms) == 2 else f"that any of {len(facts.arms)} arms is better"


def _lost(facts: Facts) -> str:
    """Arms with runs that failed or ended at chance: an accuracy is not all that there is to say of them."""
    rows = [row for row in facts.arms if row.failed or row.at_chance]
    if not rows:
        return ""
    how = _how(rows)
    if len(rows) > 1:
        whom = listing([row.name for row in rows]) if len(rows) <= NAMED else f"{len(rows)} arms"
        return f"some runs of {whom} {how}"
    (row,) = rows
    low = {run.seed for run in row.at_chance} | {run.seed for run in row.collapsed}
    lost, ended = len(row.diverged) + len(low), len(row.diverged) + len(row.seeds)
    return f"{row.name} {how} in {lost} of {plural(ended, 'run')}"


def _how(rows: Sequence[ArmRow]) -> str:
    """In a word that holds for all of their runs that did not end well."""
    if any(row.at_chance for row in rows):
        return "did not learn"
    if not any(row.collapsed for row in rows):
        return "diverged"
    return "failed" if any(row.diverged for row in rows) else "collapsed"


def _reached(facts: Facts) -> str:
    return values([row.score.mean for row in facts.arms if row.score is not None], facts.outcome)


def _without_contrast(facts: Facts) -> str:
    row = facts.arms[0]
    if len(facts.arms) > 1:
        return "No two arms differ in one thing alone; a baseline (--baseline NAME) compares all others with it."
    seeds = plural(len(row.seeds), "seed")
    if facts.study.verdict.usual:
        return f"{row.name} gets {estimate(row.final)}% of the {facts.judged_on} images right ({seeds})."
    told = estimate(row.score, facts.outcome.digits) + facts.outcome.behind
    return f"{row.name} has a {facts.outcome.title} of {told} on the {facts.judged_on} images ({seeds})."
