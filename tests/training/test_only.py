"""One source of variance alone follows the seed: all other streams are held, whatever trains the run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from recipes import recipe as resolved

from normlab import seeds
from normlab.data import Dataset
from normlab.data.split import split
from normlab.records import Job
from normlab.seeds import HELD, SOURCES, Only, Purpose, Replicate, Source
from normlab.training import train

ENGINES = ["eager", "lanes", "reference"]
Drawn = dict[tuple[Purpose, tuple[int, ...]], tuple[int, ...]]
"""The first words of each stream that was asked for, by its purpose and its path."""


def job(only: str = "", seed: int = 0, engine: str = "eager") -> Job:
    every = {"dropout": 0.25, "augment": {"rotation": 5, "flip": 0.5, "crop": 1, "cutout": 4}}
    recipe = resolved("bn", model="lean", epochs=1, batch_size=64, train_images=150, holdout=100, **every)
    return Job(recipe, seed, engine=engine, only=seeds.source(only))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch, few: Dataset) -> Callable[[Job], Drawn]:
    """Trains a run, and gives what all of its streams began with."""
    asked: Drawn = {}
    original = seeds.sequence

    def noted(study: int, purpose: Purpose, seed: Replicate, *path: int) -> np.random.SeedSequence:
        found = original(study, purpose, seed, *path)
        asked[purpose, path] = tuple(int(word) for word in found.generate_state(4))
        return found

    def of(one: Job) -> Drawn:
        asked.clear()
        train(one, few)
        return dict(asked)

    monkeypatch.setattr(seeds, "sequence", noted)
    return of


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("only", SOURCES)
@pytest.mark.slow
def test_all_other_streams_are_held(engine: str, only: Source, drawn: Callable[[Job], Drawn]) -> None:
    """With one source varying, the draws for every other purpose are bit-equal between seeds, and its own differ."""
    one, other = (drawn(job(only, seed, engine)) for seed in (1, 2))
    assert {purpose for purpose, _ in one} >= {"init", "order", "augment", "flip", "crop", "cutout", "dropout"}
    assert {purpose for purpose, _ in one.keys() ^ other.keys()} <= {"holdout"}  # what is chosen alike is chosen once
    shared = one.keys() & other.keys()
    differ = {stream for stream in shared if one[stream] != other[stream]}
    assert differ == {stream for stream in shared if stream[0] in SOURCES[only]}
    assert {purpose for purpose, _ in differ} >= {*SOURCES[only]} - {"torch"}  # lanes needs none of torch's own


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.slow
def test_ordinary_runs_draw_everything_anew_but_the_images(engine: str, drawn: Callable[[Job], Drawn]) -> None:
    """All streams follow the seed, and images are chosen by the study's root alone: runs are paired by image."""
    one, other = (drawn(job("", seed, engine)) for seed in (1, 2))
    assert {purpose for purpose, path in one if one[purpose, path] == other.get((purpose, path))} <= {"holdout", "flow"}


@pytest.mark.parametrize("only", SOURCES)
@pytest.mark.slow
def test_at_the_held_seed_it_is_the_ordinary_run(only: Source, few: Dataset) -> None:
    """Where the seed is the one that the others are held at, nothing differs: that run need not be made again."""
    usual, alone = (train(job(name, HELD), few) for name in ("", only))
    assert all(
        torch.equal(torch.tensor(usual.weights[name]), torch.tensor(alone.weights[name])) for name in usual.weights
    )
    assert np.array_equal(usual.probabilities, alone.probabilities)


def test_other_images_are_held_out_by_the_seed(few: Dataset) -> None:
    """With the split alone varying, seeds judge other images; with anything else, the same ones."""
    recipe = job().recipe
    held, first, second = (
        split(few, recipe, 0, job(*of).division).judged_labels for of in (("init", 2), ("split", 1), ("split", 2))
    )
    assert np.array_equal(held, split(few, recipe, 0).judged_labels)
    assert not np.array_equal(first, held)
    assert not np.array_equal(first, second)


def test_a_run_with_held_sources_has_a_key_of_its_own() -> None:
    """Its key differs from the ordinary run's and from those of other sources; nothing else about keys changes."""
    every = [job(only, 3) for only in ("", *SOURCES)]
    assert len({each.key for each in every}) == len(every)
    assert every[1].name == "bn · init alone · seed 3"


def test_an_unknown_source_is_told() -> None:
    """Names are those of the five sources."""
    with pytest.raises(
        ValueError, match="expected a source of variance, init, order, augment, dropout, split, got 'luck'"
    ):
        seeds.source("luck")
    assert Only("order", 4).of("order") == 4
    assert Only("order", 4).of("init") == HELD
