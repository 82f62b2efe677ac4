"""From stored bytes to standardized pixels on the lanes: gathered, moved, scaled and hidden in one pass.

The same function as `normlab.data.augment.warp` followed by `normlab.data.preprocess.Standardize` and
`normlab.data.augment.hide`. Every lane has its own image, its own map and its own hole. The stored images have a margin
of zeros, so a sample outside reads the background.
"""

from __future__ import annotations

from dataclasses import dataclass

from normlab.training.lanes.code import Code, Memory, Number, Vector
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target

BEFORE, AFTER = 1, 2
"""Rows and columns of zeros before and after a stored image: bilinear samples reach one before and two after."""
SLACK = 4
"""Bytes after the last image: two neighbours are read as one word of four bytes."""


@dataclass(frozen=True)
class Load(Kernel):
    """bytes, numbers, (maps,) (holes,) → y = pixel · scale − shift, per channel, and 0 in holes.

    `numbers` is the stored image of each lane; `maps` holds six vectors, the rows of a 2 × 3 map from output to input
    in −1..1 coordinates; `holes` four, the top, left, bottom and right of what is hidden.
    """

    y: Plane
    scale: tuple[float, ...]
    shift: tuple[float, ...]
    moved: bool
    hidden: bool

    @property
    def pointers(self) -> int:
        """bytes, numbers, maps where images are moved, holes where they are hidden in part, y."""
        return 3 + self.moved + self.hidden

    @property
    def row(self) -> int:
        """Bytes of a stored row."""
        return self.y.width + BEFORE + AFTER

    @property
    def channel(self) -> int:
        """Bytes of a stored channel."""
        return (self.y.height + BEFORE + AFTER) * self.row

    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:  # noqa: ARG002
        """See `Kernel.write`."""
        stored, y = memory[0], memory[-1]
        base = memory[1].words(0) * (self.y.channels * self.channel)
        maps = [memory[2].vector(k) for k in range(6)] if self.moved else []
        hole = [memory[-2].words(k) for k in range(4)] if self.hidden else []
        with code.loop(0, self.y.height) as i, code.loop(0, self.y.width) as j:
            if self.moved:
                place, along, down = self._source(code, maps, i, j)
            else:
                at = (i + BEFORE) * self.row + (j + BEFORE)
                place = code.spread_number(at)
            for c in range(self.y.channels):
                here = base + place + c * self.channel
                if self.moved:
                    above = self._pair(code, stored, here, along)
                    value = code.fma(self._pair(code, stored, here + self.row, along) - above, down, above)
                else:
                    value = code.to_float(stored.gather(here) & 255)
                seen = value * self.scale[c] - self.shift[c]
                y.put(self.y.at(c, i, j), self._outside(code, hole, i, j, seen) if self.hidden else seen)

    def _source(self, code: Code, maps: list[Vector], i: Number, j: Number) -> tuple[Vector, Vector, Vector]:
        """Where an output pixel comes from: the byte above and left of it, how far to the right, how far down."""
        x = (code.to_float(code.spread_number(j)) * 2 + (1 - self.y.width)) / self.y.width
        y = (code.to_float(code.spread_number(i)) * 2 + (1 - self.y.height)) / self.y.height
        sources = []
        for k, size in ((0, self.y.width), (3, self.y.height)):
            unit = code.fma(maps[k], x, code.fma(maps[k + 1], y, maps[k + 2]))
            pixel = unit * (size / 2) + (size - 1) / 2
            pixel = code.select(pixel > -1, pixel, code.constant(-1))
            sources.append(code.select(pixel < size, pixel, code.constant(size)))
        left, top = (code.floor(source) for source in sources)
        place = (code.to_word(top) + BEFORE) * self.row + (code.to_word(left) + BEFORE)
        return place, sources[0] - left, sources[1] - top

    def _outside(self, code: Code, hole: list[Vector], i: Number, j: Number, seen: Vector) -> Vector:
        """What is seen, and 0 where the pixel lies in the hole."""
        top, left, bottom, right = hole
        down, across = code.spread_number(i), code.spread_number(j)
        inside = (down >= top) & (bottom > down) & (across >= left) & (right > across)
        return code.select(inside, code.constant(0), seen)

    def _pair(self, code: Code, stored: Memory, at: Vector, along: Vector) -> Vector:
        """Between two neighbours of a row."""
        word = stored.gather(at)
        left, right = code.to_float(word & 255), code.to_float((word >> 8) & 255)
        return code.fma(right - left, along, left)
