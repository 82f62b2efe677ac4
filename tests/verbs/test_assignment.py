from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import normlab
from normlab.errors import Diverged, SpecError, UnknownName
from normlab.verbs.assignment import Assignment

TINY: dict[str, Any] = {"seeds": 2, "epochs": 2, "train_images": 256, "workers": 1}
LINK = re.compile(r"!?\[[^\]]*\]\(([^)]+)\)")

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("mnist"), pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def made(mnist: object, tmp_path_factory: pytest.TempPathFactory) -> Assignment:  # noqa: ARG001 - it has to be there
    """A hand-in of three norms, as people write them."""
    return normlab.assignment(
        ["BatchNorm", "layer_norm", "GN"], out=tmp_path_factory.mktemp("course") / "handin", **TINY
    )


@pytest.mark.training
def test_the_readme_has_all_that_the_course_asks_for(made: Assignment) -> None:
    """Its sections, a picture for each norm and curve, and every number of the first seed's log."""
    text = made.readme.read_text(encoding="utf-8")
    heads = re.findall(r"^## (.+)$", text, re.M)
    assert heads == [
        "Recommendation",
        "Findings",
        "Loss and accuracy",
        "Misclassified images",
        "Normalization, worked",
        "L1 in the loss",
        "Models",
        "Training log",
    ]
    assert text.count(": 9,802 parameters\n") == 3
    assert text.count("Total params: 9,802") == 3
    assert text.count("Test set: Average loss: ") == 3 * TINY["epochs"]
    assert all(f"\n| {norm} | 9,802 |" in text for norm in ("bn", "ln", "gn"))
    assert "| ln | image 1 | 12 | 2.416667 | 5.243056 |" in text
    assert "L1 of λ = 0.0001 on all parameters" in text


@pytest.mark.training
def test_the_pictures_of_the_readme_lie_beside_it(made: Assignment) -> None:
    """Each link leads to a file, and each PNG is shown."""
    links = set(LINK.findall(made.readme.read_text(encoding="utf-8")))
    assert links == {path.name for path in (*made.pictures, made.page, made.notebook)}
    assert all((made.folder / link).is_file() for link in links)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in made.pictures)
    assert len(made.pictures) == 4 + 1 + 3


@pytest.mark.training
def test_the_page_holds_its_pictures(made: Assignment) -> None:
    """Nothing is fetched, and it says what the README says."""
    text = made.page.read_text(encoding="utf-8")
    assert text.count('<img src="data:image/png;base64,') == len(made.pictures)
    assert not re.search(r'(?:src|href)="(?!data:)', text)
    final = made.result.comparison.of("bn")[0].final
    assert f"Accuracy: {final.judged_correct}/{final.judged_images}" in text


@pytest.mark.training
def test_the_notebook_runs_and_trains_nothing(made: Assignment) -> None:
    """In a notebook's own process, in its folder, with the runs that are there; its cells show charts."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.reads(made.notebook.read_text(encoding="utf-8"), 4)
    notebook.cells.append(nbformat.v4.new_code_cell("result.kept, result.trained"))
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(made.folder)}}).execute()
    assert notebook.cells[-1].outputs[-1].data["text/plain"] == "(6, 0)"
    assert any(
        "<svg" in output.data.get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output
    )


@pytest.mark.training
def test_the_same_call_again_trains_nothing(made: Assignment) -> None:
    """Nor does one that asks for the same norms otherwise; a seed more trains what is new."""
    again = normlab.assignment(["bn", "LN", "group norm"], out=made.folder, **TINY)
    assert (again.result.kept, again.result.trained) == (6, 0)
    assert again.page.read_bytes() == made.page.read_bytes()
    assert repr(again) == f"Assignment(3 norms × 2 seeds, {made.readme})"


@pytest.mark.training
def test_a_single_norm_on_one_seed_without_a_penalty_is_handed_in(tmp_path: Path) -> None:
    """Nothing is recommended, nothing penalised, and the table says so."""
    made = normlab.assignment("in", l1=0, out=tmp_path, **{**TINY, "seeds": [7], "epochs": 1})
    text = made.readme.read_text(encoding="utf-8")
    assert "These runs do not say which to take." in text
    assert "λ is 0: nothing is penalised here" in text
    assert "no L1" in text
    assert "--norms in --l1 0 --seeds 7, --epochs 1" in text.replace("'", "")


@pytest.mark.training
def test_a_study_that_diverges_everywhere_has_nothing_to_hand_in(tmp_path: Path) -> None:
    """One line with the way out, and no README."""
    with pytest.raises(Diverged, match="lower λ, which is 1e\\+30"):
        normlab.assignment("none", l1=1e30, out=tmp_path, **{**TINY, "seeds": 1, "epochs": 1})
    assert not (tmp_path / "README.md").exists()


def test_a_norm_that_is_none_stops_it_before_anything_is_made(tmp_path: Path) -> None:
    """One line, no folder."""
    with pytest.raises(UnknownName, match="unknown norm 'batchform'"):
        normlab.assignment(["batchform"], out=tmp_path / "handin")
    assert not [*tmp_path.iterdir()]


def test_a_readme_of_ones_own_is_not_replaced(tmp_path: Path) -> None:
    """As in a folder that is a project of one's own; nothing is trained."""
    (tmp_path / "README.md").write_text("# Mine")
    with pytest.raises(SpecError, match="is no hand-in of normlab and stays as it is"):
        normlab.assignment(out=tmp_path, **TINY)
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


@pytest.mark.parametrize("out", ["file", "file/handin"])
def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path, out: str) -> None:
    """Nothing is trained for what cannot be written."""
    (tmp_path / "file").write_text("mine")
    with pytest.raises(SpecError, match="file is a file; give a folder"):
        normlab.assignment(out=tmp_path / out, **TINY)
    assert (tmp_path / "file").read_text() == "mine"
