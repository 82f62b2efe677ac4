"""The chance that a study which adds seeds until all is settled gets there: by its last seed, or in some time."""

from __future__ import annotations

from normlab.analysis import Facts, open_arms
from normlab.show.numbers import percent, plural, roughly


def by_the_last(facts: Facts) -> str:
    """For the end of a sentence about runs that may be added; empty where nothing is known."""
    told = _least(facts, None)
    return f"; {told}" if told else ""


def in_time(facts: Facts, seconds: float, at_a_time: int) -> str:
    """What as much time again would bring; empty of what is settled, or may take no seeds.

    Args:
        facts: of the study.
        seconds: of wall time.
        at_a_time: runs.
    """
    arms = open_arms(facts.questions)
    a_seed = sum(row.seconds.mean for row in facts.arms if row.name in arms and row.seconds) / at_a_time
    if not facts.owed or not a_seed:
        return ""
    seeds = int(seconds / a_seed)
    told = _least(facts, seeds)
    return f"Another {roughly(seconds)} is time for about {plural(seeds, 'more seed')}; {told}." if told else ""


def _least(facts: Facts, seeds: int | None) -> str:
    """The chance of the pair that is farthest from a verdict."""
    known = {contrast.arms: facts.chance(contrast, seeds) for contrast in facts.contrasts}
    chances = {pair: chance for pair, chance in known.items() if chance is not None}
    if not chances:
        return ""
    (first, second), least = min(chances.items(), key=lambda item: item[1])
    which = f"{first} against {second}" + (", which is farthest from it," if len(chances) > 1 else "")
    return f"the chance that they settle {which} is {percent(100 * least, 0)}"
