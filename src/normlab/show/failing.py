"""How often two arms fail, in a sentence; and why there is no verdict between them."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.show.numbers import fixed, listing, plural
from normlab.stats.failures import Counts, Failures, Often
from normlab.stats.intervals import Interval


def sentence(first: str, second: str, found: Failures) -> str:
    """Of how many runs each failed, with the interval of that share, and whether one fails more often."""
    one, other = map(_rate, found.counts.failed, found.counts.runs, found.rates)
    more = {Often.more: f"{first} fails more often", Often.less: f"{second} fails more often"}
    said = more.get(found.often, "not enough evidence that either fails more often")
    return f"{first} failed in {one}, {second} in {other}: {said} ({_p(found.p)})."


def reason(first: str, second: str, counts: Counts) -> str:
    """Which arm failed where the other did not, for instance `ln failed on 6 seeds where bn did not`."""
    return listing([*_alone(first, second, counts.alone[0], counts), *_alone(second, first, counts.alone[1], counts)])


def _alone(arm: str, other: str, count: int, counts: Counts) -> Iterator[str]:
    if count:
        yield (
            f"{arm} failed on {plural(count, 'seed')} where {other} did not"
            if counts.paired
            else (f"{arm} failed in {plural(count, 'run')}")
        )


def _rate(failed: int, runs: int, rate: Interval) -> str:
    return f"{failed} of {plural(runs, 'run')} ({fixed(100 * rate.low, 0)} to {fixed(100 * rate.high, 0)}%)"


def _p(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {fixed(value, 3)}"
