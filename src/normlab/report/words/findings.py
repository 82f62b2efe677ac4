"""What the numbers carry, in sentences, and nothing that they do not carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from normlab.analysis import Contrast, Facts, Interaction
from normlab.analysis.arms import ArmRow
from normlab.report.words import answers, caution, crossed, health, path, penalty
from normlab.report.words.headings import depends, heading
from normlab.show.numbers import estimate, fixed, listing, plural
from normlab.stats.verdict import Kind


@dataclass(frozen=True)
class Chapter:
    """Sentences under one heading."""

    heading: str
    sentences: tuple[str, ...]


def chapters(facts: Facts) -> tuple[Chapter, ...]:
    """What a reader should take away, most important first; headings without a sentence are left out."""
    if facts.paths:
        return _told(
            {
                "What is missing": _missing(facts),
                "How sparse for free?": path.sentences(facts),
                "What the penalty does to the weights": penalty.in_all(facts),
            }
        )
    factors = dict.fromkeys(question.factor for question in facts.questions)
    parts = {
        "What is missing": _missing(facts),
        "What ended at chance": _stuck(facts),
        **{heading(facts.study, factor): answers.sentences(facts, factor) for factor in factors},
        **{depends(*two): _whether(facts, found) for two, found in crossed.together(facts).items()},
        "What the penalty does to the weights": penalty.sentences(facts),
        "Are the norms well?": health.sentences(facts),
        "How far to trust this": caution.sentences(facts),
    }
    return _told(parts)


def _whether(facts: Facts, found: Sequence[Interaction]) -> Iterator[str]:
    told = crossed.answer(facts, found)
    yield from [told] if told else []


def _told(parts: Mapping[str, Iterator[str]]) -> tuple[Chapter, ...]:
    told = ((heading, tuple(sentences)) for heading, sentences in parts.items())
    return tuple(Chapter(heading, sentences) for heading, sentences in told if sentences)


def headline(facts: Facts) -> str:
    """The whole comparison in one sentence."""
    if not facts.finished:
        return "No run has finished yet." if facts.owed else "No run finished: every one diverged."
    if facts.paths:
        return path.headline(facts)
    if not facts.contrasts:
        return _without_contrast(facts)
    usable = [contrast for contrast in facts.contrasts if contrast.differences]
    if not usable:
        return "No two arms that answer a question share a finished seed."
    if max(len(contrast.seeds) for contrast in usable) == 1:
        return f"One seed cannot tell these {len(facts.arms)} arms apart."
    won = [contrast for contrast in usable if contrast.verdict.kind in (Kind.better, Kind.worse)]
    return _won(won, facts) if won else _nothing_won(facts)


def _without_contrast(facts: Facts) -> str:
    row = facts.arms[0]
    if len(facts.arms) > 1:
        return "No two arms differ in one thing alone; a baseline (--baseline NAME) compares all others with it."
    seeds = plural(len(row.seeds), "seed")
    return f"{row.name} gets {estimate(row.final)}% of the {facts.judged_on} images right ({seeds})."


def _won(won: list[Contrast], facts: Facts) -> str:
    widest = max(won, key=lambda contrast: abs(contrast.mean or 0))
    first = answers.better(widest)
    seeds = plural(len(widest.seeds), "seed")
    lead = f"{first.better} is better than {first.worse} by {fixed(first.difference)} points on {seeds}"
    asked = len(facts.contrasts)
    if asked == 1:
        return f"{lead}."
    alike = sum(contrast.verdict.kind is Kind.equivalent for contrast in facts.contrasts)
    equal = f" and {alike} equivalence" if alike else ""
    return f"{lead}; {len(won)} of {asked} comparisons {'shows' if len(won) == 1 else 'show'} a difference{equal}."


def _nothing_won(facts: Facts) -> str:
    seeds = max(len(contrast.seeds) for contrast in facts.contrasts)
    margin = facts.study.verdict.margin
    alike = sum(contrast.verdict.kind is Kind.equivalent for contrast in facts.contrasts)
    if alike == len(facts.contrasts):
        return f"Within {margin:g} points {_equal(facts)} equivalent on {seeds} seeds."
    so_far = f"; {alike} of {len(facts.contrasts)} pairs {'is' if alike == 1 else 'are'} equivalent" if alike else ""
    return f"{seeds} seeds are not enough evidence that {_claim(facts)}{so_far}{_further(facts)}."


def _equal(facts: Facts) -> str:
    """What is equivalent where every pair is."""
    if facts.study.baseline:
        return f"every other arm and {facts.study.baseline} are"
    if len(facts.contrasts) < facts.every_pair:
        return f"all {len(facts.contrasts)} pairs asked about are"
    return "both arms are" if len(facts.arms) == 2 else f"all {len(facts.arms)} arms are"


def _claim(facts: Facts) -> str:
    """What no pair shows where none is settled."""
    arms = len(facts.arms)
    if facts.study.baseline and arms > 2:
        return f"any of the {arms - 1} other arms is better or worse than {facts.study.baseline}"
    return "either arm is better" if arms == 2 else f"any of these {arms} arms is better than another"


def _further(facts: Facts) -> str:
    """The seeds until every open pair is settled, where each of them has a number."""
    more = [contrast.verdict.more for contrast in facts.contrasts if not contrast.verdict.settled]
    known = [seeds for seeds in more if seeds is not None]
    return f"; about {plural(max(known), 'more seed')} would settle it" if known and len(known) == len(more) else ""


def _missing(facts: Facts) -> Iterator[str]:
    if facts.owed and facts.study.until_settled:
        yield f"Not settled yet: up to {plural(facts.owed, 'more run')} may be added by the same command."
    elif facts.owed:
        yield f"Still missing: {facts.owed} of {plural(facts.planned, 'run')}; every number here may change."
    for row in facts.arms:
        if row.diverged:
            yield _diverged(row)


def _stuck(facts: Facts) -> Iterator[str]:
    """Arms with a run at chance: one such run outweighs all that norms differ by."""
    for row in facts.arms:
        if len(row.at_chance) == len(row.seeds) > 0:
            yield f"{row.name} ended at chance in every run: {estimate(row.final)}%, as one answer for all images gets."
        elif row.at_chance:
            where = listing([f"seed {run.seed} at {run.accuracy:.2f}%" for run in row.at_chance])
            yield (
                f"{row.name} ended at chance in {len(row.at_chance)} of {plural(len(row.seeds), 'run')} ({where}). "
                "Its means and intervals count that, as they should: they say how often it fails, not how well it does "
                "otherwise."
            )


def _diverged(row: ArmRow) -> str:
    where = listing([f"seed {run.seed} in epoch {run.epoch}" for run in row.diverged])
    if not row.seeds:
        return f"{row.name} diverged in every run so far ({where}): there is no accuracy to compare."
    ended = len(row.seeds) + len(row.diverged)
    return (
        f"{row.name} diverged in {len(row.diverged)} of {plural(ended, 'run')} ({where}). "
        "Its means leave these out, which flatters it."
    )
