"""A data set's images on the lanes: kept as bytes with a margin, loaded batch by batch by a kernel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from normlab.data.augment import STILL, Changes
from normlab.data.chosen import expect
from normlab.errors import EngineError
from normlab.training.lanes.arena import Arena
from normlab.training.lanes.kernels.pixels import AFTER, BEFORE, SLACK, Load
from normlab.training.lanes.network import Network
from normlab.training.lanes.operations import Buffer, Operation, Outside, Part
from normlab.training.lanes.program import Program


def check_room(images: int, shape: Sequence[int]) -> None:
    """Raise `EngineError` where so many images of (C, H, W) are too many to be addressed."""
    channels, height, width = shape
    room = images * channels * (height + BEFORE + AFTER) * (width + BEFORE + AFTER) + SLACK
    if room >= 2**31:
        raise EngineError(f"the lanes engine addresses 2 GiB of images, and these need {room:,} bytes")


class Images:
    """Stored images, and the programs that put some of them where a network reads its input.

    Args:
        images: uint8 (N, C, H, W).
        mean, std: per channel, on the 0 to 1 scale.
    """

    def __init__(
        self, images: NDArray[np.uint8], mean: tuple[float, ...], std: tuple[float, ...], network: Network
    ) -> None:
        self.network, lanes = network, network.lanes
        count, *shape = images.shape
        check_room(count, shape)
        margin = (BEFORE, AFTER)
        expect(images, slice(None))
        padded = np.pad(images, ((0, 0), (0, 0), margin, margin))
        self.bytes = np.concatenate([padded.reshape(-1), np.zeros(SLACK, np.uint8)])
        self.stored = Outside("stored images", self.bytes.ctypes.data)
        self.numbers = Buffer("numbers of images", lanes, kept=True)
        self.maps = Buffer("maps of images", 6 * lanes, kept=True)
        self.holes = Buffer("holes of images", 4 * lanes, kept=True)
        self.arena = Arena([], network.blocks, [self.numbers, self.maps, self.holes])
        self.scale = tuple(1 / (255 * s) for s in std)
        self.shift = tuple(m / s for m, s in zip(mean, std, strict=True))
        self.programs: dict[tuple[bool, bool], Program] = {}

    def load(self, chosen: NDArray[np.int64], changes: Changes = STILL) -> None:
        """Put the chosen images in place, each with its own changes."""
        self.arena.view(self.numbers).view(np.int32).reshape(-1)[:] = self._filled(chosen)
        for buffer, values in ((self.maps, changes.maps), (self.holes, changes.holes)):
            if values is not None:
                self._lay(buffer, values)
        program = self._program(moved=changes.maps is not None, hidden=changes.holes is not None)
        program.run(-(-len(chosen) // self.network.lanes))

    def _lay(self, buffer: Buffer, values: NDArray[np.float32 | np.int32]) -> None:
        """A row of numbers for each image, as vectors with a lane for each."""
        rows, lanes = self._filled(values.reshape(len(values), -1)), self.network.lanes
        laid = self.arena.view(buffer).view(values.dtype).reshape(-1, rows.shape[1], lanes)
        laid[:] = rows.reshape(-1, lanes, rows.shape[1]).transpose(0, 2, 1)

    def _filled(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """The values, and zeros (the first image, unseen) in the lanes that are left."""
        full = np.zeros((self.network.blocks * self.network.lanes, *values.shape[1:]), values.dtype)
        full[: len(values)] = values
        return full

    def _program(self, *, moved: bool, hidden: bool) -> Program:
        """The program for batches of this kind, compiled when the first of them comes."""
        if (moved, hidden) not in self.programs:
            kernel = Load(self.network.input.plane, self.scale, self.shift, moved, hidden)
            changes = [Part(buffer) for buffer, used in ((self.maps, moved), (self.holes, hidden)) if used]
            parts = Part(self.stored), Part(self.numbers), *changes, Part(self.network.input.data)
            arenas = [self.arena, self.network.arena]
            self.programs[moved, hidden] = Program([Operation(kernel, parts)], arenas, self.network.target)
        return self.programs[moved, hidden]
