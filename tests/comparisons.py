"""Comparisons that look like real ones: counts, probabilities and weights agree with each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Unpack

import numpy as np
import pytest
from makers import maker
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from normlab.records import NEAR_ZERO, Comparison, Environment, Epoch, Held, KernelSize, Look, RunRecord, Scale
from normlab.spec import Arm, Options, Study, design

SHAPES = {"block1.conv.weight": (10, 1, 3, 3), "block2.conv.weight": (18, 10, 3, 3), "head.weight": (10, 32)}
SCALE = Scale(("block1.conv.weight", "block2.conv.weight"), change=0.0003, flipped=0.0)
SIX = {"norm": ["bn", "ln", "gn:4"], "penalty.lambda": [0.0, 1e-4]}

Make = Callable[..., Comparison]


def environment(**changed: Any) -> Environment:
    known: dict[str, Any] = {
        "normlab": "0.1.0",
        "python": "3.11.2",
        "torch": "2.13.0",
        "numpy": "2.4.6",
        "system": "Linux x86_64",
        "processor": "two cores",
        "device": "cpu",
        "threads": 1,
        "engine": "eager",
        "data": "5f" * 32,
    }
    return Environment(**(known | changed))


def digits(count: int, channels: int = 1) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Printed digits, turned and shifted: uint8 (count, channels, 28, 28) and their labels."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 10, count)
    drawn = _drawn()
    images = drawn[labels, rng.integers(0, drawn.shape[1], count)]
    images = np.clip(images + rng.normal(0, 12, images.shape) * (images > 0), 0, 255).astype(np.uint8)
    return np.repeat(images[:, None], channels, axis=1), labels


@cache
def _drawn() -> NDArray[np.float64]:
    """Each digit at each turn, (digits, turns, 28, 28)."""
    return np.stack([[_digit(digit, turn) for turn in range(-20, 21, 5)] for digit in range(10)])


def _digit(digit: int, turn: int) -> NDArray[np.float64]:
    picture = Image.new("L", (28, 28))
    ImageDraw.Draw(picture).text((14, 14), str(digit), fill=255, font=ImageFont.load_default(22), anchor="mm")
    return np.asarray(picture.rotate(turn, Image.Resampling.BILINEAR), dtype=np.float64)


def probabilities(labels: NDArray[np.int64], wrong: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Float32 (images, 10) with exactly `wrong` mistakes, mostly on the same hard images in every run."""
    difficulty = np.random.default_rng(11).gumbel(size=len(labels)) + rng.gumbel(size=len(labels)) / 2
    missed = np.argsort(-difficulty)[:wrong]
    predicted = labels.copy()
    predicted[missed] = (labels[missed] + 1 + difficulty[missed].astype(int) % 9) % 10
    sure = np.where(predicted == labels, rng.beta(30, 1, len(labels)), rng.beta(4, 2, len(labels)))
    sure = np.clip(sure, 0.4, 1)
    rows = np.repeat((1 - sure[:, None]) / 9, 10, axis=1)
    rows[np.arange(len(labels)), predicted] = sure
    return rows.astype(np.float32)


def weights(arm: Arm, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    """Weights that a penalty has shrunk, none of them exactly zero, and a norm's parameters beside them."""
    scale = 0.12 / (1 + 1e4 * arm.recipe.penalty.lam)
    arrays = {name: rng.laplace(0, scale, shape).astype(np.float32) for name, shape in SHAPES.items()}
    return arrays | {"block1.norm.weight": np.ones(10, np.float32), "head.bias": np.zeros(10, np.float32)}


def run(arm: Arm, seed: int, study: Study, labels: NDArray[np.int64], error: float) -> RunRecord:
    """A finished run whose error falls from 4.5 times `error` (0 to 1) to about `error` at the last epoch."""
    rng = np.random.default_rng([seed, *arm.name.encode()])
    planned = np.linspace(0, 1, arm.recipe.epochs) if arm.recipe.epochs > 1 else np.ones(1)
    falling = error * (1 + 3.5 * np.exp(-4 * planned)) * rng.normal(1, 0.06, len(planned))
    wrong = np.clip(np.rint(falling * len(labels)), 0, len(labels)).astype(int)
    arrays = weights(arm, rng)
    abs_sum = float(sum(np.abs(arrays[name]).sum() for name in SHAPES))
    train = np.clip(np.rint(60_000 * (1 - 1.2 * falling)), 0, 60_000).astype(int)
    epochs = [
        Epoch(
            epoch=index + 1,
            learning_rate=0.1,
            train_loss=float(4 * falling[index]),
            penalty=arm.recipe.penalty.lam * abs_sum,
            abs_sum=abs_sum,
            train_correct=int(train[index]),
            train_images=60_000,
            judged_loss=float(3 * falling[index]),
            judged_correct=len(labels) - int(wrong[index]),
            judged_images=len(labels),
            seconds=8.0 + float(rng.random()),
        )
        for index in range(len(planned))
    ]
    return RunRecord(
        job=maker(study, "eager", "5f" * 32).job(arm, seed),
        parameters=9_802,
        epochs=epochs,
        contents=Held(probabilities(labels, int(wrong[-1]), rng), arrays),
        seconds=sum(epoch.seconds for epoch in epochs),
        environment=environment(),
        sizes=[size(index + 1, name, arrays[name]) for index in range(len(planned)) for name in SHAPES],
    )


def size(epoch: int, name: str, kernel: NDArray[np.float32]) -> KernelSize:
    """What a record says of a kernel."""
    near = int((np.abs(kernel) < NEAR_ZERO).sum())
    sums = float(np.abs(kernel).sum()), float(np.square(kernel, dtype=np.float64).sum())
    return KernelSize(epoch, name, kernel.size, int((kernel == 0).sum()), near, *sums)


def left(run: RunRecord, weights: dict[str, NDArray[Any]], *kernels: str) -> RunRecord:
    """The same run, had it left these weights, of which those named are kernels; all if none is."""
    sizes = [size(epoch.epoch, name, weights[name]) for epoch in run.epochs for name in kernels or weights]
    return replace(run, contents=Held(run.probabilities, weights), sizes=sizes)


def judging(run: RunRecord, probabilities: NDArray[np.float32]) -> RunRecord:
    """The same run, had it given the evaluation images these probabilities."""
    return replace(run, contents=Held(probabilities, run.weights))


def lowered(finished: RunRecord, points: float) -> RunRecord:
    """The same run, had it lost so many points of accuracy in its last epoch."""
    last = finished.final
    right = last.judged_correct - round(points * last.judged_images / 100)
    return replace(finished, epochs=[*finished.epochs[:-1], replace(last, judged_correct=right)])


def stopped(finished: RunRecord, epoch: int) -> RunRecord:
    """The same run, had it diverged in `epoch`."""
    return RunRecord(
        job=finished.job,
        parameters=finished.parameters,
        epochs=finished.epochs[: epoch - 1],
        contents=Held(np.empty((0, 10), np.float32), {}),
        seconds=3.0,
        environment=finished.environment,
        diverged_at=epoch,
    )


def make_comparison(
    *,
    vary: Mapping[str, Sequence[Any]] | None = None,
    arms: Sequence[dict[str, Any]] = (),
    fixed: Mapping[str, Any] | None = None,
    looks: Sequence[Look] = (),
    seeds: int = 3,
    epochs: int = 5,
    images: int = 1_000,
    errors: dict[str, float] | None = None,
    holdout: int = 0,
    diverged: Sequence[tuple[str, int, int]] = (),
    collapsed: Sequence[tuple[str, int, float]] = (),
    missing: int = 0,
    channels: int = 1,
    warm_start: bool = False,
    **options: Unpack[Options],
) -> Comparison:
    """A comparison with every run of the study: of `vary` and `arms` by hand, or of the six.

    `fixed` are other fields of the recipe that all arms share, `errors` the arms' error rates where they are not 0.007,
    `diverged` runs as (arm, seed, epoch), `collapsed` those that lose points in the last epoch as (arm, seed, points),
    and of the others the last `missing` are left out.
    """
    fields = {"epochs": epochs, "holdout": holdout, **(fixed or {})}
    factors = SIX if vary is None and not arms else (vary or {})
    study = design(vary=factors, arms=arms, seeds=seeds, set=fields, warm_start=warm_start, **options)
    pictures, labels = digits(images, channels)
    runs = [
        run(arm, seed, study, labels, (errors or {}).get(arm.name, 0.007)) for seed in study.seeds for arm in study.arms
    ]
    losses = {(name, seed): points for name, seed, points in collapsed}
    runs = [lowered(one, losses[one.arm, one.seed]) if (one.arm, one.seed) in losses else one for one in runs]
    ends = {(name, seed): epoch for name, seed, epoch in diverged}
    runs = [stopped(one, ends[one.arm, one.seed]) if (one.arm, one.seed) in ends else one for one in runs]
    return Comparison(
        study=study,
        runs=runs[: len(runs) - missing],
        images=pictures,
        labels=labels,
        classes=[str(digit) for digit in range(10)],
        looks=looks,
        scales={arm.name: SCALE for arm in study.arms if arm.recipe.norm != "none"},
        summaries={
            arm.name: f"Layer        Output   Param #\n{arm.recipe.norm:<12} 26×26         90" for arm in study.arms
        },
    )


@pytest.fixture(scope="session")
def make() -> Make:
    """The factory of comparisons."""
    return make_comparison


@pytest.fixture(scope="session")
def six() -> Comparison:
    """The main job: three norms with and without L1, 3 seeds, 5 epochs, 10,000 images."""
    return make_comparison(images=10_000, errors={"bn + L1 0.0001": 0.008, "ln + L1 0.0001": 0.0085})
