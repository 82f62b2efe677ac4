"""The arms of a study as far as a page has room for them: as many runs of each as fit, in the order of their seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch

from normlab.data import Dataset
from normlab.data.prepare import affine
from normlab.data.preprocess import network_input
from normlab.errors import DamagedRun, NetworkError
from normlab.models.graph import plain
from normlab.models.imports import imports
from normlab.models.registry import trained_network
from normlab.playground import levels
from normlab.playground.packing import packed
from normlab.playground.program import Program, program
from normlab.playground.rounding import round_kernels
from normlab.records import Comparison, RunRecord

ROOM = 100_000
"""Letters that the weights of an arm may take. The first run may take more, for nothing would be left of its arm."""
MOST = 8_000_000
"""Letters that even it may not take: a page has to open."""
SEEN = 50
"""Test images that tell how far weights may be rounded."""


@dataclass(frozen=True)
class Arms:
    """What a page can play with.

    Args:
        playing: plain values, one for each arm: its `name`, its `steps`, how many runs it has `finished`, and `runs`,
            each with its `seed` and its `weights` as text.
        left_out: a sentence for each arm and run that cannot play.
    """

    playing: tuple[dict[str, Any], ...]
    left_out: tuple[str, ...]


def arms(comparison: Comparison, data: Dataset) -> Arms:
    """The finished arms of a study, those left out that a browser cannot compute or whose weights are damaged."""
    playing, told = [], []
    for arm in comparison.study.arms:
        finished, runs = comparison.of(arm.name), _Runs(data)
        if finished:
            runs.take(finished)
            told += runs.told
            if runs.taken:
                known = {"name": arm.name, "steps": runs.steps, "finished": len(finished)}
                playing.append({**known, "runs": runs.taken})
    return Arms(tuple(playing), tuple(told))


class _Runs:
    """Those of one arm that fit."""

    def __init__(self, data: Dataset) -> None:
        self.data = data
        self.taken: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.steps: tuple[dict[str, Any], ...] = ()

    def take(self, runs: Sequence[RunRecord]) -> None:
        """As many as there is room for; what cannot be taken is told."""
        room = ROOM
        for run, made in self._programs(runs):
            text = packed(made.weights)
            if len(text) > (room if self.taken else MOST):
                break
            room -= len(text)
            self.steps = made.steps
            self.taken.append({"seed": run.seed, "weights": text})
        if not self.taken and not self.told:
            self.told.append(f"{runs[0].arm}: its network has too many weights for a page")

    def _programs(self, runs: Sequence[RunRecord]) -> Iterator[tuple[RunRecord, Program]]:
        for run in runs:
            try:
                yield run, _program(run, self.data)
            except DamagedRun as error:
                self.told.append(f"{run.job.name}: {'; '.join(error.why.values())}")
            except NetworkError as error:
                self.told.append(f"{run.arm}: {error}")
                return


@torch.no_grad()
def _program(run: RunRecord, data: Dataset) -> Program:
    """Of a run's network, rounded as far as nobody sees it."""
    recipe = run.job.recipe
    before = levels.steps(recipe.preprocess, *affine(data, recipe.preprocess))
    with imports(recipe.model):
        network = plain(deepcopy(trained_network(run)))
        round_kernels(network, network_input(data.test_images[:SEEN], data, recipe.preprocess))
        return program(network, run.job.shape, before)
