from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from PIL import Image

Run = Callable[..., CompletedProcess[str]]
SMALL = ["train", "bn", "--recipe", "course", "--train-images", "1024", "--epochs", "2"]

pytestmark = pytest.mark.training


@pytest.mark.long
def test_a_run_prints_what_the_original_prints_and_leaves_its_plots(normlab: Run, tmp_path: Path) -> None:
    """Summary, the original's line after each epoch, and two PNG files."""
    result = normlab(*SMALL)
    assert result.returncode == 0, result.stderr
    assert "Total params: 9,802" in result.stdout
    assert "engine" not in result.stdout, "only an engine that is not the fastest is worth a line"
    lines = re.findall(
        r"^Test set: Average loss: (\d\.\d{4}), Accuracy: (\d+)/10000 \((\d+\.\d\d)%\)$", result.stdout, re.M
    )
    assert len(lines) == 2
    assert all(int(correct) / 100 == float(percent) for _, correct, percent in lines)
    out = tmp_path / "normlab-out" / "train-bn"
    for name in ("curves.png", "misclassified.png"):
        with Image.open(out / name) as picture:
            assert min(picture.size) > 300


@pytest.mark.long
def test_the_same_run_is_told_from_the_store(normlab: Run) -> None:
    """Training again prints the same lines without training."""
    first, again = normlab(*SMALL), normlab(*SMALL)
    assert first.stdout == again.stdout


@pytest.mark.long
def test_the_penalty_is_shown_apart(normlab: Run) -> None:
    """With L1 the line of an epoch names the penalty and Σ|p| beside the data loss."""
    result = normlab(*SMALL, "--l1", "1e-4", "--l1-on", "all")
    assert re.search(r"Epoch 1/2: Loss=\d\.\d+ Penalty=0\.0[56]\d* Sum\|p\|=\d{3}\.\d", result.stdout), result.stdout


def test_a_diverged_run_is_an_error(normlab: Run) -> None:
    """When the loss is no number, the command fails with one line and the epoch."""
    result = normlab("train", "none", "--train-images", "512", "--epochs", "1", "--lr", "1e9")
    assert result.returncode == 1
    assert result.stderr.startswith("error: the loss stopped being a number in epoch 1")


@pytest.mark.long
def test_images_can_be_preprocessed(normlab: Run) -> None:
    """Another preprocessing is another run of the same norm."""
    usual, plain = normlab(*SMALL, "--epochs", "1"), normlab(*SMALL, "--epochs", "1", "--preprocess", "none")
    assert plain.returncode == 0, plain.stderr
    assert "Test set: Average loss" in plain.stdout
    assert plain.stdout != usual.stdout
