"""How sparse a network can get before that costs accuracy, by each way there."""

from __future__ import annotations

from collections.abc import Iterator

from normlab.analysis import Facts
from normlab.analysis.path import Path, Point, Tested
from normlab.records import NEAR_ZERO
from normlab.report.words.answers import TOO_FEW
from normlab.show.numbers import estimate, fixed, percent, plural, signed
from normlab.stats.intervals import Interval


def sentences(facts: Facts) -> Iterator[str]:
    """The choice on each path, what it was worth on test images, and what to keep in mind."""
    for path in facts.paths:
        yield _chosen(path)
        if path.near:
            yield _near(path, path.near, facts.study.verdict.margin)
        if path.tested:
            yield _tested(path.choice.chosen.name, path.tested)
    if facts.paths:
        yield from _ends(facts)
        yield (
            "Each λ starts from the network of the one below it, so the k-th has been trained k times as long as the "
            "arm without a penalty."
        )


def short(path: Path, margin: float) -> str:
    """How sparse for free, of one path."""
    if path.near is None:
        return f"{path.choice.kind}: every λ costs more than {margin:g} points"
    return f"{path.choice.kind}: up to λ = {path.near.lam:g}, {_left(path.near)}"


def _chosen(path: Path) -> str:
    chosen, best, kind = path.chosen, path.best, path.choice.kind
    reached = f"{estimate(chosen.accuracy)}% of held-out images right, {_left(chosen)}"
    if chosen is best:
        return f"{kind}: the best λ, {chosen.lam:g}, is also the largest within one standard error: {reached}."
    return (
        f"{kind}: the largest λ within one standard error ({fixed(path.choice.error, 3)} points) of the best "
        f"({estimate(best.accuracy)}% at λ = {best.lam:g}) is {chosen.lam:g}: {reached}."
    )


def _near(path: Path, near: Point, margin: float) -> str:
    away = near.accuracy.mean - path.points[0].accuracy.mean
    return (
        f"{path.choice.kind}: the largest λ at most {margin:g} points below no penalty on held-out images is "
        f"{near.lam:g} ({signed(away)} points): {_left(near)}."
    )


def _left(point: Point) -> str:
    zero, near = percent(point.zero.mean, 1), percent(point.near_zero.mean, 1)
    return f"{zero} of the weights exactly zero, {near} below {NEAR_ZERO:g}"


def _tested(name: str, tested: Tested) -> str:
    known, seeds = _interval_told(tested), plural(len(tested.chosen.values), "seed")
    span = f" ({signed(known.low)} to {signed(known.high)}, 95% t interval paired by seed)" if known else f", {seeds}"
    return (
        f"On test images, looked at once, {name} gets {estimate(tested.chosen)}% right and no penalty "
        f"{estimate(tested.plain)}%: {signed(tested.difference)} points{span}."
    )


def _interval_told(tested: Tested) -> Interval | None:
    """Its interval if it means something: that of two seeds may lie at ±170 points around 0."""
    known = tested.interval
    few = len(tested.chosen.values) <= TOO_FEW
    return None if known is None or (few and known.low < 0 < known.high) else known


def _ends(facts: Facts) -> Iterator[str]:
    """Whether a path that can reaches the λ where nothing is left."""
    rows = {layers.arm.name: layers.kernels for layers in facts.layers}
    for path in facts.paths:
        last = path.points[-1].arm
        kind = last.recipe.penalty.kind if last.recipe.penalty.lam else ""
        kernels = rows.get(last.name, ())
        if kind in ("prox", "elastic", "group") and not any(row.zero.mean == 100 for row in kernels):
            yield f"{path.choice.kind}: every layer still has weights at the largest λ, {last.recipe.penalty.lam:g}."


def headline(facts: Facts) -> str:
    """How sparse, in one sentence."""
    margin = facts.study.verdict.margin
    known = [(path, path.near) for path in facts.paths if path.near]
    if not known:
        return f"Every λ costs more than {margin:g} points of held-out accuracy."
    path, near = max(known, key=lambda pair: pair[1].zero.mean)
    if not near.zero.mean:
        return f"Within {margin:g} points of held-out accuracy, no λ makes a weight exactly zero."
    zero = percent(near.zero.mean, 0)
    return (
        f"Within {margin:g} points of held-out accuracy, {path.choice.kind} makes {zero} of the weights exactly zero."
    )
