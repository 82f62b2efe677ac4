"""How much of a penalty is about the scale of weights, which a norm divides away."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.analysis.scale import ScaleRow
from normlab.show.numbers import between, fixed, percent, times


def sentences(facts: Facts) -> Iterator[str]:
    """What was measured of it; nothing where no penalised weight stands in front of a norm."""
    charged = _charged(facts)
    if not charged:
        return
    yield _does_not_matter(charged)
    along = [100 * row.along.mean for row in charged if row.along]
    if along:
        yield (
            f"Of an L1's pull on these weights at the end, {between(along, 0)}% only shrinks their common scale, which "
            "changes the effective step size and not the function; the rest turns them."
        )


def steps(facts: Facts, most: int) -> Iterator[str]:
    """The effective step size of arms with a penalty beside those without, of more than `most` in one sentence."""
    pairs = [(row, plain) for row in _charged(facts) if (plain := _without(facts, row)) is not None]
    if len(pairs) > most:
        yield _all_steps([_ratios(*pair) for pair in pairs])
    else:
        yield from (_steps(*pair) for pair in pairs)


def _charged(facts: Facts) -> list[ScaleRow]:
    """The arms with a penalty on weights; of paths, whose ends are no networks any more, the chosen ones."""
    charged = [row for row in facts.scale if row.arm.recipe.penalty.lam and row.arm.recipe.penalty.kind != "gamma"]
    chosen = [path.choice.chosen for path in facts.paths]
    return [row for row in charged if row.arm in chosen] if chosen else charged


def _does_not_matter(rows: list[ScaleRow]) -> str:
    shares = between([100 * row.charged.mean for row in rows], 0)
    change = max(row.seen.change for row in rows)
    flipped = max(row.seen.flipped for row in rows)
    classes = "no predicted class" if not flipped else f"the predicted class of {percent(100 * flipped)} of images"
    return (
        f"{shares}% of Σ|w| is on weights that a norm divides the scale away of: halving all of them at once changes "
        f"{classes} and no probability by more than {fixed(change, 4)}."
    )


def _without(facts: Facts, row: ScaleRow) -> ScaleRow | None:
    """The same arm without a penalty."""
    return next((one for one in facts.scale if one.arm == facts.study.plain(row.arm)), None)


def _steps(row: ScaleRow, plain: ScaleRow) -> str:
    ratios = _ratios(row, plain)
    return (
        f"{row.arm.name}: the effective step size of these weights is {times(ratios[0])} that without a penalty after "
        f"the first epoch and {times(ratios[-1])} after the last."
    )


def _all_steps(ratios: list[list[float]]) -> str:
    first, last = ([each[place] for each in ratios] for place in (0, -1))
    return (
        f"The effective step size of these weights is {_span(first)} that without a penalty after the first epoch and "
        f"{_span(last)} after the last."
    )


def _span(ratios: list[float]) -> str:
    return f"{times(min(ratios))} to {times(max(ratios))}"


def _ratios(row: ScaleRow, plain: ScaleRow) -> list[float]:
    return [mine / theirs for mine, theirs in zip(row.steps, plain.steps, strict=False)]
