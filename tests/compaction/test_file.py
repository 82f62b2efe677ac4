from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from networks import Residual, deadened, norm
from safetensors import safe_open
from torch import nn

from normlab.compaction import compact, load
from normlab.errors import CompactError

IMAGES = torch.randn(7, 2, 11, 11, generator=torch.Generator().manual_seed(2))
Change = Callable[[dict[str, Any]], object]


def network(kind: str) -> nn.Module:
    """Something of everything, residual, with a norm of one kind twice."""
    inner = nn.Sequential(nn.Conv2d(6, 6, 3, padding="same"), norm(kind, 6))
    body = [nn.Conv2d(2, 6, 3, stride=2), nn.ReLU(), norm(kind, 6), Residual(inner), nn.AvgPool2d(2), nn.MaxPool2d(2)]
    return nn.Sequential(*body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 3), nn.LogSoftmax(1))


@pytest.mark.parametrize("kind", ["bn", "ln", "gn", "rms", "ln-c", "none"])
@pytest.mark.slow
def test_what_is_written_is_read(kind: str, tmp_path: Path) -> None:
    """The same scores to the last bit, in eval mode, without the model's code."""
    result = compact(deadened(network(kind), seed=5, share=0.4, last="8"), IMAGES)
    (path,) = result.save(tmp_path, onnx=False)
    again = load(path)
    assert not again.training
    assert torch.equal(again(IMAGES), result.network(IMAGES))
    assert again.graph.output == result.network.graph.output
    assert path.stat().st_size == result.after.file_bytes


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What a good file holds."""
    result = compact(deadened(network("gn"), seed=5, share=0.4, last="8"), IMAGES)
    return result.save(tmp_path_factory.mktemp("good"), onnx=False)[0].read_bytes()


@pytest.fixture
def path(tmp_path: Path, content: bytes) -> Path:
    """A good file."""
    path = tmp_path / "compact.safetensors"
    path.write_bytes(content)
    return path


def changed(path: Path, change: Change, drop: str | None = None) -> None:
    """Write the file again with its structure, or the names of its weights, changed."""
    with safe_open(path, framework="pt") as file:
        structure = json.loads(file.metadata()["network"])
        tensors = {name: file.get_tensor(name) for name in file.keys() if name != drop}  # noqa: SIM118
        metadata = {**file.metadata()}
    change(structure)
    metadata["network"] = json.dumps(structure)
    path.write_bytes(safetensors.torch.save(tensors, metadata))


def first(structure: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(operation for operation in structure["operations"] if operation["kind"] == kind)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: first(s, "ReLU").update(kind="Eval"), "unknown kind 'Eval'; kinds are Conv2d"),
        (lambda s: first(s, "ReLU").update(inputs=["later"]), "expected a new name and 1 inputs from before it"),
        (lambda s: first(s, "Sum")["inputs"].pop(), "expected a new name and 2 inputs"),
        (lambda s: first(s, "Conv2d")["settings"].update(out_channels=65_000), "size mismatch"),
        (lambda s: first(s, "Conv2d")["settings"].update(out_channels=1 << 40), "0: "),
        (lambda s: first(s, "Conv2d")["settings"].update(stride=[0, 0]), "0: "),
        (lambda s: first(s, "Conv2d")["settings"].pop("stride"), "0: expected the settings in_channels"),
        (lambda s: first(s, "Conv2d")["settings"].update(padding=[60_000, 60_000]), "0: gives"),
        (lambda s: first(s, "Conv2d").update(shape=[1, 1, 1]), "0: gives"),
        (lambda s: first(s, "Conv2d").update(surprise=1), "surprise: Extra inputs are not permitted"),
        (
            lambda s: (s["operations"][-1].update(name="0.weight"), s.update(output="0.weight")),
            "a name in it cannot be one of a layer",
        ),
        (lambda s: s.update(output="nowhere"), "output: there is no operation 'nowhere'"),
        (lambda s: s.update(operations=s["operations"][1:]), "0: expected a new name and 1 inputs"),
        (
            lambda s: s["operations"].append({"name": "x", "kind": "Input", "inputs": [], "shape": [1]}),
            "expected one input",
        ),
        (lambda s: s.update(operations=[]), "operations: List should have at least 2 items"),
    ],
)
def test_a_changed_structure_is_an_error(path: Path, change: Change, message: str) -> None:
    """The file, the operation and what was expected are named, on one line."""
    changed(path, change)
    with pytest.raises(CompactError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path} is no compact network: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_weight_is_an_error(path: Path) -> None:
    """It is named."""
    changed(path, lambda _structure: None, drop="8.weight")
    with pytest.raises(CompactError, match=r"8\.weight"):
        load(path)


def test_groups_of_a_counted_norm_are_bounded(tmp_path: Path) -> None:
    """A table of channels × channels is not made for what a file merely claims."""
    layers = [nn.Conv2d(2, 6, 3, bias=False), nn.ReLU(), nn.GroupNorm(1, 6), nn.Flatten(), nn.Linear(486, 3)]
    nn.init.zeros_(layers[0].weight[1:4])  # type: ignore[index, arg-type]
    (path,) = compact(nn.Sequential(*layers), IMAGES).save(tmp_path, onnx=False)
    changed(path, lambda s: first(s, "CountedGroupNorm")["settings"].update(sizes=[60_000]))
    with pytest.raises(CompactError, match="at most 4096 channels"):
        load(path)


@pytest.mark.parametrize("payload", [b"", b"\x00" * 100, b"\xff" * 100])
def test_other_bytes_are_an_error(tmp_path: Path, payload: bytes) -> None:
    """So is what is no safetensors file."""
    (tmp_path / "odd").write_bytes(payload)
    with pytest.raises(CompactError, match="cannot read"):
        load(tmp_path / "odd")


def test_other_safetensors_files_and_no_file_are_errors(tmp_path: Path) -> None:
    """Weights alone are no network, and the message says what was expected."""
    (tmp_path / "weights").write_bytes(safetensors.torch.save({"a": torch.ones(1)}))
    with pytest.raises(CompactError, match="expected a file of `normlab compact`"):
        load(tmp_path / "weights")
    with pytest.raises(CompactError, match="cannot read"):
        load(tmp_path / "absent")
