"""What is known of one norm and one tensor, before anybody shows it."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.explanation.cell import Cell
from normlab.explanation.running import Running
from normlab.explanation.worked import Worked


@dataclass(frozen=True, eq=False)
class NormFacts:
    """A norm's numbers, its memory, and its extremes.

    Args:
        worked: the numbers in training.
        cell: the one whose arithmetic is spelled out.
        running: batch norm's memory after this batch, and that of its kin; None for other norms, which have none.
        alone: image 1 as a batch of its own, None where the batch has one image, or batch norm refuses it.
        splits: for group norm, every number of groups that fits, from layer norm to instance norm.
    """

    worked: Worked
    cell: Cell
    running: Running | None
    alone: Worked | None
    splits: tuple[Worked, ...]
