"""Files that workers leave, and what whoever merges them does about those that are not as they were written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from stub_runs import job, record

from normlab.events import Event, FileRefused
from normlab.store import Leases, Merged, Spool, Store, weights
from normlab.verbs.sharing import Shared

JOBS = job(0), job(1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two runs lie in the spool; of the first a byte was changed."""
    for each in JOBS:
        Spool(tmp_path).put(record(each))
    path = file(tmp_path)
    path.write_bytes(b"?" + path.read_bytes()[1:])
    return tmp_path


def file(project: Path) -> Path:
    return project / "spool" / f"{JOBS[0].key}.run"


def test_a_changed_file_is_read_again_only_when_it_has_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever merges looks each second; as soon as a sound one lies in its place it is kept."""
    reads: list[str] = []
    plain = weights.plain
    monkeypatch.setattr(weights, "plain", lambda path: (reads.append(path.stem), plain(path))[1])
    with Store.open(project) as store:
        why = store.merge_spool().damaged
        assert [*why] == [JOBS[0].key]
        assert [store.merge_spool().damaged for _ in range(3)] == [why] * 3
        assert reads.count(JOBS[0].key) == 1
        os.utime(file(project))
        assert store.merge_spool().damaged == why
        assert reads.count(JOBS[0].key) == 2
        store.spool.put(record(JOBS[0]))
        assert store.merge_spool() == Merged([JOBS[0].key])
    assert Spool(project).waiting() == []


def test_it_is_said_once_why_a_file_is_not_kept(project: Path) -> None:
    """And again where it is another reason."""
    told: list[Event] = []
    with Store.open(project) as store:
        share = Shared(store, told.append)
        for _ in range(3):
            share.merge()
        assert told == [FileRefused(JOBS[0].key, "not as it was written")]
        other = file(project).with_stem(JOBS[1].key)
        store.spool.put(record(JOBS[1]))
        other.replace(file(project))
        share.merge()
    assert told[1:] == [FileRefused(JOBS[0].key, "it is another run's")]


def test_a_run_that_was_left_a_moment_ago_is_not_made_again(tmp_path: Path) -> None:
    """Its lease is free, and nobody has merged it yet: whoever takes it keeps it instead."""
    with Store.open(tmp_path) as store:
        share = Shared(store, lambda _: None)
        store.spool.put(record(JOBS[0]))
        assert not share.take(JOBS[0])
        assert share.take(JOBS[1])
        assert store.have([JOBS[0].key]) == {JOBS[0].key}
        assert [run.key for run in share.news(JOBS[:2])] == [JOBS[0].key]
        assert Leases(tmp_path).leased() == [JOBS[1].key]


def test_a_file_that_somebody_else_has_just_merged_is_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes look at one spool; the slower one finds nothing any more."""
    Spool(tmp_path).put(record(JOBS[0]))
    seen = Spool(tmp_path).waiting()
    with Store.open(tmp_path) as one, Store.open(tmp_path) as other:
        assert one.merge_spool().new == seen
        monkeypatch.setattr(Spool, "waiting", lambda _: seen)
        assert other.merge_spool() == Merged()
