"""A study's networks judged anew on worse images."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING

import pytest
from projects import finished

from normlab.data.corruptions import CORRUPTIONS
from normlab.errors import StoreError
from normlab.spec import design
from normlab.verbs import robust as verb
from normlab.verbs.robust import MEAN, robust

if TYPE_CHECKING:
    from normlab.data import Dataset
    from normlab.records import RunRecord

FEW = {"norms": ["bn", "gn:4"], "l1": [0], "train_images": 256, "epochs": 1, "holdout": 250, "preprocess": "stretch"}

pytestmark = [pytest.mark.usefixtures("mnist"), pytest.mark.timeout(300), pytest.mark.training]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, mnist: Dataset) -> Path:
    """With a study of two arms on two seeds, trained on few images."""
    out = tmp_path_factory.mktemp("robust")
    finished(out, design(name="few", seeds=2, engine="eager", **FEW), mnist, (0, 1))  # type: ignore[arg-type]
    return out


def test_images_that_are_not_made_worse_are_judged_as_they_were(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to each network's accuracy is the one that training took."""
    monkeypatch.setattr(verb, "CORRUPTIONS", {"same": None})
    monkeypatch.setattr(verb, "corrupted", lambda images, _: images)
    found = robust("few", out=project)
    for row in found.facts.arms:
        same = found.found.of(row.name, found.found.outcomes[0]).estimate
        assert row.final is not None
        assert same is not None
        assert same.values == pytest.approx(row.final.values)


def test_every_run_is_judged_on_every_kind(project: Path) -> None:
    """Each kind is an outcome, the mean over them the last; all pairs of the study are compared by each."""
    told: list[tuple[str, int, int]] = []

    def done(run: RunRecord, number: int, of: int) -> None:
        told.append((run.arm, number, of))

    found = robust("few", out=project, done=done)
    assert told == [("bn", 1, 4), ("bn", 2, 4), ("gn:4", 3, 4), ("gn:4", 4, 4)]
    outcomes = found.found.outcomes
    assert [outcome.name for outcome in outcomes] == [*CORRUPTIONS, MEAN]
    for arm in ("bn", "gn:4"):
        *kinds, last = (found.found.of(arm, outcome).estimate for outcome in outcomes)
        assert last is not None
        assert last.values[1] == pytest.approx(mean(kind.values[1] for kind in kinds if kind))
    assert len(found.found.pairs) == 5
    known = found.to_dict()
    assert (known["study"], len(known["pairs"]), known["outcomes"][0]["better"]) == ("few", 5, "higher")


def test_a_study_without_a_network_is_refused(tmp_path: Path, mnist: Dataset) -> None:
    """In a line, with the way to one."""
    finished(tmp_path, design(name="none", seeds=2, engine="eager", **FEW), mnist, ())  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="none has no finished network to judge: train it with normlab compare"):
        robust("none", out=tmp_path)
