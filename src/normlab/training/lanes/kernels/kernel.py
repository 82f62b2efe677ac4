"""What every kernel is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from normlab.training.lanes.code import Code, Memory, Number
from normlab.training.lanes.target import Target


@dataclass(frozen=True)
class Kernel(ABC):
    """A computation on fixed shapes. Its `repr` says all that its code depends on, the processor left out."""

    @property
    @abstractmethod
    def pointers(self) -> int:
        """How many buffers it takes."""

    @abstractmethod
    def write(self, code: Code, memory: list[Memory], blocks: Number, target: Target) -> None:
        """Write the code; `memory` are its buffers in order, `blocks` is how many blocks of images the batch has."""
