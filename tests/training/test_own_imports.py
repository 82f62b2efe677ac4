"""Networks of one's own that import something while they compute."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from normlab.data import Dataset
from normlab.models.jobs import job_of
from normlab.spec import Recipe
from normlab.training import choose, train

NETS = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.end = nn.BatchNorm2d(1), nn.Linear(784, 10)

    def forward(self, x):
        from beside import flat
        return self.end(flat(self.norm(x)))

def make():
    return Net()
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """Of a network of a file that imports another in `forward`."""
    (tmp_path / "nets.py").write_text(NETS)
    (tmp_path / "beside.py").write_text("def flat(x): return x.flatten(1)\n")
    return Recipe(model=f"{tmp_path}/nets.py:make", norm="gn:1", epochs=1)


@pytest.mark.parametrize("engine", ["eager", "reference"])
def test_a_network_may_import_while_it_computes(recipe: Recipe, few: Dataset, engine: str) -> None:
    """When its norms are exchanged and when it is trained, as in a worker that has not seen it before."""
    data = replace(few, train_images=few.train_images[:128], train_labels=few.train_labels[:128])
    assert train(job_of(recipe, 0, engine=engine), data).diverged_at is None
    assert "beside" not in sys.modules


@pytest.mark.slow
def test_an_engine_that_tries_a_network_finds_what_it_imports(recipe: Recipe) -> None:
    """That it is not there would be no reason to refuse it."""
    assert choose([job_of(recipe, 0, engine="auto")], (1, 28, 28)).engine == "lanes"
