from __future__ import annotations

import numpy as np
import pytest
from recipes import recipe

from normlab import training
from normlab.data import Dataset
from normlab.data import chosen as module
from normlab.data.chosen import chosen
from normlab.data.moments import counts
from normlab.data.split import _latest
from normlab.data.twins import in_both
from normlab.faults import find, of_study
from normlab.records import Job
from normlab.spec import design


@pytest.fixture
def _nothing_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COPIED", 0)
    _latest.clear()


@pytest.mark.usefixtures("_nothing_is_copied")
def test_images_that_are_not_copied_are_as_an_array_of_them(mnist: Dataset) -> None:
    """By numbers, by slices, one by one, counted and whole."""
    which = np.array([5, 3, 900, 17])
    far, near = chosen(mnist.train_images, which), mnist.train_images[which]
    assert not isinstance(far, np.ndarray)
    assert (len(far), far.shape, far.dtype, far.ndim) == (4, near.shape, near.dtype, near.ndim)
    for key in (2, slice(1, 3), slice(None, None, 2), np.array([3, 0]), -1):
        assert np.array_equal(far[key], near[key])
    assert np.array_equal(np.pad(far, 1), np.pad(near, 1))
    assert np.array_equal(counts(far), counts(near))
    assert in_both(far, near) == 4


@pytest.mark.training
@pytest.mark.parametrize("engine", ["eager", "lanes", "reference"])
@pytest.mark.long
def test_runs_on_them_are_the_same_to_the_bit(mnist: Dataset, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held out and trained on, copied or not."""
    job = Job(recipe("bn", preset="course", epochs=1, holdout=300, train_images=640), 0, 0, "cpu", engine)
    monkeypatch.setattr(module, "COPIED", 0)
    _latest.clear()
    far = training.train(job, mnist)
    monkeypatch.undo()
    _latest.clear()
    near = training.train(job, mnist)
    assert far.probabilities.tobytes() == near.probabilities.tobytes()
    assert all(np.array_equal(value, near.weights[name]) for name, value in far.weights.items())


@pytest.mark.usefixtures("_nothing_is_copied")
def test_their_faults_are_found(mnist: Dataset) -> None:
    """Lint looks at them too."""
    study = design(norms=["bn", "ln"], l1=[0], holdout=300, train_images=640, epochs=1)
    assert find(of_study(study, mnist)) == ()
