"""A norm explained: its numbers, its memory, its extremes, each checked against PyTorch before it is handed out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict, Unpack, overload

from numpy.typing import ArrayLike
from rich.console import ConsoleRenderable
from rich.text import Text

from normlab.errors import SpecError
from normlab.explanation import running, tensor, terminal
from normlab.explanation.about import NORMS
from normlab.explanation.cell import Cell, inside
from normlab.explanation.check import check, check_kernel
from normlab.explanation.facts import NormFacts
from normlab.explanation.figure import FIGURE
from normlab.explanation.running import Running
from normlab.explanation.sets import divisors, mixes
from normlab.explanation.shown import Shown
from normlab.explanation.worked import Worked, refused, work
from normlab.norms.names import read


class Explanation(Shown, NormFacts):
    """A norm's facts as they are shown: `print` shows them, and so does a notebook."""

    def parts(self) -> Iterator[ConsoleRenderable]:
        """What is printed, from top to bottom."""
        return terminal.parts(self)


class Explanations(Shown, tuple[Explanation, ...]):
    """Several norms on one tensor, one below the other; each can be taken out by its place."""

    def parts(self) -> Iterator[ConsoleRenderable]:
        """What is printed, from top to bottom."""
        yield Text(terminal.introduction(self[0].worked.x))
        for each in self:
            yield from each.parts()
            yield Text()


class Given(TypedDict, total=False):
    """What norms are explained on."""

    x: ArrayLike
    gamma: ArrayLike
    beta: ArrayLike
    cell: Cell | None


@overload
def explain(norm: str, /, **given: Unpack[Given]) -> Explanation: ...
@overload
def explain(norm: str, other: str, /, *others: str, **given: Unpack[Given]) -> Explanations: ...
def explain(*norms: str, **given: Unpack[Given]) -> Explanation | Explanations:
    """Every number of a norm, or of several, for a tensor of images.

    Args:
        norms: names, for instance `bn` or `gn:3`.
        x: finite real numbers (N, C, H, W), at most 4,096; the figure of the course study if left out.
        gamma, beta: one number, one for each channel, or for `ln-chw` one for each element.
        cell: which one's arithmetic is spelled out, its index in `x`; by default one of image 1's second channel.

    Raises:
        SpecError: no norm is named, or the tensor, γ, β or the cell do not fit. `UnknownName` and `GroupsError` for the
            norm.
        Disagreement: PyTorch finds other numbers.
    """
    if not norms:
        raise SpecError("expected the name of a norm, for instance explain('bn') or explain('bn', 'gn:3')")
    if not all(isinstance(norm, str) for norm in norms[1:]):
        raise SpecError("expected names of norms; a tensor is given by name: explain('bn', x=…)")
    found = Explanations(_explained(norm, **given) for norm in norms)
    return found if len(found) > 1 else found[0]


def _explained(
    norm: str,
    x: ArrayLike | None = None,
    gamma: ArrayLike = 1.0,
    beta: ArrayLike = 0.0,
    cell: Cell | None = None,
) -> Explanation:
    if read(norm).kind not in NORMS:
        raise SpecError(f"{norm}: its formula is its package's own; explained are {', '.join(NORMS)}")
    values = FIGURE if x is None else tensor.of(x)
    if refused(read(norm), values.shape):
        way = "give more images or larger planes" if mixes(read(norm)) else "give larger planes"
        raise SpecError(f"{norm}: a set needs more than one value to have a variance, got 1; {way}")
    worked = work(norm, values, tensor.numbers(gamma, "gamma"), tensor.numbers(beta, "beta"))
    found = Explanation(worked, inside(cell, values.shape), _memory(worked), _alone(worked), _splits(worked))
    check(worked, found.running)
    if worked.name.standardized:
        check_kernel(worked.eps)
    for other in (found.alone, *found.splits):
        if other is not None:
            check(other)
    return found


def _memory(worked: Worked) -> Running | None:
    return running.remember(worked) if worked.name.over_images else None


def _alone(worked: Worked) -> Worked | None:
    first = worked.x[:1]
    if len(worked.x) == 1 or refused(worked.name, first.shape):
        return None
    return work(worked.norm, first, worked.gamma, worked.beta)


def _splits(worked: Worked) -> tuple[Worked, ...]:
    if worked.name.kind != "gn":
        return ()
    names = [f"gn:{groups}" for groups in divisors(worked.x.shape[1])]
    fitting = [name for name in names if not refused(read(name), worked.x.shape)]
    return tuple(work(name, worked.x, worked.gamma, worked.beta) for name in fitting)
