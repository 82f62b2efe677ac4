"""The buffers of a network: what each step makes, the parameters and their slopes, labels, keys and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from normlab.training.dropout import PairedDropout
from normlab.training.lanes.operations import Buffer, Part
from normlab.training.lanes.plane import Plane

FEW = 16
"""Positions up to which a plane is small."""


@dataclass
class Value:
    """What a step makes: its activations, and the slopes of the loss with respect to them.

    Where the step rectified its output, `rectified` says so; `masked` says that the slopes already account for it.
    Slopes come from each of its `uses`; `written` are those that have come, to which the next are added.
    """

    plane: Plane
    data: Buffer
    slopes_plane: Plane
    slopes: Buffer
    uses: int
    rectified: bool = False
    masked: bool = False
    written: int = 0


class Memory:
    """The buffers that a network's programs share, and the model's tensors that lie in them.

    The model's parameters come first, `learned` floats; behind them come `fixed` ones, and `standing`
    ones, which stand for what is computed: no step moves these.
    """

    def __init__(
        self, model: nn.Module, lanes: int, standing: Sequence[nn.Parameter] = (), fixed: Sequence[nn.Parameter] = ()
    ) -> None:
        self.lanes = lanes
        self.starts: dict[int, int] = {}
        unmoved = set(map(id, fixed))
        self.learned = self._lay((p for p in model.parameters() if id(p) not in unmoved), 0)
        count = self._lay([*fixed, *standing], self.learned)
        self.values = Buffer("parameters", count, each_block=False)
        self.slopes = Buffer("slopes of parameters", count, each_block=False)
        self.labels = self.per_block("labels", 1, kept=True)
        self.live = self.per_block("live", 1, kept=True)
        self.images = self.per_block("images", 1, kept=True)
        self.tally = Buffer("loss and right", 2 * lanes, each_block=False)
        self.counts = Buffer("images, 1 / images", 2, each_block=False)
        self.scratches: dict[tuple[str, int], Buffer] = {}
        self.by_lane: dict[torch.Tensor, Buffer] = {}
        self.running: dict[int, tuple[nn.Module, str, Buffer]] = {}
        self.keys: dict[str, tuple[PairedDropout, Buffer]] = {}
        self.constants: dict[tuple[int, str], tuple[Buffer, float]] = {}

    def _lay(self, parameters: Iterable[nn.Parameter], at: int) -> int:
        """Give parameters their places one behind the other; gives where whole vectors end behind them."""
        for parameter in parameters:
            self.starts[id(parameter)], at = at, at + parameter.numel()
        return -(-at // self.lanes) * self.lanes

    def per_block(self, name: str, vectors: int, kept: bool = False) -> Buffer:
        """A buffer of vectors for each block."""
        return Buffer(name, vectors * self.lanes, kept=kept)

    def of_plane(self, name: str, plane: Plane, kept: bool = False) -> Buffer:
        """A buffer that holds a plane for each block."""
        return Buffer(name, plane.vectors * self.lanes, kept=kept, passing=not kept, plane=plane)

    def scratch(self, name: str, vectors: int) -> Buffer:
        """Room for what is read again at once, and by nobody else: operations of about one size share it."""
        size = 1 << (vectors - 1).bit_length()
        return self.scratches.setdefault((name, size), Buffer(name, size * self.lanes, each_block=False))

    def parameter(self, parameter: torch.Tensor) -> Part:
        """Where a parameter's values are."""
        return Part(self.values, self.starts[id(parameter)])

    def is_learned(self, parameter: torch.Tensor) -> bool:
        """Whether steps move a parameter."""
        return self.starts[id(parameter)] < self.learned

    def slope(self, parameter: torch.Tensor) -> Part:
        """Where a parameter's slopes are summed, a float for each of its values."""
        return Part(self.slopes, self.starts[id(parameter)])

    def slopes_of(self, parameter: torch.Tensor) -> Part:
        """Where they are summed first, a vector of lanes for each value: of the few that every position adds to."""
        made = Buffer("slopes by lane", parameter.numel() * self.lanes, each_block=False)
        return Part(self.by_lane.setdefault(parameter, made))

    def scale(self, norm: nn.Module, size: int) -> Part:
        """Where a norm's γ is, `size` values; of one without, ones."""
        return self._given(norm, "weight", size, 1.0)

    def shift(self, norm: nn.Module, size: int) -> Part:
        """Where a norm's β is; of one without, zeros."""
        return self._given(norm, "bias", size, 0.0)

    def slopes_of_norm(self, norm: nn.Module, size: int) -> tuple[Buffer | Part, Buffer | Part]:
        """Where the slopes of γ and β are summed; of what a norm lacks, where nobody reads them."""
        weight, bias = (
            self._ignored(size) if (parameter := getattr(norm, name)) is None else self.slopes_of(parameter)
            for name in ("weight", "bias")
        )
        return weight, bias

    def _given(self, norm: nn.Module, name: str, size: int, otherwise: float) -> Part:
        parameter = getattr(norm, name)
        if parameter is not None:
            return self.parameter(parameter)
        made = Buffer(f"no {name}", size, each_block=False), otherwise
        return Part(self.constants.setdefault((id(norm), name), made)[0])

    def _ignored(self, size: int) -> Buffer:
        return Buffer("ignored slopes", size * self.lanes, each_block=False)

    def state(self, module: nn.Module, name: str) -> Part:
        """Where a running statistic is."""
        tensor = getattr(module, name)
        if id(tensor) not in self.running:
            self.running[id(tensor)] = module, name, Buffer(name, tensor.numel(), each_block=False)
        return Part(self.running[id(tensor)][2])

    def keys_of(self, call: str, dropout: PairedDropout) -> Part:
        """Where the two keys of the masks are that a layer draws when it is called for this value."""
        made = dropout, Buffer("dropout keys", 2, each_block=False)
        return Part(self.keys.setdefault(call, made)[1])
