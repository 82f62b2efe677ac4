"""What a hand-in says and shows, before it is written as Markdown, as HTML and as a notebook."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field

from normlab.spec import Study


@dataclass(frozen=True)
class Picture:
    """A PNG: the file that it is called in the folder, and what stands there for those who do not see it."""

    file: str
    alt: str
    png: bytes = field(repr=False)

    @property
    def address(self) -> str:
        """It as a `data:` address, for a page that has no files beside it."""
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


@dataclass(frozen=True)
class Table:
    """Heads, rows of as many cells, and sentences below it."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """What is shown of one arm.

    `title` is its norm in words, `example` the norm that is worked on the small figure (`gn:3` for groups that its
    three channels do not have), `worked` that text. `log` is the training log of the seed `seed`; `mistakes` the grid
    of misclassified images, None where no run of it was finished.
    """

    title: str
    parameters: int
    summary: str
    seed: int
    log: tuple[str, ...]
    mistakes: Picture | None
    example: str
    worked: str


@dataclass(frozen=True)
class Handin:
    """All of it. `take` is empty where the study cannot say; `command` makes the folder again."""

    study: Study
    headline: str
    take: str
    command: str
    evidence: Table
    models: tuple[Model, ...]
    findings: Table
    example: Table
    penalty: Table
    curves: tuple[Picture, ...]
    overlay: Picture

    def pictures(self) -> Iterator[Picture]:
        """Every picture, in the order in which they are shown."""
        yield from self.curves
        yield self.overlay
        yield from (model.mistakes for model in self.models if model.mistakes is not None)
