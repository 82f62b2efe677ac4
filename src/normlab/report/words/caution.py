"""How far the numbers can be trusted: the method, the noise, what the best epoch would have made of them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.analysis.arms import ArmRow
from normlab.analysis.misled import Misled
from normlab.show.numbers import between, fixed, listing, percent, plural
from normlab.stats.intervals import half_width
from normlab.stats.multiplicity import bonferroni


def sentences(facts: Facts) -> Iterator[str]:
    """What a careful reader asks next."""
    yield from _method(facts)
    yield from _few_seeds(facts)
    yield from _counting_noise(facts)
    yield from _best_epoch(facts)
    yield from (_one_seed_by_best_epoch(one, facts.judged_on) for one in facts.misled)
    yield from _parameters(facts)


def _method(facts: Facts) -> Iterator[str]:
    if not _most_seeds(facts) > 1:
        return
    judging, asked = facts.study.verdict, len(facts.contrasts)
    yield f"Differences are final-epoch {facts.judged_on} accuracy in percentage points, paired by seed."
    sure = percent(100 * judging.level, 0 if float(100 * judging.level).is_integer() else 1)
    over = f", corrected for all {asked} pairs together" if asked > 1 else ""
    if facts.study.until_settled:
        yield (
            f"A pair is settled when its interval excludes 0 or lies within ±{judging.margin:g} points; the intervals "
            f"hold with {sure} confidence however often one looks{over}."
        )
    else:
        holm = " by Holm’s procedure; each interval is at the level of its own step" if asked > 1 else ""
        yield (
            f"“Better” needs a t interval without 0, “equivalent” a one-sided one on each side within "
            f"±{judging.margin:g} points, at {sure} confidence{over}{holm}."
        )


def _few_seeds(facts: Facts) -> Iterator[str]:
    seeds = _most_seeds(facts)
    if seeds in {2, 3} and not facts.study.until_settled:
        level = bonferroni(facts.study.verdict.level, len(facts.contrasts))
        reach = fixed(half_width(seeds, level), 1)
        yield (
            f"{seeds} seeds can only show large differences: an interval reaches up to {reach} standard deviations of "
            "the paired differences to each side."
        )


def _most_seeds(facts: Facts) -> int:
    return max((len(contrast.seeds) for contrast in facts.contrasts), default=0)


def _counting_noise(facts: Facts) -> Iterator[str]:
    """The binomial standard error √(p(1 − p) / N) of one run, for orientation."""
    finals = [row.final.mean for row in facts.arms if row.final is not None]
    if not finals or not facts.images:
        return
    right = max(finals) / 100
    error = math.sqrt(right * (1 - right) / facts.images)
    images = plural(facts.images, f"{facts.judged_on} image")
    yield (
        f"For orientation: at {percent(100 * right)} of {images}, one standard error of one run's accuracy is "
        f"{fixed(100 * error, 3)} points ({fixed(error * facts.images, 1)} images)."
    )


def _best_epoch(facts: Facts) -> Iterator[str]:
    reached = _reached(facts)
    if not reached or facts.study.recipe.epochs == 1:
        return
    extra = [row.best.mean - row.final.mean for row in reached if row.best is not None and row.final is not None]
    if any(extra):
        yield f"Each run's best epoch instead of its last would raise an arm's mean by {between(extra, 3)} points."
    yield from _other_ranking(facts, reached)


def _other_ranking(facts: Facts, reached: list[ArmRow]) -> Iterator[str]:
    finals = {row.name: row.final.mean for row in reached if row.final is not None}
    bests = {row.name: row.best.mean for row in reached if row.best is not None}
    by_final, by_best = _ranked(finals), _ranked(bests)
    winners = _tied_first(bests)
    if not set(winners) & set(_tied_first(finals)):
        yield (
            f"Ranked by best {facts.judged_on} epoch {listing(winners)} would have won; by final epoch "
            f"{by_final[0]} has the highest mean; neither ranking is evidence."
        )
    elif by_final != by_best:
        yield (
            f"Ranked by best {facts.judged_on} epoch the order would be {', '.join(by_best)}; by final epoch it is "
            f"{', '.join(by_final)}; neither ranking is evidence."
        )


def _one_seed_by_best_epoch(one: Misled, judged_on: str) -> str:
    """The usual way: one seed of each norm, ranked by its best epoch."""
    named = listing([f"{arm} on {count}" for arm, count in one.winners.items()])
    ties = f", with a tie on {one.shared}" if one.shared else ""
    lead = f"One seed of each, ranked by best {judged_on} epoch, would have named {named} of {one.seeds} seeds{ties}"
    return f"{lead}; the same seed's final epoch has another winner on {one.different}."


def _ranked(means: dict[str, float]) -> list[str]:
    """Highest first; equal means keep the order of the study."""
    return sorted(means, key=lambda name: -means[name])


def _tied_first(means: dict[str, float]) -> list[str]:
    return [name for name in means if means[name] == max(means.values())]


def _parameters(facts: Facts) -> Iterator[str]:
    sizes = {row.name: row.parameters for row in facts.arms if row.parameters is not None}
    if len(sizes) < 2:
        return
    if len(set(sizes.values())) == 1:
        yield f"All arms have {next(iter(sizes.values())):,} parameters, so none wins by size."
    else:
        counts = listing([f"{name} {size:,}" for name, size in sizes.items()])
        yield f"The arms differ in parameters ({counts}), so a difference need not come from the norm alone."


def _reached(facts: Facts) -> list[ArmRow]:
    return [row for row in facts.arms if row.final is not None]
