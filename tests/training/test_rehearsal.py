from __future__ import annotations

import numpy as np
import pytest
import torch
from recipes import recipe

from normlab import training
from normlab.data import Dataset
from normlab.records import Job
from normlab.training.engines import ENGINES
from normlab.training.rehearsal import rehearse


def job(engine: str, **changed: object) -> Job:
    fields = {"preset": "lean", "epochs": 1, "batch_size": 64, "train_images": 256, "holdout": 250, **changed}
    return Job(recipe("gn:4", **fields), 0, 0, "cpu", engine)


@pytest.mark.parametrize("engine", ["eager", "lanes"])
@pytest.mark.slow
def test_a_rehearsal_changes_no_run(mnist: Dataset, engine: str) -> None:
    """What is trained behind it has the same bits, and torch's random state and threads are as they were."""
    before = training.train(job(engine), mnist)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    rehearse(ENGINES[engine](), job(engine), mnist)
    assert torch.equal(state, torch.get_rng_state())
    assert threads == torch.get_num_threads()
    assert np.array_equal(before.probabilities, training.train(job(engine), mnist).probabilities)


@pytest.mark.slow
def test_a_run_of_more_epochs_takes_longer_by_as_much(mnist: Dataset) -> None:
    """Several times the seconds for ten times the epochs; memory is what a process with PyTorch has at least."""
    one, ten = (rehearse(ENGINES["eager"](), job("eager", epochs=epochs), mnist) for epochs in (1, 10))
    assert 2 < ten.seconds / one.seconds < 100
    assert 100e6 < one.memory < 10e9


def test_a_loss_that_is_no_number_is_told(mnist: Dataset) -> None:
    """After a few steps with a learning rate beyond reason, without a norm."""
    wild = Job(recipe("none", preset="lean", optimizer={"lr": 1e30}, schedule={"kind": "constant"}), 0)
    assert rehearse(ENGINES["eager"](), wild, mnist).faults == ("its loss is not a number after a few steps",)


@pytest.mark.slow  # a second or more
def test_the_estimate_is_what_a_run_takes(mnist: Dataset) -> None:
    """Within a factor of ten of the seconds of a run that follows: machines have other things to do."""
    told = rehearse(ENGINES["eager"](), job("eager", train_images=2000), mnist).seconds
    took = training.train(job("eager", train_images=2000), mnist).seconds
    assert took / 10 < told < took * 10
