"""Studies refer to runs, looks are remembered, and what nobody refers to can be dropped."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stub_runs import job, look, record

from normlab.records import Look
from normlab.store import Store

BN, LN, GN = (job(norm=norm).recipe.digest for norm in ("bn", "ln", "gn:4"))


@given(st.dictionaries(st.text(min_size=1), st.tuples(st.text(), st.lists(st.text(max_size=4))), max_size=4))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.slow
def test_studies_come_back_as_they_were_noted(tmp_path: Path, noted: dict[str, tuple[str, list[str]]]) -> None:
    """Name, TOML and keys, whatever letters they have, with the digest of the TOML."""
    with Store.open(tmp_path) as store:
        for old in store.studies():
            store.forget(old.name)
        for name, (toml, keys) in noted.items():
            store.note(name, toml, keys)
    found = {study.name: study for study in Store.reading(tmp_path).studies()}
    assert {name: (study.toml, [*study.keys]) for name, study in found.items()} == noted
    assert all(study.digest == hashlib.sha256(study.toml.encode()).hexdigest() for study in found.values())
    assert all(Store.reading(tmp_path).noted(name) == study for name, study in found.items())


def test_a_study_that_is_noted_again_is_replaced(tmp_path: Path) -> None:
    """A study that grew refers to more runs than before; one that was forgotten is not known."""
    with Store.open(tmp_path) as store:
        store.note("norms", "seeds = 1", ["a"])
        store.note("norms", "seeds = 2", ["a", "b"])
        [study] = store.studies()
        assert (study.toml, study.keys) == ("seeds = 2", ("a", "b"))
        store.forget("norms")
        assert store.noted("norms") is None


def test_what_no_study_refers_to_can_be_dropped(tmp_path: Path) -> None:
    """Runs of forgotten studies, and weights of processes that were killed, but nothing else that lies there."""
    with Store.open(tmp_path) as store:
        for seed in range(3):
            store.commit(record(job(seed)))
        store.note("norms", "", [job(0).key, job(9).key])
        store.note("seeds", "", [job(0).key, job(1).key])
        store.forget("norms")
        weights = tmp_path / "weights"
        left = [weights / f".{'ab' * 32}.safetensors.x1y2", weights / f"{'cd' * 32}.safetensors"]
        for path in (*left, weights / "notes.txt"):
            path.write_text("")
        assert store.unused().keys == (job(2).key,)
        assert [*store.unused().files] == left
        store.drop(store.unused().keys)
        assert store.unused().keys == store.unused().files == ()
        assert store.have([job(seed).key for seed in range(3)]) == {job(0).key, job(1).key}
        assert (weights / "notes.txt").exists()


def test_a_look_is_found_by_any_two_of_its_arms(tmp_path: Path) -> None:
    """Whatever the study is called now, and in the order of time; a look at one of the arms alone tells nothing.

    Two models of one's own may be one recipe, told apart by their content.
    """
    late = Look("b", "2026-03-02T10:00:00+00:00", (0,), "once", 1, (GN, LN))
    early = Look("a", "2026-03-01T10:00:00+00:00", (0, 1), "once", 3, (BN, LN, GN))
    with Store.open(tmp_path) as store:
        for each in (late, early):
            store.look(each)
        assert store.looks([LN, GN, "another"]) == [early, late]
        assert store.looks([BN, LN]) == [early]
        store.look(own := Look("c", "2026-04-01T10:00:00+00:00", (0,), "once", 1, ("x:one", "x:other")))
        assert store.looks(["x"]) == [own]
        assert store.looks([BN, "another"]) == store.looks([]) == []


@pytest.mark.parametrize(
    ("changed", "count"),
    [({"when": "later"}, 1), ({"pairs": 2}, 1), ({"seeds": (2, 1, 0)}, 1), ({"seeds": (0, 1)}, 2), ({"rules": "x"}, 2)],
)
def test_the_same_look_is_kept_once(tmp_path: Path, changed: dict[str, str], count: int) -> None:
    """A report that is opened again shows nothing new; other seeds or rules do."""
    arms = job(), job(norm="ln")
    with Store.open(tmp_path) as store:
        store.look(look(*arms))
        store.look(look(*arms, **changed))
        assert len(store.looks([BN, LN])) == count


def test_looks_grow_with_a_study(tmp_path: Path) -> None:
    """All looks at a study that gained a seed each time are there, in order."""
    shown = [look(job(), job(norm="ln"), seeds=tuple(range(n)), when=f"{n:06d}") for n in range(60)]
    with Store.open(tmp_path) as store:
        for each in shown:
            store.look(each)
    assert Store.reading(tmp_path).looks([BN, LN]) == shown
