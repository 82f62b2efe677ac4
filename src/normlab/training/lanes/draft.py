"""A network's operations while they are being written down: its values, their planes, and the list so far."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from normlab.models.graph.dropping import Unit
from normlab.training.lanes import settings
from normlab.training.lanes.fuse import Step
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.memory import FEW, Memory, Value
from normlab.training.lanes.operations import Buffer, Operation, Part
from normlab.training.lanes.plane import Plane


class Draft:
    """What `forward` and `backward` add their operations to."""

    def __init__(self, steps: Sequence[Step], memory: Memory) -> None:
        self.steps, self.memory = steps, memory
        self.operations: list[Operation] = []
        self.early: list[Operation] = []
        self.waiting: list[Operation] = []
        self.layer = ""  # whose operations are being written down
        self.uses = Counter(name for step in steps for name in step.inputs)
        self.values = {step.output: self._value(step) for step in steps}
        self.states: dict[str, tuple[Buffer, Buffer, Buffer]] = {}

    @property
    def input(self) -> Value:
        """The images."""
        return self.values[self.steps[0].output]

    @property
    def output(self) -> Value:
        """The logits."""
        return self.values[self.steps[-1].output]

    def each(self, kernel: Kernel, *buffers: Buffer | Part) -> None:
        """Note an operation down that looks at one block at a time."""
        self.operations.append(Operation(kernel, _parts(buffers), layer=self.layer))

    def whole(self, kernel: Kernel, *buffers: Buffer | Part) -> None:
        """Note an operation down that needs the whole batch."""
        self.end_row()
        self.operations.append(Operation(kernel, _parts(buffers), whole=True, layer=self.layer))

    def end_row(self) -> None:
        """Let what waits for the end of a row of blocks have its turn."""
        self.operations += self.waiting
        self.waiting = []

    def at_the_start(self, kernel: Kernel, *buffers: Buffer | Part) -> None:
        """Note an operation down that is to be done before all others."""
        self.early.append(Operation(kernel, _parts(buffers), whole=True, layer=self.layer))

    def before_row(self, kernel: Kernel, *buffers: Buffer | Part) -> None:
        """Note an operation down that this row of blocks needs, to be done as late as no row is cut for it."""
        ends = [at for at, operation in enumerate(self.operations, 1) if operation.whole]
        made = Operation(kernel, _parts(buffers), whole=True, layer=self.layer)
        self.operations.insert(ends[-1] if ends else 0, made)

    def after_row(self, kernel: Kernel, *buffers: Buffer | Part) -> None:
        """Note an operation down that needs the whole batch, and that nobody waits for: when the row ends anyway."""
        self.waiting.append(Operation(kernel, _parts(buffers), whole=True, layer=self.layer))

    def channels(self, plane: Plane, buffer: Buffer, start: int) -> Part:
        """What lies in a buffer of a plane from one of its channels on."""
        return Part(buffer, start * plane.channel * self.memory.lanes)

    def wants_slopes(self, name: str) -> bool:
        """Images need no gradient."""
        return name != self.steps[0].output

    def into(self, name: str) -> tuple[Value, bool]:
        """Whose slopes a step is about to write, and whether it has to add to what is there."""
        value = self.values[name]
        value.written += 1
        return value, value.written > 1

    def norm_buffers(self, step: Step) -> tuple[Buffer, Buffer, Buffer]:
        """A norm's moments (later its sums of slopes), its μ and r, and its means of slopes."""
        if step.output not in self.states:
            size, batch = 2 * step.shape[0], isinstance(step.module, settings.OF_BATCHES)
            moments = self.memory.per_block(f"moments of {step.output}", size)
            state, means = (
                Buffer(f"{what} of {step.output}", size * self.memory.lanes, each_block=not batch)
                for what in ("state", "mean slopes")
            )
            self.states[step.output] = moments, state, means
        return self.states[step.output]

    def affine_size(self, step: Step) -> int:
        """How many values γ and β have, or would have."""
        return math.prod(step.shape) if settings.affine(step.module) == "element" else step.shape[0]

    def mask(self, step: Step) -> tuple[int, Unit, Buffer | Part]:
        """The threshold of the dropout that joined a step, 0 without; what it drops as one; where its keys are."""
        if step.dropout is not None and step.dropout.threshold:
            return step.dropout.threshold, step.dropout.unit, self.memory.keys_of(step.output, step.dropout)
        return 0, "value", self.memory.images

    def _value(self, step: Step) -> Value:
        """Borders are as wide as the convolutions that read the value, or its slopes, reach over the edge."""
        readers = [other.module for other in self.steps if step.output in other.inputs and other.kind == "conv"]
        plane = Plane(*step.shape, max((max(settings.padding(reader)) for reader in readers), default=0))
        slopes, holding = self._slopes_plane(step), self.memory.of_plane
        data = holding(step.output, plane, kept=step in (self.steps[0], self.steps[-1]))
        apart = slopes != plane or not self._read_before_slopes(step)
        return Value(
            plane,
            data,
            slopes,
            holding(f"slopes of {step.output}", slopes) if apart else data,
            self.uses[step.output],
            rectified=step.relu and step.kind != "largest",  # whose gradient sees to it
        )

    def _read_before_slopes(self, step: Step) -> bool:
        """Whether a value's slopes may take its place, since nobody reads it once the first of them is written.

        So it is with a norm's output that only one convolution reads: the gradient of the weights comes before that of
        the input. With batch norm both are kept for the whole batch, a quarter of all its memory.
        """
        readers = [other for other in self.steps if step.output in other.inputs]
        at_once = [reader.kind == "conv" and not few(reader) for reader in readers]
        return step.kind == "norm" and not step.relu and at_once == [True]

    def _slopes_plane(self, step: Step) -> Plane:
        """A convolution's output slopes have a border as wide as the gradient of its input reads over the edge."""
        if step.kind != "conv" or not self.wants_slopes(step.inputs[0]):
            return Plane(*step.shape)
        source = next(other for other in self.steps if other.output == step.inputs[0])
        if settings.dense(step.module, source.shape, step.shape):
            return Plane(*step.shape)
        sides = zip(settings.sides(step.module, source.shape), step.shape[1:], strict=True)
        return Plane(*step.shape, max(side.reach(made) for side, made in sides))


def few(step: Step) -> bool:
    """Whether a convolution makes so few positions that the slopes of its weights are summed over the whole batch."""
    return step.shape[1] * step.shape[2] <= FEW


def _parts(buffers: Sequence[Buffer | Part]) -> tuple[Part, ...]:
    return tuple(buffer if isinstance(buffer, Part) else Part(buffer) for buffer in buffers)
