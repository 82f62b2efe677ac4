"""A network of one's own on the command line: from its file to the verdict, and what is said when it fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from normlab.store import Store

Run = Callable[..., CompletedProcess[str]]

NETS = """
from torch import nn
from beside import WIDTH

def make(channels, classes, norm):
    front = nn.Conv2d(channels, WIDTH, 5, 4), norm(WIDTH), nn.ReLU()
    return nn.Sequential(*front, nn.Flatten(), nn.Linear(36 * WIDTH, classes))

def fails(classes):
    return {}[classes]
"""


@pytest.fixture(autouse=True)
def _nets(tmp_path: Path, normlab: Run) -> None:  # noqa: ARG001 - the folder that it works in
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "beside.py").write_text("WIDTH = 4\n")


@pytest.mark.training
@pytest.mark.long
def test_workers_train_it_and_know_it_again(normlab: Run, tmp_path: Path) -> None:
    """Two processes import the file; the file moved elsewhere owes nothing, another width beside it owes all."""
    tiny = ("--norms", "bn,ln", "--lambda", "0", "--epochs", "1", "--train-images", "256", "--seeds", "1")
    study = ("compare", *tiny, "--workers", "2", "--holdout", "256")
    done = normlab(*study, "--model", "nets.py:make", "--name", "one")
    assert (done.returncode, "0 kept, 2 to train" in done.stderr) == (0, True), done.stderr
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in ("nets.py", "beside.py"):
        (tmp_path / name).rename(folder / name)
    assert "2 kept, 0 to train" in normlab(*study, "--model", "elsewhere/nets.py:make", "--name", "two").stderr
    (folder / "beside.py").write_text("WIDTH = 6\n")
    assert "0 kept, 2 to train" in normlab(*study, "--model", "elsewhere/nets.py:make", "--name", "three").stderr
    with Store.reading(tmp_path / "normlab-out") as store:
        assert {row.job.recipe.model for row in store.listing()} == {":make"}
    assert normlab("runs", "two").stdout.count("\n") == 4


def test_its_exception_is_shown_with_its_own_lines(normlab: Run) -> None:
    """Then the error in a line, and an exit code that is not zero."""
    failed = normlab("compare", "--model", "nets.py:fails", "--norms", "bn,ln")
    assert failed.returncode == 1
    first, *_, last = failed.stderr.splitlines()
    assert first == "Traceback (most recent call last):"
    assert "    return {}[classes]" in failed.stderr
    assert "site-packages/normlab" not in failed.stderr.replace("src/normlab", "site-packages/normlab")
    assert last == "error: model nets.py:fails: its code raised KeyError: 10"


def test_a_model_takes_arguments(normlab: Run) -> None:
    """As JSON; several are a factor, and what a model does not take is told in a line."""
    widths = '{"hidden": [500, 300]},{"hidden": [20]}'
    told = normlab("compare", "--model", "mlp", "--model-args", widths, "--norms", "bn", "--print-toml").stdout
    assert 'model_args = [\n    "{\\"hidden\\":[500,300]}",\n    "{\\"hidden\\":[20]}",\n]' in told
    failed = normlab("lint", "--model", "mlp", "--model-args", '{"hiden": [20]}', "--norms", "bn,ln")
    assert (failed.returncode, failed.stderr) == (
        2,
        "error: model_args: mlp takes no argument hiden; it takes hidden\n",
    )
    failed = normlab("lint", "--model", "mlp", "--model-args", '{"hidden": 20', "--norms", "bn,ln")
    assert (failed.returncode, failed.stderr.count("\n")) == (2, 1)


def test_a_summary_takes_it_too(normlab: Run) -> None:
    """The layers of the network in the file."""
    assert "Total params: 1,562" in normlab("summary", "nets.py:make", "--norm", "ln").stdout
