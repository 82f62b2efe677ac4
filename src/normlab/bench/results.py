"""What a contest found: plain values that a file keeps, a table and a chart show."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

LOOP, EAGER, LANES = "course loop", "eager", "lanes"


@dataclass(frozen=True)
class Timing:
    """Images per second of the whole machine, one figure a round; a round's contestants ran one after the other."""

    norm: str
    contestant: str
    images_per_second: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.images_per_second)


@dataclass(frozen=True)
class Ratio:
    """How many times as fast: the median over rounds, and the range."""

    median: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Results:
    """A contest's figures.

    `peak` is float32 operations per second of one core, `operations` those of one image's training, `cold` and
    `cached` the seconds until the first step is done in a new process, without and with kernels on disk.
    """

    date: str
    command: str
    processor: str
    cores: int
    torch: str
    model: str
    batches: int
    peak: float
    operations: dict[str, float]
    cold: dict[str, float]
    cached: dict[str, float]
    timings: tuple[Timing, ...]

    @property
    def norms(self) -> list[str]:
        """The norms in the order in which they were measured."""
        return list(dict.fromkeys(timing.norm for timing in self.timings))

    def timing(self, norm: str, contestant: str) -> Timing:
        """The figures of one contestant with one norm."""
        return next(t for t in self.timings if (t.norm, t.contestant) == (norm, contestant))

    def ratio(self, norm: str, of: str, to: str) -> Ratio:
        """`of` against `to`, round by round."""
        pairs = zip(self.timing(norm, of).images_per_second, self.timing(norm, to).images_per_second, strict=True)
        ratios = sorted(a / b for a, b in pairs)
        return Ratio(statistics.median(ratios), ratios[0], ratios[-1])

    def mean_ratio(self, of: str, to: str) -> float:
        """The mean over norms of the median ratios."""
        return statistics.mean(self.ratio(norm, of, to).median for norm in self.norms)

    def share(self, norm: str, contestant: str) -> float:
        """Of all cores' peak, 0 to 1, evaluation and everything else counted as time but not as work."""
        return self.timing(norm, contestant).median * self.operations[norm] / (self.peak * self.cores)

    def to_json(self) -> str:
        """All of it."""
        return json.dumps(asdict(self), indent=1) + "\n"


def markdown(results: Results) -> str:
    """The figures as a table, with what they were measured on."""
    r = results
    lines = [
        f"`{r.command}` on {r.date}: {r.cores} cores of {r.processor}, torch {r.torch}, network `{r.model}`, "
        f"{r.batches} batches of 128 and their share of evaluation. Peak: {r.peak / 1e9:.0f} GFLOP/s a core.",
        "",
        "| norm | engine | images/s, median (range) | against the course loop | against eager | share of peak |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    lines += [_row(r, timing) for timing in r.timings]
    lines += ["", _means(r), "", _compile(r)]
    return "\n".join(lines) + "\n"


def _row(r: Results, t: Timing) -> str:
    low, high = min(t.images_per_second), max(t.images_per_second)
    rate = f"{t.median:,.0f} ({low:,.0f} to {high:,.0f})"
    share = f"{100 * r.share(t.norm, t.contestant):.0f} %"
    return f"| {t.norm} | {t.contestant} | {rate} | {_ratio(r, t, LOOP)} | {_ratio(r, t, EAGER)} | {share} |"


def _ratio(r: Results, t: Timing, to: str) -> str:
    if t.contestant in (to, LOOP):
        return ""
    ratio = r.ratio(t.norm, t.contestant, to)
    return f"{ratio.median:.2f} × ({ratio.lowest:.2f} to {ratio.highest:.2f})"


def _means(r: Results) -> str:
    parts = [f"{name} {r.mean_ratio(name, LOOP):.1f} × the course loop" for name in (LANES, EAGER)]
    return f"Means of the norms' medians: {', '.join(parts)}, lanes {r.mean_ratio(LANES, EAGER):.1f} × eager."


def _compile(r: Results) -> str:
    def listed(seconds: dict[str, float]) -> str:
        return ", ".join(f"{norm} {value:.2f} s" for norm, value in seconds.items())

    return f"From the built model to the end of the first step: cold {listed(r.cold)}; cached {listed(r.cached)}."


def shares_of(results: Results, norms: Sequence[str]) -> list[dict[str, object]]:
    """Rows for the chart: one for each norm and engine."""
    return [
        {
            "norm": norm,
            "engine": timing.contestant,
            "images": timing.median,
            "low": min(timing.images_per_second),
            "high": max(timing.images_per_second),
            "share": 100 * results.share(norm, timing.contestant),
        }
        for norm in norms
        for timing in results.timings
        if timing.norm == norm
    ]
