"""One's own training function, run for every arm and seed, kept and judged."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import normlab
from normlab.calls import Call, CallRecord
from normlab.errors import DamagedRun, RunFailed, SpecError, Stopped, UnknownName
from normlab.events import CallKept, Event, Planned, RunLost
from normlab.stats.looks import Looks
from normlab.store import Leases, Store
from normlab.tables.judge import Criteria
from normlab.verbs.functions import Maker
from normlab.verbs.judging import Judging, OpenArms, late

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
    train, told = Training(), list[Event]()
    found = normlab.study(train, vary=VARY, seeds=4, base={"epochs": 3}, margin=0.2, out=tmp_path, tell=told.append)
    assert train.asked == [(norm, seed) for seed in range(4) for norm in VARY["norm"]]
    kinds = {(pair.first.name, pair.second.name): pair.kind.value for pair in found.pairs}
    assert kinds == {("bn", "gn"): "equivalent", ("bn", "ln"): "better", ("gn", "ln"): "better"}
    assert told[0] == Planned(0, 12)
    kept = [event.record for event in told if isinstance(event, CallKept)]
    assert [record.call.config for record in kept[:2]] == [{"norm": norm, "epochs": 3} for norm in ("bn", "gn")]


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
    """What was finished is kept, and the run under way is nobody's any more."""

    class Stopped(Training):
        def __call__(self, config: dict[str, Any], seed: int) -> dict[str, float]:
            if len(self.asked) == 4:
                raise KeyboardInterrupt
            return super().__call__(config, seed)

    with pytest.raises(KeyboardInterrupt):
        normlab.study(Stopped(), vary=VARY, seeds=2, out=tmp_path)
    assert Leases(tmp_path).leased() == []
    rest = Stopped()
    normlab.study(rest, vary=VARY, seeds=2, out=tmp_path)
    assert rest.asked == [("gn", 1), ("ln", 1)]


def test_a_changed_row_is_named_and_made_again_when_that_is_asked_for(tmp_path: Path) -> None:
    """A score that is not the one that was kept is never judged."""
    normlab.study(Training(), vary=VARY, seeds=2, out=tmp_path)
    with sqlite3.connect(tmp_path / "runs.db") as db:
        db.execute("UPDATE call SET record = replace(record, '9', '8') WHERE id = 5")
    with pytest.raises(DamagedRun, match=r"gn · seed 1 .its row was changed"):
        normlab.study(Training(), vary=VARY, seeds=2, out=tmp_path)
    again = Training()
    normlab.study(again, vary=VARY, seeds=2, out=tmp_path, repair=True)
    assert again.asked == [("gn", 1)]


def test_a_run_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    """It is named with what it raised, which is the cause; a score that is no number counts as one."""

    def train(config: dict[str, Any], seed: int) -> float:
        if config["norm"] == "ln":
            return 1 / seed if seed == 0 else float("nan")
        return 95.0 + seed

    said = r"2 runs left no record: ln · seed 0: ZeroDivisionError: .*; ln · seed 1: expected a finite number"
    with pytest.raises(RunFailed, match=said) as raised:
        normlab.study(train, vary=VARY, seeds=2, out=tmp_path)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)
    with Store.reading(tmp_path) as store, sqlite3.connect(store.project / "runs.db") as db:
        assert db.execute("SELECT count(*) FROM call").fetchone() == (4,)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_function_that_never_works_is_not_called_for_every_run(tmp_path: Path, workers: int) -> None:
    """While no run has succeeded none begins after a failure."""
    calls = tmp_path / "calls"

    def train(config: dict[str, Any], seed: int) -> float:
        with calls.open("a") as file:
            file.write(f"{config} {seed}\n")
        time.sleep(0.1)
        raise TypeError("a misspelled argument")

    with pytest.raises(RunFailed, match="a misspelled argument"):
        normlab.study(train, vary=VARY, seeds=5, workers=workers, out=tmp_path / "out")
    assert len(calls.read_text().splitlines()) == workers


def first(config: dict[str, Any], seed: int) -> float:
    """A score."""
    return 90.0 + seed + len(config["norm"])


def second(config: dict[str, Any], seed: int) -> float:
    """Another score."""
    return 91.0 + seed + len(config["norm"])


def shifted(by: float) -> Callable[[dict[str, Any], int], float]:
    """A function that closes over a number."""
    return lambda config, seed: 90.0 + seed + by + len(config["norm"])


def keyed(config: dict[str, Any], seed: int, by: float = 0.0) -> float:
    """A function with one more argument."""
    return 90.0 + seed + by + len(config["norm"])


def typed(text: str) -> Any:
    """A function without a source, as one that was typed in at Python's prompt."""
    return eval(text)  # noqa: S307 - it stands below


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (first, second),
        (shifted(0.0), shifted(1.0)),
        (partial(keyed, by=0.0), partial(keyed, by=1.0)),
        (typed("lambda config, seed: 90.0 + seed"), typed("lambda config, seed: 91.0 + seed")),
    ],
    ids=["source", "closure", "partial", "no source"],
)
def test_another_function_makes_other_runs(tmp_path: Path, one: Any, other: Any) -> None:
    """A function is known by its source, by plain values that it closes over, by its code where it has no source."""
    before = normlab.study(one, vary=VARY, seeds=2, out=tmp_path)
    after = normlab.study(other, vary=VARY, seeds=2, out=tmp_path)
    assert after.arms[0].mean - before.arms[0].mean == 1


def test_factors_are_crossed(tmp_path: Path) -> None:
    """Arms that differ in one of them are compared; a level may be nothing."""

    def train(config: dict[str, Any], seed: int) -> float:
        draw = np.random.default_rng([seed, int(10 * config["lr"])])
        return 90.0 + seed + config["lr"] + float(draw.normal(0, 0.01)) + (config["drop"] or 0)

    found = normlab.study(train, vary={"drop": [None, 0.5], "lr": [0.1, 1.0]}, seeds=3, out=tmp_path)
    assert (len(found.arms), len(found.pairs)) == (4, 4)
    assert "drop=None, lr=0.1" in [arm.name for arm in found.arms]


def test_scalars_of_numpy_are_numbers(tmp_path: Path) -> None:
    """As metrics give them; an array is nothing that JSON holds, and that is said."""
    found = normlab.study(lambda _, seed: np.float32(90 + seed), vary=VARY, seeds=2, out=tmp_path)
    assert found.arms[0].scores == (90.0, 91.0)
    with pytest.raises(RunFailed, match="expected what JSON can hold"):
        normlab.study(lambda _, seed: {"accuracy": seed, "all": np.ones(3)}, vary=VARY, seeds=2, out=tmp_path)


def test_another_score_of_the_same_runs_is_judged_without_a_call(tmp_path: Path) -> None:
    """A record has all that the function gave."""
    normlab.study(Training(), vary=VARY, seeds=2, out=tmp_path)
    again = Training()
    found = normlab.study(again, vary=VARY, seeds=2, score="loss", out=tmp_path)
    assert again.asked == []
    assert found.lower_is_better
    assert found.arms[0].scores == (0.1, 0.1)


@pytest.mark.slow
def test_seeds_are_added_until_every_pair_is_settled(tmp_path: Path) -> None:
    """An arm that is far behind drops out, the others go on until they are equal within the margin."""
    train = Training()
    found = normlab.study(train, vary=VARY, seeds=60, margin=0.05, until_settled=True, out=tmp_path)
    taken = {norm: sum(asked[0] == norm for asked in train.asked) for norm in VARY["norm"]}
    assert all(pair.verdict.settled for pair in found.pairs)
    assert taken["ln"] < taken["bn"] < 60
    assert "a look after every seed" in " ".join(found.notes())
    again = Training()
    normlab.study(again, vary=VARY, seeds=60, margin=0.05, until_settled=True, out=tmp_path)
    assert again.asked == []


@pytest.mark.slow
def test_another_last_seed_after_a_verdict_is_growth(tmp_path: Path) -> None:
    """The number that was named from the start is part of the rules; the same one may be asked for again."""
    grown = [
        normlab.study(Training(), vary=VARY, seeds=most, margin=0.05, until_settled=True, out=tmp_path).grown
        for most in (60, 60, 70)
    ]
    assert grown == [False, False, True]


def record(arm: str, seed: int) -> CallRecord:
    """What `Training` gives."""
    call = Call({"norm": arm}, seed, "", arm)
    return CallRecord(call, Training()(dict(call.config), seed), 1.0)


def test_seeds_count_in_their_order_while_one_may_look() -> None:
    """What a late seed leaves open stays open until it is there, and one that is given up is passed over."""
    judging = Judging(Criteria(("norm",), "seed", "accuracy", 0.05), Maker(Training(), "accuracy"))
    still, seeds = OpenArms(judging, ("bn", "ln"), Looks.always, range(12)), [*range(1), *range(2, 12)]
    ended = [record("bn", seed) for seed in range(12)] + [record("ln", seed) for seed in seeds]
    assert still(ended, ()) == ("bn", "ln")
    assert late(ended, range(12)) == {1: {*range(2, 12)}}
    assert still((), [Call({"norm": "ln"}, 1, "", "ln")]) == set()


def test_what_waits_for_an_earlier_seed_is_noted(tmp_path: Path) -> None:
    """Of a study that stopped at its budget with a gap, since a process elsewhere has not ended a seed yet."""
    normlab.study(Training(), vary=VARY, seeds=4, until_settled=True, out=tmp_path)
    with sqlite3.connect(tmp_path / "runs.db") as db:
        db.execute("DELETE FROM call WHERE seed = '2' AND config LIKE '%bn%'")
    found = normlab.study(Training(), vary=VARY, seeds=4, until_settled=True, budget=1e-9, out=tmp_path)
    assert "seeds count in their order: 1 later seed waits for seed 2" in found.notes()
    assert {pair.seeds for pair in found.pairs if "bn" in pair.first.name} == {("0", "1")}


def test_no_run_begins_after_the_time_is_over(tmp_path: Path) -> None:
    """What came until then is judged."""

    def train(config: dict[str, Any], seed: int) -> float:
        time.sleep(0.05)
        return 90.0 + seed + len(config["norm"])

    found = normlab.study(train, vary=VARY, seeds=100, budget=0.5, out=tmp_path)
    assert 2 <= len(found.arms[0].scores) < 100
    with pytest.raises(Stopped, match="before two arms had a run"):
        normlab.study(train, vary=VARY, seeds=[500], budget=1e-9, out=tmp_path)


@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_runs_are_made_side_by_side(tmp_path: Path) -> None:
    """Any function, one within another too, in processes of their own; the verdict is that of one after the other."""
    train, places = Training(), tmp_path / "places"

    def beside(config: dict[str, Any], seed: int) -> dict[str, float]:
        with places.open("a") as file:
            file.write(f"{os.getpid()}\n")
        helper = multiprocessing.get_context("fork").Process(target=time.sleep, args=(0.1,))
        helper.start()  # as whoever loads batches does
        helper.join()
        return train(config, seed)

    alone = normlab.study(train, vary=VARY, seeds=3, margin=0.2, out=tmp_path / "alone")
    found = normlab.study(beside, vary=VARY, seeds=3, margin=0.2, workers=2, out=tmp_path / "beside")
    assert [arm.scores for arm in found.arms] == [arm.scores for arm in alone.arms]
    assert len(found.pairs) == len(alone.pairs) == 3
    makers = set(places.read_text().split())
    assert len(makers) == 2
    assert str(os.getpid()) not in makers
    assert multiprocessing.active_children() == []


@pytest.mark.slow  # a second or more
def test_chance_without_a_seed_is_not_shared_by_processes(tmp_path: Path) -> None:
    """Whoever forgets to seed gets other numbers in each process, not the same."""

    def careless(_config: dict[str, Any], _seed: int) -> float:
        time.sleep(0.2)
        return 50 + float(np.random.normal())  # noqa: NPY002 - that is what is careless

    found = normlab.study(careless, vary=VARY, seeds=2, workers=2, out=tmp_path)
    scores = [score for arm in found.arms for score in arm.scores]
    assert len(set(scores)) == len(scores) == 6


@pytest.mark.slow
def test_a_process_that_is_killed_costs_no_run(tmp_path: Path) -> None:
    """Its run is made again; one that is killed every time is named, and the others stay."""
    deaths = tmp_path / "deaths"

    def train(config: dict[str, Any], seed: int) -> float:
        if (config["norm"], seed) == ("gn", 1) and not deaths.exists():
            deaths.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 90.0 + seed + len(config["norm"])

    told = list[Event]()
    found = normlab.study(train, vary=VARY, seeds=3, workers=2, out=tmp_path / "out", tell=told.append)
    assert [len(arm.scores) for arm in found.arms] == [3, 3, 3]
    assert [event.run for event in told if isinstance(event, RunLost)] == ["gn · seed 1"]

    def deadly(config: dict[str, Any], seed: int) -> float:
        if config["norm"] == "ln":
            os.kill(os.getpid(), signal.SIGKILL)
        return 90.0 + seed

    with pytest.raises(RunFailed, match="ln · seed 0: its process was ended by signal 9, and so 3 times"):
        normlab.study(deadly, vary=VARY, seeds=1, workers=2, out=tmp_path / "out")


TWO = """
import os, sys, time
import normlab

def train(config, seed):
    with open("calls", "a") as file:
        file.write(f"{config['norm']} {seed}\\n")
    time.sleep(0.2)
    return 90.0 + seed + len(config["norm"])

print(normlab.study(train, vary={"norm": ["bn", "gn", "ln2"]}, seeds=4, workers=int(sys.argv[1])).headline)
assert "torch" not in sys.modules  # who does without PyTorch does not wait for it
"""


@pytest.mark.slow  # two programs that import normlab
@pytest.mark.long
def test_two_programs_share_a_study(tmp_path: Path) -> None:
    """Each run is made once, whoever makes it, and both show the same verdict."""
    (tmp_path / "two.py").write_text(textwrap.dedent(TWO))
    program = [sys.executable, "two.py"]
    both = [subprocess.Popen([*program, workers], cwd=tmp_path, stdout=subprocess.PIPE, text=True) for workers in "12"]
    said = [each.communicate(timeout=120)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert said[0] == said[1]
    assert sorted((tmp_path / "calls").read_text().splitlines()) == sorted(
        f"{norm} {seed}" for norm in ("bn", "gn", "ln2") for seed in range(4)
    )


@pytest.mark.long
def test_a_signal_ends_a_study_with_its_processes(tmp_path: Path) -> None:
    """On Ctrl-C nothing goes on, and the same program makes what is missing."""
    (tmp_path / "two.py").write_text(TWO.replace("0.2", "1.0"))
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # ignored where the tests run in the background
    program = [sys.executable, "two.py", "2"]
    started = subprocess.Popen(program, cwd=tmp_path, stderr=subprocess.PIPE, preexec_fn=heard)  # noqa: PLW1509
    end = time.monotonic() + 60
    while time.monotonic() < end and not (tmp_path / "calls").exists():
        time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    begun = time.monotonic()
    started.communicate(timeout=60)
    assert time.monotonic() - begun < 5
    asked = (tmp_path / "calls").read_text()
    time.sleep(1.5)
    assert (tmp_path / "calls").read_text() == asked


@pytest.mark.long
def test_stores_that_grew_apart_are_united(tmp_path: Path) -> None:
    """Runs of functions go from one project to another as others do."""
    normlab.study(first, vary=VARY, seeds=2, out=tmp_path / "here")
    normlab.study(first, vary=VARY, seeds=[5, 6], out=tmp_path / "there")
    merged = normlab.merge(tmp_path / "there", out=tmp_path / "here")
    assert len(merged.new) == 6
    told = list[Event]()
    normlab.study(first, vary=VARY, seeds=[0, 1, 5, 6], out=tmp_path / "here", tell=told.append)
    assert told == [Planned(12, 0)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"vary": {}}, "vary: expected a factor with two levels or more"),
        ({"vary": {"norm": ["bn"]}}, "vary: expected a factor with two levels or more"),
        ({"vary": {"norm": [object(), object()]}}, "expected levels that are text, numbers"),
        ({"vary": {"norm": "bn"}}, "vary: norm: expected a list of levels, got 'bn'"),
        ({"vary": {"lr": [1, "1"]}}, "two levels of a factor are written the same way"),
        ({"vary": {"seed": [1, 2]}}, "vary: seed: expected another name"),
        ({"vary": {"accuracy": [1, 2]}}, "vary: accuracy: expected another name"),
        ({"seeds": 0}, "seeds: expected how many, at least 1, or which, got 0"),
        ({"name": "../elsewhere"}, "name: expected up to 64 letters"),
        ({"workers": 0}, "workers: expected at least 1, got 0"),
        ({"budget": 0}, "budget: expected seconds, above 0, got 0"),
        ({"margin": -1}, "margin: expected a number above 0"),
        ({"level": 95}, "level: expected a number above 0.5 and below 1"),
        ({"score": "happiness"}, "happiness: is higher or lower better"),
    ],
)
def test_what_does_not_fit_is_one_line_before_the_first_call(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    """Nothing is called and nothing is kept."""
    train = Training()
    with pytest.raises(SpecError, match=said):
        normlab.study(train, **{"vary": VARY, "seeds": 2, "out": tmp_path, **given})
    assert train.asked == []
    assert not (tmp_path / "runs.db").exists()


def test_a_baseline_that_is_no_arm_is_said_before_the_first_call(tmp_path: Path) -> None:
    """With what comes nearest."""
    with pytest.raises(UnknownName, match=r"lnn.*ln"):
        normlab.study(Training(), vary=VARY, baseline="lnn", out=tmp_path)


def test_a_score_that_a_record_lacks_is_said_after_the_first_call(tmp_path: Path) -> None:
    """With the names that are there."""
    train = Training()
    with pytest.raises(RunFailed, match=r"bn · seed 0: expected f1 among accuracy, loss; name the score"):
        normlab.study(train, vary=VARY, score="f1", out=tmp_path)
    assert len(train.asked) == 1
