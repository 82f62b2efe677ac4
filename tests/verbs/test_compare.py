from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from makers import maker
from projects import finished, kept

import normlab
from normlab.analysis import judge
from normlab.data import Dataset, load
from normlab.data.plain import PlainFeed
from normlab.data.prepare import prepare
from normlab.data.split import split
from normlab.errors import DataError, EngineError, RunFailed, SpecError
from normlab.events import EngineChosen, Event, Planned
from normlab.models.registry import trained_network
from normlab.records import Job
from normlab.spec import design
from normlab.stats.verdict import Kind
from normlab.store import Store
from normlab.training.evaluate import judge as judge_model
from normlab.verbs import engines, projects, test_set
from normlab.verbs.assembly import assemble
from normlab.verbs.checks import ready
from normlab.verbs.projects import Place

TINY: dict[str, Any] = {"norms": ["gn:4"], "seeds": 2, "train_images": 64, "epochs": 1, "holdout": 64}

pytestmark = [pytest.mark.usefixtures("mnist"), pytest.mark.timeout(300), pytest.mark.training]


# One study, one engine


def chosen(out: Path, **options: Any) -> tuple[str, list[Event]]:
    """The engine that is to train what a study owes, and what is told of it."""
    study, told = design(**{**TINY, **options}), list[Event]()
    with Store.open(out) as store:
        return engines.settled(engines.maker(study, store), store, load("mnist"), told.append).engine, told


def test_the_fastest_engine_begins_a_study(tmp_path: Path) -> None:
    """It is told which."""
    assert chosen(tmp_path) == ("lanes", [EngineChosen("lanes", "")])


def test_a_study_that_goes_on_keeps_its_engine(tmp_path: Path, mnist: Dataset) -> None:
    """What made its finished runs makes the others, in this study and in one that shares them."""
    finished(tmp_path, design(**TINY, engine="eager"), mnist, (0,))
    assert chosen(tmp_path) == ("eager", [EngineChosen("eager", "")])
    assert chosen(tmp_path, name="another", seeds=5)[0] == "eager"
    assert chosen(tmp_path, norms=["bn"])[0] == "lanes", "no run in common"


def test_an_engine_that_is_asked_for_is_taken(tmp_path: Path, mnist: Dataset) -> None:
    """Runs of another are other runs."""
    finished(tmp_path, design(**TINY, engine="eager"), mnist, (0,))
    assert chosen(tmp_path, engine="lanes")[0] == "lanes"


@pytest.mark.long
def test_who_joins_a_study_takes_the_engine_that_it_was_begun_with(tmp_path: Path) -> None:
    """Another race could end differently, and both would train all runs: lanes would win this one clearly."""
    assert chosen(tmp_path, batch_size=8)[0] == "lanes"
    study = design(**TINY, batch_size=8)
    with Store.open(tmp_path) as store:
        projects.put(Place(study, tmp_path), store, [], "eager")
    assert chosen(tmp_path, batch_size=8) == ("eager", [EngineChosen("eager", "the study was begun with it")])
    assert chosen(tmp_path) == ("lanes", [EngineChosen("lanes", "")]), "nothing is raced on"


def test_an_engine_that_cannot_take_a_study_stops_it_before_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for by name, on a processor that it does not know, it is an error with the way out, and no run is made."""
    from normlab.training.lanes import target

    def unknown() -> target.Target:
        raise EngineError("the lanes engine needs AVX2")

    monkeypatch.setattr(target, "host", unknown)
    told: list[Event] = []
    with pytest.raises(EngineError, match="needs AVX2: use engine eager"):
        normlab.compare(out=tmp_path, tell=told.append, engine="lanes", **TINY)
    assert not [event for event in told if isinstance(event, Planned)]
    with Store.reading(tmp_path) as store:
        assert store.listing() == []


# Until settled


@pytest.mark.long
def test_a_study_stops_when_it_is_settled(tmp_path: Path) -> None:
    """Within a margin that everything lies in, few seeds are enough; the next call finds nothing left to do."""
    options = {**TINY, "norms": ["bn", "gn:4"], "seeds": 30, "until_settled": True, "margin": 99.0, "engine": "eager"}
    told: list[Event] = []
    first = normlab.compare(out=tmp_path, workers=1, **options)
    assert 4 < first.trained < 30
    (question,) = judge(first.comparison)
    assert question.contrasts[0].verdict.kind is Kind.equivalent
    again = normlab.compare(out=tmp_path, tell=told.append, **options)
    assert (again.kept, again.trained) == (first.trained, 0)
    assert Planned(first.trained, None) in told


def test_a_study_without_a_pair_cannot_be_settled(tmp_path: Path) -> None:
    """It is said before anything is trained."""
    with pytest.raises(SpecError, match="nothing to settle"):
        normlab.compare(out=tmp_path, **{**TINY, "until_settled": True})
    assert not [*tmp_path.iterdir()]


# Preprocessing


@pytest.mark.long
def test_preprocessings_are_trained_side_by_side(tmp_path: Path, mnist: Dataset) -> None:
    """One process serves them all; each has a record of its own, and the report shows the stored images."""
    options = {**TINY, "seeds": 1, "preprocess": ["none", "equalize", "clahe"], "engine": "eager"}
    result = normlab.compare(out=tmp_path, workers=1, **options)
    assert sorted(run.arm for run in result.comparison.runs) == ["gn:4 + clahe", "gn:4 + equalize", "gn:4 + none"]
    assert len({run.probabilities.tobytes() for run in result.comparison.runs}) == 3
    assert np.array_equal(result.comparison.images, split(mnist, result.comparison.study.recipe, 0).judged_images)


@pytest.mark.long
def test_a_choice_is_tested_on_images_as_its_network_saw_them(tmp_path: Path, mnist: Dataset) -> None:
    """Along λ with a preprocessing of its own: the test accuracy is the run's own judge's, with the same images."""
    path = {"l1": [0, 1e-3], "warm_start": True, "preprocess": "equalize", "seeds": 1, "engine": "eager"}
    study = design(**{**TINY, **path})
    made = maker(study, "eager", mnist.digest)
    kept(tmp_path, study, mnist, made.jobs())
    with Store.open(tmp_path) as store:
        comparison = test_set.test_once(store, assemble(made, store, ready(study)), mnist, look=True)
    (plain,) = comparison.of(study.arms[0].name)
    recipe = design().recipe
    feed = PlainFeed(prepare(split(mnist, recipe, 0), "equalize"), recipe, 0, torch.device("cpu"))
    judged = judge_model(trained_network(plain), feed.judged(), torch.contiguous_format)
    assert comparison.tested[plain.arm] == [100 * judged.correct / 10_000]


@pytest.mark.long
def test_reopening_tests_no_choice(tmp_path: Path, mnist: Dataset) -> None:
    """A path that was stopped before its choice was tested is told without, and nothing is written."""
    path = {"l1": [0, 1e-3], "warm_start": True, "seeds": 1, "engine": "eager", "name": "path"}
    study = design(**{**TINY, **path})
    kept(tmp_path, study, mnist, maker(study, "eager", mnist.digest).jobs())
    before = (tmp_path / "runs.db").read_bytes()
    assert normlab.reopen("path", out=tmp_path).comparison.tested == {}
    assert (tmp_path / "runs.db").read_bytes() == before


# What stops a study before it begins


def test_a_missing_dependency_stops_a_study_before_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched or trained where an arm's images cannot be made."""
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(DataError, match=r"normlab\[images\]"):
        normlab.compare(out=tmp_path, **{**TINY, "preprocess": ["none", "clahe"]})
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"norms": ["bn", "gn:3"]}, "gn:3 does not fit"),
        ({"norms": ["bn", "bm"]}, "unknown norm 'bm': did you mean bn"),
        ({"norms": ["ln", "gn:1"]}, "the arms 'ln' and 'gn:1' are the same network: leave one out"),
        ({"model": "leen"}, "unknown model 'leen': did you mean lean"),
        ({"dataset": "mnits"}, "unknown data set 'mnits'"),
        ({"l1": [0, 1e-3], "l1_on": "conv9*"}, "conv9"),
    ],
)
def test_an_arm_that_cannot_be_built_stops_a_study_before_it_begins(
    tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    """One line, and nothing is made."""
    with pytest.raises(SpecError) as caught:
        normlab.compare(out=tmp_path, **{**TINY, **options})
    assert said in str(caught.value)
    assert not [*tmp_path.iterdir()]


# What goes wrong on the way


@pytest.mark.long
def test_a_run_that_fails_is_told_and_the_others_are_kept(
    tmp_path: Path, mnist: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names it and what to do; the same command then trains it and nothing else."""
    from normlab.execution import Failure, LocalProcesses
    from normlab.training import train

    def one_lost(_self: LocalProcesses, plan: Any, keep: Any, _tell: Any) -> list[Failure]:
        lost, *others = plan.ready()
        for job in others:
            keep(train(job, mnist))
        return [Failure(lost, "its process was ended by signal 9", "no traceback")]

    with monkeypatch.context() as patch:
        patch.setattr(LocalProcesses, "run", one_lost)
        with pytest.raises(
            RunFailed, match=r"1 runs? left no record: gn:4 · seed 0: its process was ended by signal 9"
        ):
            normlab.compare(out=tmp_path, engine="eager", **TINY)
    assert "no traceback" in (tmp_path / "compare" / "failures.txt").read_text()
    again = normlab.compare(out=tmp_path, engine="eager", **TINY)
    assert (again.kept, again.trained) == (1, 1)


def test_a_job_is_made_of_what_the_data_is(mnist: Dataset, tmp_path: Path) -> None:
    """The digest in its key is that of the images that it is trained on."""
    study = design(**TINY, engine="eager")
    with Store.open(tmp_path) as store:
        made = engines.maker(study, store)
    assert made == maker(study, "eager", mnist.digest)
    assert made.jobs()[0] == Job(study.arms[0].recipe, 0, 0, "cpu", "eager", mnist.digest)


# Norms without a kernel of their own


@pytest.mark.long
def test_norms_without_a_kernel_are_compared_to_the_report(tmp_path: Path) -> None:
    """Eagerly, by `auto`; the report has every arm."""
    norms = ["bn", "gbn:16", "brn:1", "frn", "dyt", "evonorm-s0", "ws+gn:4"]
    result = normlab.compare(out=tmp_path, **{**TINY, "norms": norms, "seeds": 1}, l1=[0], workers=1)
    assert {run.arm for run in result.comparison.runs} == {*norms}
    assert {run.job.engine for run in result.comparison.runs} == {"eager"}
    page = (result.folder / "report.html").read_text(encoding="utf-8")
    assert all(norm in page for norm in norms)
