"""Who makes which run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from normlab.store import Leases, leases

KEY = "a" * 64


def lease(project: Path) -> Path:
    return project / "leases" / f"{KEY}.lease"


def elsewhere(project: Path) -> None:
    """A lease of a process on another machine."""
    Leases(project).take(KEY)
    holder = json.loads(lease(project).read_text()) | {"where": "another machine"}
    lease(project).write_text(json.dumps(holder))


def test_a_run_is_leased_once_until_it_is_given_back(tmp_path: Path) -> None:
    """Whoever asks meanwhile does not get it."""
    one, other = Leases(tmp_path), Leases(tmp_path)
    assert one.take(KEY)
    assert not other.take(KEY)
    other.give_back(KEY)
    assert not other.take(KEY)
    one.give_back(KEY)
    assert other.take(KEY)


def test_of_many_who_ask_at_once_one_gets_it(tmp_path: Path) -> None:
    """Each round anew."""
    for key in ("a" * 64, "b" * 64, "c" * 64):
        everyone = [Leases(tmp_path) for _ in range(16)]
        with ThreadPoolExecutor(16) as pool:
            taken = list(pool.map(lambda each, key=key: each.take(key), everyone))
        assert sum(taken) == 1


@pytest.mark.slow
def test_the_lease_of_a_process_that_is_gone_is_nobodys(tmp_path: Path) -> None:
    """On this machine that is known at once."""
    code = f"from pathlib import Path; from normlab.store import Leases; Leases(Path({str(tmp_path)!r})).take({KEY!r})"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert lease(tmp_path).exists()
    assert Leases(tmp_path).take(KEY)


def test_a_lease_of_another_machine_is_its_own_while_it_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A minute without a touch, by the clock of whoever looks, ends it; what time files say does not matter."""
    elsewhere(tmp_path)
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    other = Leases(tmp_path)
    for touch in (5, 999_999_999, 7):
        os.utime(lease(tmp_path), (touch, touch))
        assert not other.take(KEY)
        now += leases.EXPIRY - 1
        assert not other.take(KEY)
    now += 2
    assert other.take(KEY)
    assert not Leases(tmp_path).take(KEY)


def test_a_process_that_was_stopped_loses_its_lease(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there, and touches nothing any more."""
    Leases(tmp_path).take(KEY)
    other = Leases(tmp_path)
    assert not other.take(KEY)
    monkeypatch.setattr(leases, "EXPIRY", -1.0)
    assert other.take(KEY)


def test_what_is_held_is_touched_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that others see that somebody is there."""
    one = Leases(tmp_path)
    one.take(KEY)
    os.utime(lease(tmp_path), (5, 5))
    one.renew()
    assert lease(tmp_path).stat().st_mtime == 5
    monkeypatch.setattr(leases, "RENEWAL", 0.0)
    one.renew()
    assert lease(tmp_path).stat().st_mtime > 5


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"where": 3}', '{"process": [], "where": "x"}'])
def test_a_lease_that_says_nothing_is_kept_for_a_minute(
    content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be half written."""
    lease(tmp_path).parent.mkdir()
    lease(tmp_path).write_text(content)
    other = Leases(tmp_path)
    assert not other.take(KEY)
    monkeypatch.setattr(leases, "EXPIRY", -1.0)
    assert other.take(KEY)


def test_what_is_left_of_runs_that_are_kept_is_swept(tmp_path: Path) -> None:
    """Whoever had it was killed between keeping the run and giving back the lease; what others hold stays."""
    elsewhere(tmp_path)
    Leases(tmp_path).take("b" * 64)
    Leases(tmp_path).sweep({KEY})
    assert Leases(tmp_path).leased() == ["b" * 64]


@pytest.mark.slow
def test_a_lease_is_there_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed before its name stands there has taken nothing; what it left is swept."""
    code = (
        "import os; from pathlib import Path; from normlab.store import Leases, leases\n"
        "leases._put = lambda *_: os.kill(os.getpid(), 9)\n"
        f"Leases(Path({str(tmp_path)!r})).take({KEY!r})"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert not lease(tmp_path).exists()
    assert len([*(tmp_path / "leases").iterdir()]) == 1
    one = Leases(tmp_path)
    one.sweep(())
    assert [*(tmp_path / "leases").iterdir()] == []
    assert one.take(KEY)
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError("no links here")))
    other = "b" * 64
    assert one.take(other)
    assert not Leases(tmp_path).take(other)
