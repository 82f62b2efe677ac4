"""Before anything is trained each arm is tried out, and what all of it will take is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import normlab
from normlab.errors import EngineError, NetworkError, OwnCodeError
from normlab.events import EngineChosen, EpochDone, Event, FaultFound, LambdaTried, Rehearsed
from normlab.verbs import room

pytestmark = [pytest.mark.long, pytest.mark.training, pytest.mark.usefixtures("mnist")]

TINY = {"seeds": 2, "epochs": 1, "train_images": 128, "holdout": 128, "engine": "eager"}
MODEL = """
import torch
from torch import nn

class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm, self.spare = nn.Conv2d(1, 4, 5, 4), nn.BatchNorm2d(4), nn.BatchNorm2d(4)
        self.last = nn.Linear(4, 10)

    def forward(self, x):
        {line}
        return self.last(self.norm(self.first(x)).mean((2, 3)))

def make():
    return Network()
"""


def told(out: Path, **options: object) -> list[Event]:
    events: list[Event] = []
    normlab.compare(out=out / "out", tell=events.append, **{**TINY, **options})  # type: ignore[arg-type]
    return events


def test_runs_that_are_owed_are_counted_and_timed_and_no_others(tmp_path: Path) -> None:
    """Four runs at first; the same again owes none and is not rehearsed."""
    (first,) = [event for event in told(tmp_path, norms=["bn", "ln"]) if isinstance(event, Rehearsed)]
    assert (first.runs, 0 < first.seconds < 60, first.memory > 1e8) == (4, True, True)
    assert not [event for event in told(tmp_path, norms=["bn", "ln"]) if isinstance(event, Rehearsed)]


def test_what_runs_take_of_the_disk_is_told(tmp_path: Path) -> None:
    """About what the store then holds; its empty tables aside, which take 100 KB."""
    (asked,) = [event for event in told(tmp_path, seeds=3, holdout=2000) if isinstance(event, Rehearsed)]
    files = [tmp_path / "out" / "runs.db", *(tmp_path / "out" / "weights").iterdir()]
    assert asked.disk == pytest.approx(sum(path.stat().st_size for path in files) - 1e5, rel=0.25)


def test_too_little_memory_or_space_is_told_before_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With how many processes fit; it is a warning, for what is finished is kept."""
    monkeypatch.setattr(room, "memory", lambda: 3 * 10**8)
    monkeypatch.setattr(room, "disk", lambda _: 10**4)
    lines = [event.line for event in told(tmp_path, norms=["bn"]) if isinstance(event, FaultFound)]
    assert any(
        re.search(r"2 runs at a time take about \d\.\d GB of memory, and 0\.3 GB are free: --workers 1", line)
        for line in lines
    )
    assert any(re.search(r"the runs take about \d\.\d MB of the disk, and 0\.0 MB are free", line) for line in lines)


def test_a_container_s_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have less than its machine."""
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    monkeypatch.setattr(room, "GROUP", tmp_path)
    assert room.memory() == 600_000
    (tmp_path / "memory.max").write_text("max\n")
    assert room.memory() > 10**8


def test_a_norm_that_nothing_calls_is_a_fault_of_its_arm(tmp_path: Path) -> None:
    """It is told before the first epoch, with the arm's name and the norm's."""
    (tmp_path / "nets.py").write_text(MODEL.format(line="pass"))
    events = told(tmp_path, model=f"{tmp_path}/nets.py:make", norms=["bn", "gn:2"], seeds=1)
    lines = [event.line for event in events if isinstance(event, FaultFound)]
    assert "bn: spare (BatchNorm2d) is never called" in lines
    assert "gn:2: spare (GroupNorm) is never called" in lines


def test_what_fails_only_on_real_batches_is_told_before_training(tmp_path: Path) -> None:
    """A network that refuses batches of more than a few images ends the command with its own lines; nothing is kept."""
    (tmp_path / "nets.py").write_text(MODEL.format(line="assert len(x) < 100, 'too many'"))
    with pytest.raises(OwnCodeError, match="too many"):
        told(tmp_path, model=f"{tmp_path}/nets.py:make", norms="bn", seeds=1)
    assert not list((tmp_path / "out").glob("weights/*"))


def test_so_it_is_of_a_single_run(tmp_path: Path) -> None:
    """`train` rehearses as well, and tells what the run will take."""
    (tmp_path / "nets.py").write_text(MODEL.format(line="assert len(x) < 100, 'too many'"))
    one, events = {**TINY, "seeds": None, "out": tmp_path / "out"}, list[Event]()
    with pytest.raises(OwnCodeError, match="too many"):
        normlab.train("bn", model=f"{tmp_path}/nets.py:make", tell=events.append, **one)  # type: ignore[arg-type]
    assert not [event for event in events if isinstance(event, EpochDone)]
    normlab.train("bn", tell=events.append, **one)  # type: ignore[arg-type]
    assert [event.runs for event in events if isinstance(event, Rehearsed)] == [1]


def test_and_of_a_path_before_its_largest_lambda_is_looked_for(tmp_path: Path) -> None:
    """Then all runs of the path are counted, though most of them wait for others."""
    (tmp_path / "nets.py").write_text(MODEL.format(line="assert len(x) < 100, 'too many'"))
    events: list[Event] = []
    some = {**TINY, "out": tmp_path / "out", "tell": events.append}
    with pytest.raises(OwnCodeError, match="too many"):
        normlab.path("bn", model=f"{tmp_path}/nets.py:make", **some)  # type: ignore[arg-type]
    assert not [event for event in events if isinstance(event, LambdaTried)]
    normlab.path("bn", lambdas=[1e-3, 1e-2], **some)  # type: ignore[arg-type]
    assert [event.runs for event in events if isinstance(event, Rehearsed)] == [6]


def test_what_a_built_in_network_raises_names_its_arm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is."""
    monkeypatch.setattr("normlab.verbs.rehearsal.rehearse", lambda *_: 1 // 0)
    with pytest.raises(NetworkError, match="bn cannot be trained: ZeroDivisionError"):
        told(tmp_path, norms="bn")


def test_an_engine_that_computes_something_else_is_left_for_eager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it was normlab's choice, with the reason; where it was the user's, nothing is trained."""

    def wrong(*_: object) -> None:
        raise EngineError("bn: after 2 steps its weights are off")

    monkeypatch.setattr("normlab.training.rehearsal.check_beside", wrong)
    events = told(tmp_path, norms=["bn", "ln"], engine="auto")
    chosen = [event for event in events if isinstance(event, EngineChosen)]
    assert [event.engine for event in chosen] == ["lanes", "eager"]
    assert chosen[-1].why == "bn: after 2 steps its weights are off"
    with pytest.raises(EngineError, match="its weights are off: use engine eager, which makes another study of it"):
        told(tmp_path, norms=["bn", "ln"], engine="lanes", name="asked")
    told(tmp_path, norms=["bn", "ln"], engine="auto", seeds=3)  # it grows with the engine that it has
