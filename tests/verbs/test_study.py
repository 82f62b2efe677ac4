"""One's own training function, run for every arm and seed, kept and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import normlab
from normlab.errors import SpecError, StoreError

VARY = {"norm": ["bn", "gn", "ln"]}
GAIN = {"bn": 0.0, "gn": 0.01, "ln": -2.0}


class Training:
    """A function that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def __call__(self, config: dict[str, Any], seed: int) -> dict[str, float]:
        """As a network would end: what the seed brings, and what the norm does."""
        self.asked.append((config["norm"], seed))
        noise = np.random.default_rng([seed, *config["norm"].encode()]).normal(0, 0.02)
        return {"accuracy": 95 + seed / 10 + GAIN[config["norm"]] + float(noise), "loss": 0.1}


def test_every_arm_is_trained_on_the_same_seeds_and_judged(tmp_path: Path) -> None:
    """All arms of one seed before the next, with what is common to all; then pairs, by seed."""
    train = Training()
    found = normlab.study(train, vary=VARY, seeds=4, base={"epochs": 3}, margin=0.2, out=tmp_path)
    assert train.asked == [(norm, seed) for seed in range(4) for norm in VARY["norm"]]
    kinds = {(pair.first.name, pair.second.name): pair.kind.value for pair in found.pairs}
    assert kinds == {("bn", "gn"): "equivalent", ("bn", "ln"): "better", ("gn", "ln"): "better"}
    assert '"epochs": 3' in (tmp_path / "study" / "runs.jsonl").read_text()


def test_no_run_is_made_twice_and_a_study_grows(tmp_path: Path) -> None:
    """The same again makes none; a seed and a level more make what is new, judged as seeds after a look."""
    normlab.study(Training(), vary=VARY, seeds=2, out=tmp_path)
    again, more = Training(), Training()
    assert not normlab.study(again, vary=VARY, seeds=2, out=tmp_path).grown
    assert again.asked == []
    wider = {"norm": [*VARY["norm"], "bn2"]}
    GAIN["bn2"] = 0.5
    assert normlab.study(more, vary=wider, seeds=3, out=tmp_path).grown
    assert more.asked == [("bn2", 0), ("bn2", 1), *((norm, 2) for norm in wider["norm"])]


def test_an_interruption_loses_no_finished_run(tmp_path: Path) -> None:
    """What was finished is kept; half a line, as a power cut leaves, is made again."""

    class Stopped(Training):
        def __call__(self, config: dict[str, Any], seed: int) -> dict[str, float]:
            if len(self.asked) == 4:
                raise KeyboardInterrupt
            return super().__call__(config, seed)

    with pytest.raises(KeyboardInterrupt):
        normlab.study(Stopped(), vary=VARY, seeds=2, out=tmp_path)
    log = tmp_path / "study" / "runs.jsonl"
    log.write_bytes(log.read_bytes()[:-9])
    rest = Stopped()
    normlab.study(rest, vary=VARY, seeds=2, out=tmp_path)
    assert rest.asked == [("bn", 1), ("gn", 1), ("ln", 1)]


def test_a_changed_line_is_named(tmp_path: Path) -> None:
    """A score that is not the one that was kept is never judged."""
    normlab.study(Training(), vary=VARY, seeds=2, out=tmp_path)
    log = tmp_path / "study" / "runs.jsonl"
    lines = log.read_text().splitlines()
    log.write_text("\n".join([lines[0], lines[1].replace('"seed": 0', '"seed": 7'), *lines[2:]]) + "\n")
    with pytest.raises(StoreError, match=r"runs\.jsonl, line 2: not as it was written"):
        normlab.study(Training(), vary=VARY, seeds=2, out=tmp_path)


def first(config: dict[str, Any], seed: int) -> float:
    """A score."""
    return 90.0 + seed + len(config["norm"])


def second(config: dict[str, Any], seed: int) -> float:
    """Another score."""
    return 91.0 + seed + len(config["norm"])


def test_another_function_makes_other_runs(tmp_path: Path) -> None:
    """A function is known by its source."""
    one = normlab.study(first, vary=VARY, seeds=2, out=tmp_path)
    other = normlab.study(second, vary=VARY, seeds=2, out=tmp_path)
    assert other.arms[0].mean - one.arms[0].mean == 1


def test_factors_are_crossed(tmp_path: Path) -> None:
    """Arms that differ in one of them are compared."""

    def train(config: dict[str, Any], seed: int) -> float:
        return 90.0 + seed + config["lr"] + np.random.default_rng([seed, int(10 * config["lr"])]).normal(0, 0.01)

    found = normlab.study(train, vary={"norm": ["bn", "ln"], "lr": [0.1, 1.0]}, seeds=3, out=tmp_path)
    assert (len(found.arms), len(found.pairs)) == (4, 4)


def test_scalars_of_numpy_are_numbers(tmp_path: Path) -> None:
    """As metrics give them; an array is nothing that JSON holds, and that is said."""
    found = normlab.study(lambda _, seed: np.float32(90 + seed), vary=VARY, seeds=2, out=tmp_path)
    assert found.arms[0].scores == (90.0, 91.0)
    with pytest.raises(SpecError, match="expected what JSON can hold"):
        normlab.study(lambda _, seed: {"accuracy": seed, "all": np.ones(3)}, vary=VARY, seeds=2, out=tmp_path)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"vary": {}}, "vary: expected a factor with two levels or more"),
        ({"vary": {"norm": ["bn"]}}, "vary: expected a factor with two levels or more"),
        ({"vary": {"norm": [object(), object()]}}, "expected levels that are text, numbers"),
        ({"vary": {"norm": "bn"}}, "vary: norm: expected a list of levels, got 'bn'"),
        ({"seeds": 0}, "seeds: expected how many, at least 1, or which, got 0"),
        ({"name": "../elsewhere"}, "name: expected up to 64 letters"),
        ({"score": "f1"}, "expected f1 among .*; name the score"),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    """Before or after the first run, and nothing of it is kept."""
    with pytest.raises(SpecError, match=said):
        normlab.study(Training(), **{"vary": VARY, "seeds": 2, "out": tmp_path, **given})
