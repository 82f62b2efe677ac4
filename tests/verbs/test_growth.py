"""A study grows by seeds, by an arm, by a factor and until it is settled: no finished run is trained again."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import normlab
from normlab.analysis.looks import kind
from normlab.errors import DamagedRun, SpecError, StoreError
from normlab.events import Event, Planned, RunKept
from normlab.store import Store
from normlab.verbs import projects
from normlab.verbs.results import StudyResult

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("mnist"), pytest.mark.timeout(600), pytest.mark.training]

TINY: dict[str, Any] = {"epochs": 1, "train_images": 64, "holdout": 64, "engine": "eager"}
SIX: dict[str, Any] = {"norms": ["bn", "ln", "gn:4"], "l1": [0.0, 1e-4]}


@dataclass
class Step:
    """One call of `compare`: what was told, and what came of it."""

    result: StudyResult
    events: list[Event]

    @property
    def counts(self) -> tuple[int, int]:
        """Runs that were there, and runs that were trained."""
        return self.result.kept, self.result.trained

    @property
    def planned(self) -> Planned:
        """What was said before anything was trained."""
        return next(event for event in self.events if isinstance(event, Planned))


@dataclass
class Growth:
    """A project, and the steps by which it grew."""

    out: Path
    steps: dict[str, Step] = field(default_factory=dict)

    def step(self, called: str, study: str | None = None, /, **options: Any) -> None:
        """Call `compare`."""
        events: list[Event] = []
        self.steps[called] = Step(
            normlab.compare(study, out=self.out, workers=1, tell=events.append, **options), events
        )


@pytest.fixture(scope="module")
def growth(tmp_path_factory: pytest.TempPathFactory) -> Growth:
    """Six arms on two seeds, then on three, then one arm more, then until settled; and a second study."""
    growth = Growth(tmp_path_factory.mktemp("growth"))
    growth.step("begun", name="grown", seeds=2, **SIX, **TINY)
    growth.step("again", name="grown", seeds=2, **SIX, **TINY)
    growth.step("a seed", "grown", seeds=3)
    growth.step("an arm", "grown", arms=[{"name": "mine", "norm": "in"}])
    growth.step("until settled", "grown", until_settled=True, margin=50.0)
    growth.step("shared", norms=["ln", "rms"], seeds=[2, 1], **TINY)
    return growth


@pytest.fixture
def copy(growth: Growth, tmp_path: Path) -> Path:
    """The project as it has grown, to do with as one likes."""
    return Path(shutil.copytree(growth.out, tmp_path / "copy"))


@pytest.mark.parametrize(
    ("step", "counts"),
    [
        ("begun", (0, 12)),
        ("again", (12, 0)),
        ("a seed", (12, 6)),
        ("an arm", (18, 3)),
        ("until settled", (21, 0)),
        ("shared", (2, 2)),
    ],
)
def test_only_what_is_missing_is_trained(growth: Growth, step: str, counts: tuple[int, int]) -> None:
    """Whatever a study grows by, and whichever study a run was trained for."""
    assert growth.steps[step].counts == counts
    assert sum(isinstance(event, RunKept) for event in growth.steps[step].events) == counts[1]


def test_what_is_kept_and_owed_is_said_before_training(growth: Growth) -> None:
    """How many until settled nobody knows."""
    assert growth.steps["a seed"].planned == Planned(12, 6)
    assert growth.steps["until settled"].planned == Planned(21, None)
    first = [type(event) for event in growth.steps["a seed"].events]
    assert first.index(Planned) < first.index(RunKept)


def test_its_table_says_what_was_kept_and_trained(growth: Growth) -> None:
    """For programs."""
    table = json.loads(growth.steps["a seed"].result.table("json"))
    assert (table["kept"], table["trained"]) == (12, 6)


def test_a_study_that_grew_has_all_of_its_arms(growth: Growth) -> None:
    """In the order in which they came."""
    study = growth.steps["an arm"].result.comparison.study
    assert [arm.name for arm in study.arms][-1] == "mine"
    assert len(study.arms) == 7
    assert growth.steps["an arm"].result.comparison.owed == 0


def test_a_run_is_called_as_the_study_at_hand_calls_its_arm(growth: Growth) -> None:
    """The shared runs belong to arms of either study."""
    shared = growth.steps["shared"].result.comparison
    assert {run.arm for run in shared.runs} == {"ln", "rms"}
    first = {run.key for run in growth.steps["an arm"].result.comparison.of("ln")}
    assert {run.key for run in shared.of("ln")} < first


def test_a_verdict_after_a_look_is_by_rules_that_allow_looking(growth: Growth) -> None:
    """Two seeds were judged once; three, after that verdict, as what they are. The same look again is one."""
    with Store.reading(growth.out) as store:
        study = growth.steps["an arm"].result.comparison.study
        looks = [look for look in store.looks([arm.recipe.digest for arm in study.arms]) if look.study == "grown"]
    assert [(len(look.seeds), look.rules) for look in looks][:2] == [(2, "once"), (3, "grown")]
    assert {look.rules for look in looks[1:]} == {"grown"}


def test_another_study_of_the_same_arms_has_looked_too(growth: Growth) -> None:
    """Two arms in common and a seed: a new name does not make a look undone."""
    again = normlab.design(name="other", seeds=3, **SIX, **TINY)
    with Store.reading(growth.out) as store:
        looks = store.looks(again.digests)
    assert kind(again, looks).value == "grown"


def test_fresh_seeds_are_judged_once(growth: Growth) -> None:
    """As many as before, of which nothing was seen."""
    study = growth.steps["a seed"].result.comparison.study
    with Store.reading(growth.out) as store:
        fresh = projects.claimed(projects.Place(study, growth.out), store, given=False, fresh=True).study
        looks = store.looks(study.digests)
    assert fresh.seeds == (3, 4, 5)
    assert fresh.arms == study.arms
    assert kind(fresh, looks).value == "once"


OWN = """
from torch import nn

def make(norm):
    return nn.Sequential(nn.Conv2d(1, 4, 5, stride=4, bias=False), norm(4), nn.Flatten(), nn.Linear(144, 10))
"""


def test_looks_follow_code_of_ones_own(tmp_path: Path) -> None:
    """A file that is moved has been looked at; one that was edited, in the same place, has not."""
    old, new = tmp_path / "a" / "nets.py", tmp_path / "b" / "nets.py"
    old.parent.mkdir()
    new.parent.mkdir()
    old.write_text(OWN)

    def judged(file: Path, name: str, seeds: int) -> str:
        study = normlab.design(norms=["bn", "ln"], model=f"{file}:make", l1=[0.0], name=name, seeds=seeds, **TINY)
        comparison = normlab.compare(study, out=tmp_path / "out", workers=1).comparison
        return kind(comparison.study, comparison.looks).value

    assert judged(old, "one", 2) == "once"
    old.rename(new)
    assert judged(new, "moved", 3) == "grown"
    new.write_text(f"{OWN}# another\n")
    assert judged(new, "edited", 2) == "once"


def test_every_run_that_a_study_uses_is_listed_with_it(growth: Growth) -> None:
    """Those of two studies with both."""
    from normlab.verbs import runs as verb

    listed = verb.runs(out=growth.out)
    assert len(listed) == 21 + 2
    both = [run for run in listed if len(run.row.studies) == 2]
    assert {(run.row.seed, run.row.studies) for run in both} == {(1, ("compare", "grown")), (2, ("compare", "grown"))}
    assert {run.arm for run in verb.runs("compare", out=growth.out)} == {"ln", "rms"}
    assert len(verb.runs("grown", out=growth.out, where={"norm": "ln", "lambda": 0.0, "seed": 2})) == 1


def test_what_no_study_uses_is_pruned(copy: Path) -> None:
    """It is said before; what a study uses stays, also of another study's."""
    from normlab.verbs import runs as verb

    with Store.open(copy) as store:
        store.forget("compare")
    found = verb.unused(copy)
    assert len(found.keys) == 2
    assert verb.prune(copy) == found
    assert verb.unused(copy).keys == ()
    assert len(verb.runs(out=copy)) == len(list((copy / "weights").iterdir())) == 21


def test_reopening_writes_a_report_and_nothing_in_the_store(copy: Path) -> None:
    """Another margin is judged anew, also where the folder of runs may not be written."""
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in _stored(copy)}
    result = normlab.reopen("compare", out=copy, margin=77.0)
    assert result.comparison.study.verdict.margin == 77
    assert (result.kept, result.trained) == (4, 0)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in _stored(copy)} == before
    assert "77" in result.report.read_text(encoding="utf-8")


def _stored(project: Path) -> Iterator[Path]:
    yield from (path for path in sorted(project.rglob("*")) if path.is_file() and path.suffix not in (".html",))


def test_an_edited_file_is_noticed(copy: Path) -> None:
    """The name alone takes the study as it was run; the file, named as one, takes the change over."""
    path = copy / "compare" / "study.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("margin = 0.1", "margin = 0.3"), encoding="utf-8")
    with pytest.raises(StoreError, match=r"study\.toml is not as normlab wrote it: `normlab compare .*study\.toml`"):
        projects.find("compare", copy)
    assert projects.find(path, copy).study.verdict.margin == 0.3
    path.unlink()
    assert projects.find("compare", copy).study.verdict.margin == 0.1


def test_a_study_does_not_lose_its_arms_to_another_of_its_name(copy: Path) -> None:
    """Named by a person it is refused, with the way out; a name of ours gets a number."""
    with pytest.raises(
        SpecError, match=r"belongs to a study with arms that this one lacks \(ln, gn:4.*normlab compare"
    ):
        normlab.compare(out=copy, name="grown", norms=["bn"], seeds=2, **TINY)
    other = normlab.design(norms=["bn", "in"], **TINY)
    with Store.open(copy) as store:
        assert projects.claimed(projects.Place(other, copy), store, given=False).study.name == "compare-2"


def test_damaged_runs_are_named_and_mended_with_repair(copy: Path) -> None:
    """An edited accuracy and a flipped bit of the weights: refused with both ways out, then trained once more."""
    with closing(sqlite3.connect(copy / "runs.db")) as db, db:
        (edited,) = db.execute("SELECT key FROM run WHERE seed = 1 AND recipe LIKE '%\"ln\"%'").fetchone()
        db.execute("UPDATE run SET judged_correct = judged_correct + 1 WHERE key = ?", (edited,))
    with pytest.raises(DamagedRun, match=r"ln.* · seed 1 \(.*--repair"):
        normlab.compare("grown", out=copy)
    weights = next(path for path in sorted((copy / "weights").iterdir()) if path.stem in _keys(copy) - {edited})
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    mended = normlab.compare("grown", out=copy, repair=True, workers=1)
    assert (mended.kept, mended.trained) == (19, 2)
    assert normlab.compare("grown", out=copy, seeds=3).trained == 0


def test_a_damaged_note_of_a_study_is_written_anew_with_repair(tmp_path: Path) -> None:
    """The command that states the study says what was noted; its runs are kept."""
    stated: dict[str, Any] = {"norms": ["bn"], "seeds": 1, "name": "one", "out": tmp_path, "workers": 1, **TINY}
    normlab.compare(**stated)
    with closing(sqlite3.connect(tmp_path / "runs.db")) as db, db:
        db.execute("UPDATE study SET toml = toml || '#'")
    with pytest.raises(StoreError, match=r"the study 'one' is damaged .*--repair"):
        normlab.compare(**stated)
    mended = normlab.compare(**stated, repair=True)
    assert (mended.kept, mended.trained) == (1, 0)
    assert normlab.compare("one", out=tmp_path).trained == 0


def _keys(project: Path) -> set[str]:
    """Of the runs that the study refers to."""
    with Store.reading(project) as store:
        noted = store.noted("grown")
    return set(noted.keys) if noted else set()
