"""`compare(tune=…)`: trials, the study as it is, and the tuned one, on real MNIST."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import normlab
from normlab.analysis import gather
from normlab.errors import SpecError
from normlab.events import StudyBegun
from normlab.report.methods import methods
from normlab.report.view import build
from normlab.verbs.results import StudyResult

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("mnist"), pytest.mark.timeout(300), pytest.mark.training]

TINY: dict[str, Any] = {"epochs": 1, "train_images": 512, "engine": "eager", "seeds": 2, "norms": ["bn", "ln"]}
GRID = {"lr": [1e-6, 0.05]}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tuned")


@pytest.fixture(scope="module")
def result(out: Path) -> StudyResult:
    return normlab.compare(out=out, name="mine", workers=1, tune=GRID, tuning_seeds=1, **TINY)


def test_the_better_value_is_chosen_and_the_study_is_judged_with_it(result: StudyResult) -> None:
    """A rate at which nothing is learned is not."""
    assert result.comparison.study.name == "mine-tuned"
    assert {arm.recipe.optimizer.lr for arm in result.comparison.study.arms} == {0.05}
    assert result.comparison.study.recipe.holdout == 0


def test_the_report_says_what_was_tried_and_what_the_recipe_says_itself(result: StudyResult) -> None:
    """With the verdict at the recipe's own values beside it."""
    (told,) = [
        chapter for chapter in build(result.comparison).chapters if chapter.heading == "Had each arm its chance?"
    ]
    assert "in 2 trials, the same for every arm (lr 1e-06, lr 0.05), on 10,000 held-out" in told.sentences[0]
    assert told.sentences[1].startswith("Chosen: lr 0.05 for bn (")
    assert told.sentences[2].startswith("At the recipe’s own values (mine): ")
    page = result.report.read_text(encoding="utf-8")
    assert "Held-out accuracy against the learning rate that was tried" in page


def test_its_methods_cite_where_the_expected_best_comes_from(result: StudyResult) -> None:
    """In the text and among the references."""
    found = methods(gather(result.comparison))
    assert "the expected best of so many, drawn of those made [@dodge2019]" in " ".join(found.text)
    assert "@inproceedings{dodge2019," in found.bibtex


def test_the_json_has_every_trial(result: StudyResult) -> None:
    """By arm, with what so many trials were expected to reach."""
    tuning = json.loads(result.table("json"))["tuning"]
    assert (tuning["trials"], tuning["fixed"], tuning["seeds"]) == ("mine-tuning", "mine", [10_000])
    assert [len(arm["trials"]) for arm in tuning["arms"]] == [2, 2]
    assert tuning["arms"][0]["expected_best"][-1] < tuning["arms"][0]["trials"][1]["mean"]


@pytest.mark.usefixtures("result")
def test_the_same_again_trains_nothing(out: Path) -> None:
    """Neither trials nor the others."""
    told: list[Any] = []
    again = normlab.compare(
        out=out, name="mine", workers=1, tune=GRID, tuning_seeds=1, tell=told.append, **(TINY | {"engine": "auto"})
    )
    assert (again.kept, again.trained) == (4, 0)
    assert [event.name for event in told if isinstance(event, StudyBegun)] == ["mine-tuning", "mine", "mine-tuned"]


@pytest.mark.usefixtures("result")
def test_a_tuned_study_grows_without_being_tuned_again(out: Path) -> None:
    """Its arms keep their values; a seed that chose them is refused."""
    grown = normlab.compare("mine-tuned", out=out, workers=1, seeds=3)
    assert (grown.kept, grown.trained) == (4, 2)
    with pytest.raises(SpecError, match="is never judged"):
        normlab.compare("mine-tuned", out=out, workers=1, seeds=[0, 1, 10_000])
    assert normlab.reopen("mine-tuned", out=out).comparison.tuned is not None
