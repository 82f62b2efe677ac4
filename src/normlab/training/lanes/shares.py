"""What each group of a convolution reads, makes and weighs: all of it where there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import Any

from normlab.training.lanes import settings
from normlab.training.lanes.kernels.convolution import Grouped
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.plane import Plane


@dataclass(frozen=True)
class Shares:
    """A convolution's share for one of its groups, of planes x and y (or y's slopes)."""

    module: Any
    whole_x: Plane
    whole_y: Plane

    @property
    def groups(self) -> int:
        """How many there are."""
        return settings.groups(self.module)

    @property
    def x(self) -> Plane:
        """A group's channels of x."""
        return replace(self.whole_x, channels=self.whole_x.channels // self.groups)

    @property
    def y(self) -> Plane:
        """A group's channels of y."""
        return replace(self.whole_y, channels=self.whole_y.channels // self.groups)

    @property
    def kernel(self) -> tuple[int, int]:
        """Rows and columns."""
        return settings.kernel(self.module, self.whole_x.shape)

    @property
    def inputs(self) -> int:
        """Vectors from one group's share of x to the next's."""
        return self.x.vectors

    @property
    def outputs(self) -> int:
        """Vectors from one group's share of y to the next's."""
        return self.y.vectors

    @property
    def weights(self) -> int:
        """How many weights a group has."""
        return prod((self.x.channels, self.y.channels, *self.kernel))

    def of(self, kernel: Kernel, *steps: tuple[int, int]) -> Kernel:
        """The kernel for all groups; of each buffer, how many vectors and floats it is to the next group's."""
        if self.groups == 1:
            return kernel
        vectors, floats = zip(*steps, strict=True)
        return Grouped(kernel, self.groups, vectors, floats)
