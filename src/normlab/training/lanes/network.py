"""A model compiled: its parameters, slopes and statistics lie in the memory that the kernels work on."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from normlab.training.lanes import settings
from normlab.training.lanes.arena import Arena
from normlab.training.lanes.computed import ComputedWeights
from normlab.training.lanes.cover import check
from normlab.training.lanes.draft import Draft
from normlab.training.lanes.fuse import steps
from normlab.training.lanes.lower import to_judge, to_train
from normlab.training.lanes.memory import Memory
from normlab.training.lanes.operations import Buffer
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.program import Program
from normlab.training.lanes.target import Target, host
from normlab.training.lanes.trace import called, fixed, trace


class Network:
    """A model ready to train and to judge on batches of at most `batch` images of (C, H, W).

    The model's own tensors are moved into the compiled program's memory: an optimizer that changes `p.data` by
    `p.grad` changes what the next step computes, and `state_dict()` is always the truth. Raises `EngineError` where
    the model holds something that no kernel covers. `called` are the layers of functions that drop: their masks begin
    where whoever runs the network says.
    """

    def __init__(self, model: nn.Module, shape: tuple[int, int, int], batch: int, target: Target | None = None) -> None:
        self.target = target = target or host()
        self.lanes, self.blocks = target.lanes, -(-batch // target.lanes)
        graph = trace(model, shape)
        self.called = called(model, graph)
        self.logarithmic = type(graph[graph.output].module) is nn.LogSoftmax
        plan = steps(graph)
        check(plan)
        self.computed = ComputedWeights(graph.computed) if graph.computed else None
        self.fixed = fixed(model, graph)
        standing = graph.computed.standing if graph.computed else ()
        self.memory = Memory(model, self.lanes, standing, list(self.fixed.values()))
        draft = Draft(plan, self.memory)
        training, judging = to_train(draft), to_judge(draft)
        self.arena = Arena([training, judging], self.blocks, [self.memory.images])
        self.training, self.judging = (Program(operations, [self.arena], target) for operations in (training, judging))
        self.input, self.output = draft.input, draft.output
        self.classes = self.output.plane.channels
        self.batch_norms = [step.module for step in plan if isinstance(step.module, settings.OF_BATCHES)]
        self._move(model)
        self._words(self.memory.images)[:] = np.arange(self.blocks * self.lanes).reshape(self.blocks, self.lanes)
        self.images = 0
        self._count(batch)

    def learn(self, images: NDArray[np.float32], labels: NDArray[np.int64]) -> tuple[float, int]:
        """The mean loss of a batch and how many are right; the parameters' `grad` holds the loss's gradient.

        Images are standardized float32 (N, C, H, W).
        """
        self.put(images)
        return self.step(labels)

    def step(self, labels: NDArray[np.int64]) -> tuple[float, int]:
        """As `learn`, for images that are in place already."""
        count = len(labels)
        self._count(count)
        self._lanes(labels.astype(np.int32), self._words(self.memory.labels))
        for dropout, buffer in self.memory.keys.values():
            self._words(buffer)[0] = dropout.keys().view(np.int32)
        self.refresh()
        self.training.run(-(-count // self.lanes))
        if self.computed:
            self.computed.spread()
        for norm in self.batch_norms:
            norm.num_batches_tracked.add_(1)  # type: ignore[union-attr]  # `cover` saw that it is there
        lost, right = self.arena.view(self.memory.tally).reshape(2, self.lanes).sum(1, dtype=np.float64)
        return float(lost / count), int(right)

    def judge(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the model gives, (N, classes), of standardized images in eval mode."""
        self.put(images)
        self.refresh()
        return self.scores(len(images))

    def refresh(self) -> None:
        """Compute the weights that are computed of parameters, which may have moved; a step does it itself."""
        if self.computed:
            self.computed.refresh()

    def scores(self, count: int) -> NDArray[np.float32]:
        """As `judge`, for images that are in place already, after a `refresh`."""
        self.judging.run(-(-count // self.lanes))
        plane = self.output.plane
        logits = self.arena.view(self.output.data).reshape(self.blocks, -1, self.lanes)
        kept = logits[:, : plane.vectors : plane.channel]
        found = kept.transpose(0, 2, 1).reshape(-1, self.classes)[:count].copy()
        return torch.from_numpy(found).log_softmax(1).numpy() if self.logarithmic else found

    def put(self, images: NDArray[np.float32]) -> None:
        """Lay images on the lanes; lanes without an image hold zeros."""
        room = self.canvas
        padded = np.zeros((self.blocks * self.lanes, *images.shape[1:]), np.float32)
        padded[: len(images)] = images
        room[:] = padded.reshape(self.blocks, self.lanes, *images.shape[1:]).transpose(0, 2, 3, 4, 1)

    @property
    def canvas(self) -> NDArray[np.float32]:
        """Where the images lie, float32 (blocks, C, H, W, lanes)."""
        plane: Plane = self.input.plane
        vectors = self.arena.view(self.input.data).reshape(self.blocks, plane.channels, plane.channel, self.lanes)
        stored = plane.height + 2 * plane.border
        whole = vectors[:, :, : stored * plane.row].reshape(self.blocks, plane.channels, stored, plane.row, self.lanes)
        inner = slice(plane.border, -plane.border or None)
        return whole[:, :, inner, inner]

    def _move(self, model: nn.Module) -> None:
        values, slopes = (torch.from_numpy(self.arena.view(b)[0]) for b in (self.memory.values, self.memory.slopes))
        standing, fixed = self.computed.computed.standing if self.computed else (), set(map(id, self.fixed.values()))
        for parameter in (*model.parameters(), *standing):
            at, count = self.memory.parameter(parameter).start, parameter.numel()
            place, slope = (flat[at : at + count].view(parameter.shape) for flat in (values, slopes))
            place.copy_(parameter.data)
            parameter.data = place
            if id(parameter) not in fixed:
                parameter.grad = slope
        for buffer, value in self.memory.constants.values():
            self.arena.view(buffer)[:] = value
        for module, name, buffer in self.memory.running.values():
            place = torch.from_numpy(self.arena.view(buffer)[0])
            place.copy_(getattr(module, name))
            setattr(module, name, place)

    def _count(self, images: int) -> None:
        if images == self.images:
            return
        self.images = images
        self.arena.view(self.memory.counts)[0] = images, 1 / images
        self._lanes(np.ones(images, np.float32), self.arena.view(self.memory.live))

    def _lanes(self, values: NDArray[np.generic], room: NDArray[np.generic]) -> None:
        room[:] = 0
        room.reshape(-1)[: len(values)] = values

    def _words(self, buffer: Buffer) -> NDArray[np.int32]:
        return self.arena.view(buffer).view(np.int32)
