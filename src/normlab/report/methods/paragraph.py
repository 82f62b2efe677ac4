"""How a study was done, in sentences that a paper can take: each made of the study, and none of it promised."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.records import Environment
from normlab.report.methods.images import cited
from normlab.report.words import amounts, few_errors, registered, trials, tuned
from normlab.report.words.caution import not_shared
from normlab.report.words.headings import title
from normlab.report.words.lede import networks
from normlab.show.numbers import listing, plural
from normlab.spec.problems import one_line
from normlab.stats.collapse import CHANCE
from normlab.stats.counted import FEW
from normlab.stats.looks import Looks
from normlab.stats.verdict import Rules

NAMED = 8
"""Arms that are named; more are counted."""


def paragraphs(facts: Facts) -> Iterator[str]:
    """Design and outcome; tests, failures and images; what was registered, the recipe, the software."""
    yield " ".join([_design(facts), *_pairing(facts), *_outcome(facts)])
    yield " ".join(
        [*(_choice() if facts.paths else _tests(facts)), *_failures(facts), *_images(facts), *_explored(facts)]
    )
    yield " ".join([_registered(facts), *_chosen(facts), *_software(facts)])


def _chosen(facts: Facts) -> Iterator[str]:
    """How the recipe's values came about."""
    yield from filter(None, [trials.how(facts), tuned.for_all_norms(facts.study)])
    if facts.tuned:
        yield "What fewer trials would have given is the expected best of so many, drawn of those made [@dodge2019]."


def _registered(facts: Facts) -> str:
    told = registered.sentence(facts.comparison.registered)
    return told or "The study was not registered beforehand with normlab."


def _design(facts: Facts) -> str:
    study = facts.study
    names = [one_line(arm.name) for arm in study.arms]
    named = f" ({', '.join(names)})" if len(names) <= NAMED else ""
    differ = f", which differ in {listing([title(path) for path in study.factors])}," if study.factors else ""
    most = "up to " if study.until_settled else "the same "
    *fewer, longest = facts.lengths
    epochs = f"{fewer[0]} to {plural(longest, 'epoch')}" if fewer else plural(longest, "epoch")
    return (
        f"With normlab [@normlab] {plural(len(names), 'arm')}{named} of {_networks(facts)} on "
        f"{cited(study.recipe.dataset)}{differ} were trained on {most}{plural(len(study.seeds), 'seed')} for {epochs}."
    )


def _networks(facts: Facts) -> str:
    several = len({arm.recipe.model for arm in facts.study.arms}) > 1
    return f"the network{'s' if several else ''} {networks(facts)}"


def _pairing(facts: Facts) -> Iterator[str]:
    if len(facts.study.arms) > 1:
        yield (
            "Runs on one seed share the initial values of all parameters that their arms have in common, the order of "
            "the training images, their augmentation and the dropout masks."
        )
        yield from not_shared(facts)
    if facts.study.warm_start:
        yield "Along λ each run starts from the final weights of the run with the next smaller λ on its seed."


def _outcome(facts: Facts) -> Iterator[str]:
    kept = facts.study.recipe.holdout
    images = plural(facts.images, f"{facts.judged_on} image")
    yield f"The outcome is {_primary(facts)} on {images} after the last epoch."
    if kept:
        looked = "what was chosen by it was judged on" if facts.comparison.tested else "nothing was judged on"
        yield f"{kept:,} training images were kept out for that; {looked} the data set's part for tests."


def _primary(facts: Facts) -> str:
    """What arms are judged by, and, where that is not accuracy, in which unit and which way."""
    outcome = facts.outcome
    if facts.study.verdict.usual:
        return outcome.title
    unit = f"in {outcome.unit}, " if outcome.unit else ""
    return f"{outcome.title} ({unit}{outcome.better} is better)"


def _choice() -> Iterator[str]:
    yield "Of each path the largest λ within one standard error of the best was chosen [@breiman1984]."


def _tests(facts: Facts) -> Iterator[str]:
    if not facts.contrasts:
        return
    judging, asked = facts.rules, facts.asked
    margin = f"±{judging.margin:g} {amounts.unit(facts.outcome)}".rstrip()
    yield "Differences are paired by seed."
    if judging.looks is Looks.once:
        holm = f", both corrected for all {asked} comparisons by Holm's procedure [@holm1979]" if asked > 1 else ""
        yield (
            "That arms differ was tested by paired t tests [@student1908], that they are equivalent by two one-sided "
            f"paired t tests [@schuirmann1987] against a margin of {margin}{holm}, at "
            f"{100 * judging.confidence:g}% confidence."
        )
        if few_errors.arms(facts):
            yield (
                f"Where an arm got fewer than {FEW:g} images wrong, equivalence also needed a score test of the counts "
                "[@farrington1990]."
            )
    else:
        yield from _by_sequences(judging, asked, margin)
    yield from _beyond(facts)


def _by_sequences(judging: Rules, asked: int, margin: str) -> Iterator[str]:
    all_of = f", corrected for all {asked} comparisons by Bonferroni's inequality" if asked > 1 else ""
    last = f" up to {plural(judging.ceiling, 'seed')}" if judging.ceiling else ""
    how = ", with one boundary for all looks up to the last [@pocock1977]" if judging.ceiling else ""
    yield (
        f"Seeds could be added after each look{last}, so every comparison has confidence sequences "
        f"[@lai1976; @wang2023], which hold at all these numbers of seeds at once, at {100 * judging.confidence:g}% "
        f"confidence{all_of}{how}: arms differ where the two-sided one excludes 0, and are equivalent where the "
        f"one-sided ones [@schuirmann1987] lie within a margin of {margin}."
    )


def _beyond(facts: Facts) -> Iterator[str]:
    judging = facts.rules
    if facts.grown_after and facts.grown_after.rules == Looks.up_to:
        yield f"After a verdict was seen others were taken than the up to {len(facts.grown_after.seeds)} seeds planned."
    elif facts.grown_after:
        yield f"Seeds were added after a verdict on {plural(len(facts.grown_after.seeds), 'seed')} was seen."
    if judging.looks is not Looks.always:
        yield f"All verdicts, before and after seeds are added, hold with {100 * judging.level:g}% together."
    if facts.interactions:
        yield (
            "Whether one answer depends on another factor was tested in the same way by differences of differences, "
            "corrected among themselves."
        )


def _explored(facts: Facts) -> Iterator[str]:
    if facts.others:
        titles = listing([outcome.title for outcome in facts.others.outcomes])
        yield (
            f"Other outcomes were explored in the same pairs: {titles}, all of these comparisons corrected together by "
            "Holm's procedure, apart from the verdicts."
        )


def _failures(facts: Facts) -> Iterator[str]:
    lost = sum(len(row.diverged) for row in facts.arms)
    low, least = sum(len(row.collapsed) for row in facts.arms), facts.study.verdict.collapse
    yield (
        "A run failed if its loss stopped being a number, or if its accuracy is an outlier below its arm's others "
        f"[@tietjen1972] (at most {100 * CHANCE:g}% of sound arms have one told) and at least {least:g} "
        f"points below their mean: of {plural(len(facts.comparison.runs), 'run')}, {lost} diverged and {low} collapsed."
    )
    if facts.contrasts and not facts.paths:
        test = (
            "McNemar's exact tests [@mcnemar1947]"
            if facts.rules.looks is Looks.once
            else "a likelihood ratio that holds at every look [@vovk2021]"
        )
        yield (
            f"Differences are of the seeds on which neither arm failed; how often arms fail is compared by {test}, and "
            "no verdict speaks for an arm that failed where the other did not."
        )


def _images(facts: Facts) -> Iterator[str]:
    if facts.contrasts and any(facts.elsewhere(contrast) for contrast in facts.contrasts):
        yield (
            "Verdicts hold for these images; beside each interval stands one for other images of the same kind, from "
            "the mean squares of seeds crossed with images [@owen2007], each with its own quantile [@banerjee1960]."
        )


def _software(facts: Facts) -> Iterator[str]:
    for where, runs in facts.environments:
        several = f"{plural(runs, 'run')} were" if len(facts.environments) > 1 else "All runs were"
        yield f"{several} made with {_made_with(where)}."


def _made_with(where: Environment) -> str:
    known = {
        "normlab": where.normlab,
        "PyTorch": where.torch and f"{where.torch} [@paszke2019]",
        "NumPy": where.numpy,
        "Python": where.python,
    }
    versions = [f"{name} {version}" for name, version in known.items() if version]
    engine = f"the engine {where.engine} of " if where.engine else ""
    place = f" on {where.processor} ({where.device})" if where.processor else f" on {where.device}"
    return f"{engine}{listing(versions) if versions else 'versions that were not recorded'}{place}"
