"""A tensor in the terminal: images below each other, channels side by side, sets by colour and letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from normlab.explanation.cell import Cell
from normlab.explanation.numbers import number
from normlab.explanation.sets import letter
from normlab.explanation.worked import Array
from normlab.show.numbers import fixed

COLOURS = ("#a6cdec", "#f4b78e", "#8fd6b8", "#e2b3d2", "#d8c489", "#bac5f4", "#cdcdcd")
"""Grounds on which black is read well; they repeat, the letters do not."""
LABEL, GAP = 9, 3


@dataclass(frozen=True, eq=False)
class Grid:
    """What is drawn: values and sets of shape (N, C, H, W), the cell that is worked out, and the decimals shown."""

    values: Array
    sets: NDArray[np.int64]
    cell: Cell
    decimals: int | None = None
    lettered: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As many channels beside each other as fit."""
        channels = self.values.shape[1]
        fitting = max(1, (options.max_width - LABEL + GAP) // (self._width + GAP))
        for start in range(0, channels, fitting):
            if start:
                yield Text()
            yield from self._rows(range(start, min(start + fitting, channels)))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """One channel beside the labels at least, all of them at best."""
        return Measurement(min(LABEL + self._width, options.max_width), min(self.measure, options.max_width))

    @property
    def measure(self) -> int:
        """Columns that it takes with all channels side by side."""
        channels: int = self.values.shape[1]
        return LABEL - GAP + channels * (self._width + GAP)

    @cached_property
    def _texts(self) -> NDArray[np.str_]:
        return np.array([self._text(value) for value in self.values.ravel()]).reshape(self.values.shape)

    def _text(self, value: float) -> str:
        if self.decimals is None:
            return number(float(value))
        return fixed(float(value), self.decimals)

    @cached_property
    def _cell_width(self) -> int:
        most = int(self.sets.max()) if self.lettered else -1
        return int(np.char.str_len(self._texts).max()) + len(letter(most)) * self.lettered + 2

    @cached_property
    def _width(self) -> int:
        channels, columns = self.values.shape[1], self.values.shape[3]
        return max(int(columns) * self._cell_width, len(f"channel {channels}"))

    def _rows(self, channels: range) -> list[Text]:
        heads = (f"channel {channel + 1}".ljust(self._width) for channel in channels)
        lines = [Text(" " * LABEL + (" " * GAP).join(heads).rstrip(), style="dim")]
        images, _, height, _ = self.values.shape
        for image in range(images):
            lines += [self._line(image, channels, row) for row in range(height)]
            if height > 1 and image < images - 1:
                lines.append(Text())
        return lines

    def _line(self, image: int, channels: range, row: int) -> Text:
        label = f"image {image + 1}" if row == 0 else ""
        line = Text.assemble((label.ljust(LABEL), "dim"))
        for channel in channels:
            cells = [self._cell((image, channel, row, column)) for column in range(self.values.shape[3])]
            block = Text.assemble(*cells)
            block.append(" " * (self._width - block.cell_len + GAP * (channel < channels[-1])))
            line.append_text(block)
        return line

    def _cell(self, at: Cell) -> Text:
        """The number, right-aligned, its letter, and a space that keeps the colours apart."""
        index = int(self.sets[at])
        sign = letter(index) if self.lettered else ""
        text = f"{self._texts[at]} {sign}".rstrip().rjust(self._cell_width - 1)
        chosen = " bold underline" if at == self.cell else ""
        return Text.assemble((text, f"#000000 on {COLOURS[index % len(COLOURS)]}{chosen}"), " ")


@dataclass(frozen=True)
class Beside:
    """Two grids with their titles, side by side where there is room."""

    left: tuple[str, Grid]
    right: tuple[str, Grid]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Both, and an empty line."""
        heads = [Text(title, style="bold") for title, _ in (self.left, self.right)]
        grids = [grid for _, grid in (self.left, self.right)]
        if sum(grid.measure for grid in grids) + 4 <= options.max_width:
            both = Table.grid(padding=(0, 4))
            both.add_row(*heads)
            both.add_row(*grids)
            yield both
        else:
            yield from (heads[0], grids[0], Text(), heads[1], grids[1])
        yield Text()
