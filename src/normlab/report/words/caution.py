"""How far the numbers can be trusted: the method, the noise, what the best epoch would have made of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from normlab.analysis import Facts, beaten
from normlab.analysis.arms import ArmRow
from normlab.analysis.misled import Misled
from normlab.report.words import amounts, failures, few_errors, tuned
from normlab.report.words.amounts import within
from normlab.report.words.headings import the, title
from normlab.show.numbers import between, fixed, listing, percent, plural
from normlab.spec import known
from normlab.stats.intervals import half_width
from normlab.stats.looks import Looks
from normlab.stats.multiplicity import bonferroni

FEW, MANY = 6, 2
"""Arms whose order is written out, and questions that have a sentence each."""


def sentences(facts: Facts) -> Iterator[str]:
    """What a careful reader asks next."""
    yield from _judged_by(facts)
    yield from _grown(facts)
    yield from _asked(facts)
    yield from _method(facts)
    yield from failures.scope(facts)
    yield from _few_seeds(facts)
    yield from _ranges(facts)
    yield from few_errors.caution(facts)
    yield from _counting_noise(facts)
    yield from _best_epoch(facts)
    yield from _one_seed(facts)
    yield from _taken(facts)
    yield from _parameters(facts)
    yield from _tuned(facts)
    yield from _linked(facts)
    yield from not_shared(facts)


def _judged_by(facts: Facts) -> Iterator[str]:
    """An outcome that is not the usual one may have been chosen for what it says, if it was not registered."""
    registered = facts.comparison.registered
    named = registered is not None and registered.registration.design.outcome == registered.now.outcome
    if facts.contrasts and not facts.study.verdict.usual and not named:
        yield (
            f"Arms are judged by {facts.outcome.title}, and not by accuracy. Who chooses that after a look at several "
            "outcomes finds differences by chance: name it beforehand, `normlab preregister` writes it down."
        )


def _taken(facts: Facts) -> Iterator[str]:
    """An arm that is taken for what it did on test images did well on these."""
    several = any(len(contrast.seeds) > 1 for contrast in facts.contrasts)
    if facts.judged_on == "test" and several:
        yield (
            f"Whoever takes an arm for its mean here has chosen it on the test images, and its {facts.outcome.title} "
            "there flatters it. With --holdout arms are judged on training images that are kept out."
        )


def _tuned(facts: Facts) -> Iterator[str]:
    """Whether one of the norms had the recipe made for it."""
    if _most_seeds(facts) > 1:
        yield from filter(None, [tuned.for_all_norms(facts.study)])


def _grown(facts: Facts) -> Iterator[str]:
    """Seeds that came after a look, and the way out."""
    look = facts.grown_after
    if look is not None and look.rules == Looks.up_to:
        yield (
            f"A verdict was shown while seeds were added, {len(look.seeds)} at most ({look.when[:10]}), and then "
            "others were taken than were planned, so every verdict, that first one included, follows the rules that "
            "allow looking without an end, which take more seeds. Name the most that you would take beforehand, or "
            "start from seeds that nobody has seen with --fresh-seeds, to be judged as planned."
        )
    elif look is not None:
        yield (
            f"Seeds were added after a verdict on {plural(len(look.seeds), 'seed')} was shown ({look.when[:10]}), so "
            "every verdict, that first one included, follows the rules that allow looking. Name the number of seeds "
            "beforehand, or start from seeds that nobody has seen with --fresh-seeds, to be judged once."
        )


def _asked(facts: Facts) -> Iterator[str]:
    """What was left out of the questions beforehand, which makes those that are left easier to answer."""
    study, asked = facts.study, len(facts.contrasts)
    if study.race:
        yield from _raced(facts)
    elif study.baseline:
        yield (
            f"Every other arm is compared with the baseline {study.baseline} alone: {plural(asked, 'pair')}; "
            f"without it, {plural(facts.every_pair, 'pair')} that differ in one thing could be asked about."
        )
    elif asked < facts.every_pair:
        factors = listing([the(path) for path in dict.fromkeys(question.factor for question in facts.questions)])
        pairs = f"{asked} of the {facts.every_pair} pairs that differ in one thing"
        yield f"Verdicts are asked for on {factors} alone: {pairs}."


def _raced(facts: Facts) -> Iterator[str]:
    """Who fell out, and what was not asked to the end for it; all pairs count in the correction."""
    out = beaten(facts.questions)
    left = facts.asked - len(facts.contrasts)
    if out:
        names = listing([arm.name for arm in facts.study.arms if arm.name in out])
        pairs = f"; {plural(left, 'pair')} with one of them {'is' if left == 1 else 'are'} left open" if left else ""
        yield f"A race: {names} took no more seeds once another was shown to be better{pairs}."


def _linked(facts: Facts) -> Iterator[str]:
    """Fields that follow a factor: what looks like one change is two."""
    for path, link in facts.study.links.items():
        if link.per in facts.study.factors:
            yield (
                f"{the(path).capitalize()} follows {the(link.per)} ({link.told}): arms that differ in one differ in "
                "the other."
            )


def not_shared(facts: Facts) -> Iterator[str]:
    """What arms with the same seed do not have in common, though their differences are paired by it."""
    for path in facts.study.factors:
        setting = known()[path].setting
        if setting.apart:
            yield f"Arms with another {title(path)} share their seed, but not {setting.apart}."


def _method(facts: Facts) -> Iterator[str]:
    if not _most_seeds(facts) > 1:
        return
    judging, asked = facts.rules, facts.asked
    yield f"Differences are {_of(facts)}, paired by seed."
    sure, margin = f"{100 * judging.confidence:g}% confidence", within(judging.margin, facts.outcome)
    over = f", corrected for all {asked} pairs together" if asked > 1 else ""
    if judging.looks is Looks.once:
        holm = " by Holm’s procedure; each interval is at the level of its own step" if asked > 1 else ""
        yield (
            f"“Better” needs a t interval without 0, “equivalent” a one-sided one on each side within "
            f"±{margin}, at {sure}{over}{holm}."
        )
    else:
        yield (
            f"“Better” needs an interval without 0, “equivalent” a one-sided one on each side within ±{margin}; each "
            f"holds with {sure} however often one looks{_up_to(facts)}{over}. The interval of arms that are equivalent "
            f"lies between the one-sided ones, which both hold with {100 * (2 * judging.confidence - 1):g}%."
        )
    if judging.looks is not Looks.always:
        later = "also if other seeds are taken later" if judging.ceiling else "before and after seeds are added"
        yield f"All verdicts of this study, {later}, hold with {100 * judging.level:g}% together."


def _up_to(facts: Facts) -> str:
    last = facts.rules.ceiling
    return f" up to {plural(last, 'seed')}" if last else ""


def _of(facts: Facts) -> str:
    """What is subtracted, and in which unit."""
    outcome, usual = facts.outcome, facts.study.verdict.usual
    unit = f" in {amounts.unit(outcome)}" if outcome.apart else ""
    better = "" if usual else f" ({outcome.better} is better)"
    return f"final-epoch {facts.judged_on} {outcome.title}{unit}{better}"


def _few_seeds(facts: Facts) -> Iterator[str]:
    seeds, judging = _most_seeds(facts), facts.rules
    if seeds in {2, 3} and judging.looks is Looks.once:
        level = bonferroni(judging.confidence, facts.asked)
        reach = fixed(half_width(seeds, level), 1)
        yield (
            f"{seeds} seeds can only show large differences: an interval reaches up to {reach} standard deviations of "
            "the paired differences to each side."
        )


def _ranges(facts: Facts) -> Iterator[str]:
    """What the seeds that would settle a pair are a range of."""
    if any(contrast.verdict.growing for contrast in facts.contrasts):
        yield (
            "How many seeds would settle a pair depends on its true difference and spread, which so many seeds leave "
            "open: four of five such ranges hold."
        )


def _most_seeds(facts: Facts) -> int:
    return max((len(contrast.seeds) for contrast in facts.contrasts), default=0)


def _counting_noise(facts: Facts) -> Iterator[str]:
    """The binomial standard error √(p(1 − p) / N) of one run, for orientation."""
    finals = [row.final.mean for row in facts.arms if row.final is not None]
    if not finals or not facts.images or not facts.study.verdict.usual:
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
    if not reached or facts.lengths == (1,) or not facts.study.verdict.usual:
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
    elif by_final != by_best and len(by_best) > FEW:
        moved = sum(one != other for one, other in zip(by_final, by_best, strict=True))
        yield (
            f"Ranked by best {facts.judged_on} epoch, {moved} of {len(by_best)} arms would stand in another place than "
            "by final epoch; neither ranking is evidence."
        )
    elif by_final != by_best:
        yield (
            f"Ranked by best {facts.judged_on} epoch the order would be {', '.join(by_best)}; by final epoch it is "
            f"{', '.join(by_final)}; neither ranking is evidence."
        )


def _one_seed(facts: Facts) -> Iterator[str]:
    """The usual way: one seed of each arm, ranked by its best epoch; of many questions, what comes of it in all."""
    if len(facts.misled) <= MANY:
        yield from (_one_seed_by_best_epoch(one, facts.judged_on) for one in facts.misled)
        return
    alike = sum(max(one.winners.values()) == one.seeds for one in facts.misled)
    ranked = sum(one.seeds for one in facts.misled)
    yield (
        f"One seed of each, ranked by best {facts.judged_on} epoch, would have named the same winner on every seed in "
        f"{alike} of {len(facts.misled)} questions; the same seed's final epoch has another winner "
        f"{sum(one.different for one in facts.misled)} of {ranked} times."
    )


def _one_seed_by_best_epoch(one: Misled, judged_on: str) -> str:
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
        counts = listing([f"{name} {size:,}" for name, size in _by_size(sizes).items()])
        yield f"The arms differ in parameters ({counts}), so a difference need not come from the {facts.kind} alone."


def _by_size(sizes: Mapping[str, int]) -> dict[str, int]:
    """One arm for each number of parameters, "and so many others" behind its name."""
    names: dict[int, list[str]] = {}
    for name, size in sizes.items():
        names.setdefault(size, []).append(name)
    return {f"{first} and {len(rest)} more" if rest else first: size for size, (first, *rest) in names.items()}


def _reached(facts: Facts) -> list[ArmRow]:
    return [row for row in facts.arms if row.final is not None]
