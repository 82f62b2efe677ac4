"""The same study on several data sets, trained for real on small images."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from own_images import noise, write_folders

import normlab
from normlab.data import cache
from normlab.errors import SpecError, StoreError, UnknownName
from normlab.events import Event, StudyBegun
from normlab.verbs import suites

SMALL = {"norms": ["bn", "ln"], "l1": [0], "seeds": 2, "epochs": 1, "engine": "eager"}


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grey images in three classes, and larger ones with colours in four."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    grey = write_folders(tmp_path / "grey", noise(side=28))
    colour = write_folders(tmp_path / "colour", noise(channels=3, side=32, classes=4))
    return [str(grey), str(colour)]


def small(data: list[str], out: Path, **more: object) -> normlab.SuiteResult:
    return normlab.compare(data=data, out=out, workers=1, **{**SMALL, **more})  # type: ignore[arg-type, call-overload]


@pytest.mark.training
def test_runs_are_those_of_studies_with_one_data_set_and_never_trained_twice(photos: list[str], tmp_path: Path) -> None:
    """A study on one of them is kept whole, and what a suite trained is kept for a study; networks fit the images."""
    alone = normlab.compare(dataset=photos[0], out=tmp_path / "out", workers=1, **SMALL)  # type: ignore[arg-type]
    told: list[Event] = []
    result = small(photos, tmp_path / "out", name="both", tell=told.append)
    assert [event.name for event in told if isinstance(event, StudyBegun)] == ["both-grey", "both-colour"]
    assert [(study.kept, study.trained) for study in result.studies] == [(4, 0), (0, 4)]
    assert {run.key for run in alone.comparison.runs} == {run.key for run in result.studies[0].comparison.runs}
    shapes = [study.comparison.images.shape[1:] for study in result.studies]
    assert shapes == [(1, 28, 30), (3, 32, 34)]
    after = normlab.compare(dataset=photos[1], out=tmp_path / "out", workers=1, **SMALL)  # type: ignore[arg-type]
    assert (after.kept, after.trained) == (4, 0)


@pytest.mark.training
def test_a_suite_grows_by_its_name_its_folder_or_its_file(photos: list[str], tmp_path: Path) -> None:
    """By seeds and by data sets; what was trained is kept, and growth after a look is judged as such."""
    out = tmp_path / "out"
    first = small(photos, out, name="both")
    assert first.report.is_file()
    grown = normlab.compare("both", out=out, workers=1, seeds=3)
    assert isinstance(grown, normlab.SuiteResult)
    assert (grown.kept, grown.trained) == (8, 4)
    assert grown.across.rules.looks.value == "grown"
    again = normlab.compare(first.folder / "suite.toml", out=out, workers=1, name="both", seeds=3)
    assert (again.kept, again.trained) == (12, 0)
    reopened = suites.reopened(suites.find("both", out), margin=3.0)  # type: ignore[arg-type]
    assert reopened.across.rules.margin == 3
    third = write_folders(tmp_path / "third", noise(side=28, classes=2))
    more = small([*photos, str(third)], out, name="both", seeds=3)
    assert (more.kept, more.trained) == (12, 6)


@pytest.mark.training
def test_another_suite_of_no_name_takes_a_number(photos: list[str], tmp_path: Path) -> None:
    """And one that is named by a person is refused with the way out."""
    out = tmp_path / "out"
    assert small(photos, out, seeds=1).folder.name == "compare"
    assert small(photos[::-1], out, seeds=1, norms=["bn", "gn:2"]).folder.name == "compare-2"
    with pytest.raises(SpecError, match="choose another --name"):
        small(photos, out, seeds=1, norms=["bn", "gn:2"], name="compare")
    other = write_folders(tmp_path / "other", noise(side=28, classes=2))
    with pytest.raises(SpecError, match=r"data sets that this one lacks.*choose another --name"):
        small([photos[0], str(other)], out, seeds=1, name="compare")


@pytest.mark.slow
def test_what_cannot_be_is_told_before_anything_is_trained(photos: list[str], tmp_path: Path) -> None:
    """A data set twice, under one name or two, one that nobody knows, and images that a network cannot take."""
    out = tmp_path / "out"
    with pytest.raises(SpecError, match="grey stands twice"):
        small([photos[0], photos[0]], out)
    copied = str(shutil.copytree(photos[0], tmp_path / "copied"))
    with pytest.raises(SpecError, match="grey and copied are the same images"):
        small([photos[0], copied], out)
    with pytest.raises(UnknownName, match=r"on fashion: .*did you mean fashion-mnist"):
        small([photos[0], "fashion"], out)
    tiny = write_folders(tmp_path / "tiny", noise(side=4))
    with pytest.raises(normlab.NormlabError, match="on tiny: "):
        small([photos[0], str(tiny)], out)
    assert not (out / "runs.db").exists() or not list(out.glob("*/study.toml"))


def test_what_goes_with_one_data_set_is_refused(photos: list[str], tmp_path: Path) -> None:
    """Tuning, seeds until settled, a budget."""
    with pytest.raises(SpecError, match="tune goes with one data set"):
        small(photos, tmp_path / "out", tune={"lr": [0.1, 0.2]})
    with pytest.raises(SpecError, match="until_settled goes with one data set"):
        small(photos, tmp_path / "out", until_settled=True)
    with pytest.raises(SpecError, match="budget goes with until_settled"):
        small(photos, tmp_path / "out", budget=60.0)
    with pytest.raises(SpecError, match="2 to 50 data sets, got 1"):
        small(photos[:1], tmp_path / "out")
    with pytest.raises(StoreError, match="no study"):
        small(photos, tmp_path / "out", study="nobody")


@pytest.mark.training
def test_fresh_seeds_are_fresh_on_every_data_set(photos: list[str], tmp_path: Path) -> None:
    """So that all have the same."""
    out = tmp_path / "out"
    normlab.compare(dataset=photos[1], out=out, workers=1, **SMALL)  # type: ignore[arg-type]
    result = small(photos, out, fresh_seeds=True)
    assert [study.comparison.study.seeds for study in result.studies] == [(2, 3), (2, 3)]
    assert result.across.rules.looks.value == "once"
    assert np.isfinite(result.across.pairs[0].everywhere.mean or 0)
