"""`compact`: from a trained network to a smaller one that computes the same in eval mode."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import safetensors.torch
import torch
from torch import nn

from normlab import files
from normlab.compaction import file, onnx_file
from normlab.compaction.constants import Constants, constants
from normlab.compaction.cut import cut
from normlab.compaction.fold import folded
from normlab.compaction.gather import gathered
from normlab.compaction.merge import merged
from normlab.compaction.network import CompactNetwork
from normlab.compaction.same import change, scores
from normlab.compaction.simplify import simplified, without_idle_sums
from normlab.compaction.size import Layer, Size, layers, multiply_adds
from normlab.compaction.wanted import kept_for, wanted
from normlab.errors import CompactError
from normlab.models.graph import Graph, read


@dataclass(frozen=True)
class Compacted:
    """A smaller network, and how it compares with the one that it stands for.

    Args:
        network: the smaller one, float32, in eval mode.
        original: a copy of the one that was given, in eval mode on the CPU.
        layers: output channels of every layer with a kernel, before and after.
        before, after: sizes.
        notes: what was kept or done in a way that is worth knowing, and why; a sentence each.
        change: the largest difference of a score on the images, as a part of the largest score.
        images: what both were compared on, (N, C, H, W).
    """

    network: CompactNetwork
    original: nn.Module = field(repr=False)
    layers: tuple[Layer, ...]
    before: Size
    after: Size
    notes: tuple[str, ...]
    change: float
    images: torch.Tensor = field(repr=False)

    def __repr__(self) -> str:
        before, after = self.before.parameters, self.after.parameters
        return f"Compacted({before:,} → {after:,} parameters, compared on {len(self.images):,} images)"

    def save(self, folder: str | Path, name: str = "compact", *, onnx: bool = True) -> tuple[Path, ...]:
        """Write `<name>.safetensors`, which `compaction.load` reads, and `<name>.onnx` if wanted; give their paths.

        Raises:
            CompactError: ONNX is wanted and its packages are missing, or ONNX Runtime computes something else from it.
                They cannot be written. Each file is whole or not there.
        """
        payloads = {"safetensors": file.dump(self.network)}
        if onnx:
            payloads["onnx"] = self.checked_onnx()
        try:
            return tuple(files.write(Path(folder) / f"{name}.{end}", payload) for end, payload in payloads.items())
        except OSError as error:
            raise CompactError(
                f"cannot write to {folder}: {error.strerror or error}; choose another folder (--out)"
            ) from None

    def checked_onnx(self) -> bytes:
        """The network as an ONNX file, seen to give the same on all images; raises `CompactError` otherwise."""
        return onnx_file.checked(self.network, self.original, self.images)


def compact(model: nn.Module, images: torch.Tensor) -> Compacted:
    """Remove what a network does not need for what it computes in eval mode; the model stays as it is.

    Channels that are constant or that nobody reads go, batch norms are folded into kernels, dropouts vanish. All of
    it follows from the weights alone and is exact but for rounding; `images` are what that is checked on.

    Args:
        model: a network of the layers in `models.graph.UNDERSTOOD`, giving (N, classes).
        images: float32 (N, C, H, W), as the network sees them; the more, the better the check.

    Raises:
        NetworkError: something in the model is not understood.
        CompactError: the network gives one answer for all images, or the smaller one computes something else.
    """
    if images.dim() != 4 or not len(images) or images.dtype != torch.float32:
        raise CompactError(f"images: expected float32 (N, C, H, W), N > 0; got {images.dtype} {tuple(images.shape)}")
    images = images.cpu()
    original = deepcopy(model).cpu().float().eval().requires_grad_(requires_grad=False)
    _check_finite(original)
    graph = read(original, tuple(images.shape[1:]))
    smaller, notes = shrunk(graph)
    network = CompactNetwork(smaller).float().requires_grad_(requires_grad=False)
    return Compacted(
        network=network,
        original=original,
        layers=layers(graph, smaller),
        before=_size(original, graph, len(safetensors.torch.save(_tensors(original)))),
        after=_size(network, smaller, len(file.dump(network))),
        notes=tuple(notes),
        change=change(scores(original, images), scores(network, images), "the compact network"),
        images=images,
    )


def shrunk(graph: Graph) -> tuple[Graph, list[str]]:
    """The smaller graph in float64, and a line for all that is worth knowing; `graph` is used up."""
    graph, notes = folded(simplified(graph))
    known = constants(graph)
    _check_alive(graph, known)
    graph = without_idle_sums(graph, known)
    notes += merged(graph, known) + gathered(graph, known)
    spaces, wants = wanted(graph, known)
    notes += kept_for(graph, spaces, wants, known)
    return cut(graph, spaces, known), notes


def _check_alive(graph: Graph, known: Constants) -> None:
    """That the network's answer depends on the image."""
    if known[graph.output].isnan().any():
        return
    first = next(node.name for node in graph if node.inputs and not known[node.name].isnan().any())
    raise CompactError(
        f"nothing is left of {first}: it gives the same for every image, and so does the network;"
        " a smaller λ leaves it some channels"
    )


def _check_finite(model: nn.Module) -> None:
    for name, value in model.state_dict().items():
        if not value.isfinite().all():
            raise CompactError(f"{name} holds numbers that are not finite: the network's training has diverged")


def _tensors(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.contiguous().clone() for name, value in model.state_dict().items()}


def _size(model: nn.Module, graph: Graph, file_bytes: int) -> Size:
    return Size(sum(p.numel() for p in model.parameters()), multiply_adds(graph), file_bytes)
