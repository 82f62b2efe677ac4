"""Studies whose sources of variance are varied one at a time, from the call to what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from normlab.analysis import gather
from normlab.errors import SpecError
from normlab.verbs.compare import compare
from normlab.verbs.reopen import opened

TINY: dict[str, Any] = {"norms": ["bn"], "seeds": 2, "train_images": 64, "epochs": 1, "holdout": 64, "engine": "eager"}

pytestmark = [pytest.mark.usefixtures("mnist"), pytest.mark.timeout(300), pytest.mark.training]


def test_only_what_one_source_varies_is_trained_beside_the_ordinary_runs(tmp_path: Path) -> None:
    """These are shared with a study that does not ask; the same call again trains nothing, and reopened it has all."""
    plain = compare(**TINY, name="plain", out=tmp_path, workers=1)
    assert (plain.kept, plain.trained) == (0, 2)
    asked = compare(**TINY, name="asked", sources=True, out=tmp_path, workers=1)
    assert (asked.kept, asked.trained) == (2, 4)  # init, order, augment and the choice of images, on the second seed
    again = compare(**TINY, name="asked", sources=True, out=tmp_path, workers=1)
    assert (again.kept, again.trained) == (6, 0)
    assert [run.key for run in asked.comparison.runs] == [run.key for run in plain.comparison.runs]
    found = gather(opened("asked", tmp_path)).sources
    assert found is not None
    assert [part.source for part in found.arms[0].parts] == ["init", "order", "augment"]
    assert [part.source for part in found.arms[0].apart] == ["split"]
    assert (found.absent, found.owed) == (("dropout",), 0)


def test_a_study_that_is_tuned_is_asked_afterwards(tmp_path: Path) -> None:
    """Three studies are made of it; the way out is told."""
    with pytest.raises(SpecError, match="normlab compare mine-tuned --sources"):
        compare(**TINY, name="mine", sources=True, tune={"optimizer.lr": [0.1, 0.2]}, out=tmp_path)
