from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import DEVNULL, CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]


def test_the_figure_is_worked_without_a_word_more(normlab: Run) -> None:
    """Its means and variances, the blank rows of group norm, and what they were held against."""
    result = normlab("explain", "bn", "ln", "gn:3")
    assert result.returncode == 0
    assert all(text in result.stdout for text in ("5.984375", "2.416667", "5.243056", "image 2, channel 3"))
    assert "PyTorch 2." in result.stdout
    assert not any(line.endswith(" ") for line in result.stdout.splitlines()[2:])


def test_the_cell_that_is_asked_for_is_worked(normlab: Run) -> None:
    """By image, channel, row and column, with γ and β."""
    cell = ("--cell", "2,3,1,2", "--gamma", "1 1 2", "--beta=-1")
    result = normlab("explain", "in", *cell)
    assert "The cell at image 2, channel 3, row 1, column 2" in result.stdout
    assert "y = γ · x̂ + β = 2 · 1.414199 − 1 = 1.828399" in result.stdout


@pytest.mark.slow  # fresh processes, whose time is what is measured
@pytest.mark.long
def test_an_answer_takes_little_more_than_loading_pytorch() -> None:
    """Half as much again at most, in processor time: under 2 s wherever PyTorch itself loads in 1.3 s."""

    def spent(*arguments: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], check=True, stdout=DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    answer = ("-m", "normlab", "explain", "bn", "ln", "gn:3")
    assert any(spent(*answer) < 1.5 * spent("-c", "import torch") for _ in range(3))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("gn:2",), "1, 3 groups"),
        (("bn", "--values", "1 a"), "'a' is not a number"),
        (("bn", "--shape", "2,3"), "expected four whole numbers"),
        (("bn", "--cell", "9,1,1,1"), "image 1 to 2"),
        (("bn", "--gamma", "1 2"), "3 channels, got 2"),
        (("bn", "--beta", "x"), "--beta: 'x' is not a number"),
        (("bn", "--beta", "nan"), "beta: expected numbers from"),
    ],
)
def test_bad_input_is_one_line(normlab: Run, given: tuple[str, ...], words: str) -> None:
    """With the valid choices, before any number is shown."""
    result = normlab("explain", *given)
    assert result.returncode == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_page_is_written(normlab: Run, tmp_path: Path) -> None:
    """`--html` alone writes it and says where."""
    result = normlab("explain", "--html", str(tmp_path / "explain.html"))
    assert result.returncode == 0
    assert str(tmp_path / "explain.html") in result.stdout
    assert (tmp_path / "explain.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.slow
def test_an_image_is_explained(normlab: Run, tmp_path: Path) -> None:
    """Preprocessings by name, of the example or of a test image, and as a page."""
    example = normlab("explain", "stretch", "equalize")
    assert example.returncode == 0
    assert "(40 − 20) / (100 − 20) = 0.25" in example.stdout
    digit = normlab("explain", "--image", "1234", "--html", str(tmp_path / "image.html"))
    assert "mnist's test image 1234" in digit.stdout
    assert (tmp_path / "image.html").exists()


@pytest.mark.long
@pytest.mark.training
def test_a_layer_is_explained_with_a_network_that_is_trained_for_it(normlab: Run, tmp_path: Path) -> None:
    """A newcomer has none yet; the second time it is there."""
    asked = ("explain", "ln", "--model", "lean", "--layer", "norm3", "--image", "1234")
    first = normlab(*asked, "--html", str(tmp_path / "layer.html"))
    assert first.returncode == 0
    assert "No trained networks of lean for this" in first.stderr
    assert "What norm3 of lean does to mnist's test image 1234" in first.stdout
    assert (tmp_path / "layer.html").exists()
    again = normlab(*asked)
    assert again.returncode == 0
    assert again.stderr == ""
    assert again.stdout.strip() == first.stdout.partition("Page:")[0].strip()


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (("--model", "course", "--layer", "norm9"), 2, "layers are norm1"),
        (("--model", "course"), 2, "It has norm1, norm2, norm3, norm4, norm5"),
        (("--model", "resnet", "--layer", "norm1"), 2, "unknown model 'resnet'"),
        (("--image", "10000"), 1, "are 0 to 9999"),
        (("--study", "nowhere", "--layer", "norm1"), 1, "no study 'nowhere'"),
        (("stretch", "bn"), 2, "ask for one or the other"),
        (("--data", "cifar"), 2, "unknown data set"),
        (("strech",), 2, "did you mean stretch"),
        (("bn", "--image", "3"), 2, "Add --layer"),
        (("stretch", "--gamma", "2"), 2, "--gamma does not go with an image"),
        (("--layer", "norm1", "--values", "1 2"), 2, "--values does not go with networks"),
        (("--layer", "norm1", "--study", "x", "--model", "lean"), 2, "--model does not go with a study"),
        (("stretch", "--layer", "norm1"), 2, "leave out --layer"),
        (("--html", "."), 1, "it is a folder"),
        (("ln-chw", "--gamma", "1 1 1 1 1 1 1 1 1 1 1 1", "--html", "x.html"), 2, "the page takes one number"),
    ],
)
def test_what_is_not_there_is_one_line(normlab: Run, given: tuple[str, ...], code: int, words: str) -> None:
    """Before anything is trained, with the valid choices."""
    result = normlab("explain", *given)
    assert result.returncode == code
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
