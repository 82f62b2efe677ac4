"""A data set's images on the lanes: kept as bytes with a margin, loaded batch by batch by a kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from normlab.errors import EngineError
from normlab.training.lanes.kernels.pixels import AFTER, BEFORE, SLACK, Load
from normlab.training.lanes.network import Network
from normlab.training.lanes.program import Arena, Buffer, Operation, Outside, Part, Program
from normlab.training.lanes.target import Target


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
        margin = (BEFORE, AFTER)
        padded = np.pad(images, ((0, 0), (0, 0), margin, margin))
        if padded.size + SLACK >= 2**31:
            raise EngineError(f"the lanes engine addresses 2 GiB of images, and these have {padded.size:,} bytes")
        self.bytes = np.concatenate([padded.reshape(-1), np.zeros(SLACK, np.uint8)])
        stored = Outside("stored images", self.bytes.ctypes.data)
        self.numbers = Buffer("numbers of images", lanes, kept=True)
        self.maps = Buffer("maps of images", 6 * lanes, kept=True)
        self.arena = Arena([], network.blocks, [self.numbers, self.maps])
        scale, shift = tuple(1 / (255 * s) for s in std), tuple(m / s for m, s in zip(mean, std, strict=True))
        self.still, self.moving = (
            self._program(Load(network.input.plane, scale, shift, moved), stored, network.target)
            for moved in (False, True)
        )

    def load(self, chosen: NDArray[np.int64], maps: NDArray[np.float32] | None = None) -> None:
        """Put the chosen images in place, moved by their maps (N, 2, 3) where there are any."""
        count, lanes = len(chosen), self.network.lanes
        self.arena.view(self.numbers).view(np.int32).reshape(-1)[:] = _filled(chosen, self.network.blocks * lanes)
        if maps is not None:
            rows = _filled(maps.reshape(count, 6), self.network.blocks * lanes).reshape(-1, lanes, 6)
            self.arena.view(self.maps).reshape(-1, 6, lanes)[:] = rows.transpose(0, 2, 1)
        (self.still if maps is None else self.moving).run(-(-count // lanes))

    def _program(self, kernel: Load, stored: Outside, target: Target) -> Program:
        maps = [Part(self.maps)] if kernel.moved else []
        parts = Part(stored), Part(self.numbers), *maps, Part(self.network.input.data)
        return Program([Operation(kernel, parts)], [self.arena, self.network.arena], target)


def _filled(values: NDArray[np.generic], length: int) -> NDArray[np.generic]:
    """The values, and zeros (the first image, unseen) in the lanes that are left."""
    full = np.zeros((length, *values.shape[1:]), values.dtype)
    full[: len(values)] = values
    return full
