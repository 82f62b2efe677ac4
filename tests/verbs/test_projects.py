"""Which study is meant, and where it lies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import normlab
from normlab.errors import SpecError, StoreError
from normlab.spec import Options, Study, design
from normlab.store import Store, studies
from normlab.verbs import projects
from normlab.verbs.projects import Place, find, stated

TWO = design(name="two", norms=["bn", "ln"], seeds=2)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one study, of which nothing is trained."""
    noted(tmp_path, TWO)
    return tmp_path


def noted(project: Path, study: Study) -> Place:
    with Store.open(project) as store:
        projects.put(Place(study, project), store, [], "eager")
    return Place(study, project)


def name(project: Path, study: Study, *, given: bool = False) -> str:
    with Store.open(project) as store:
        return projects.claimed(Place(study, project), store, given=given).study.name


def test_a_study_is_found_by_name_folder_or_file(project: Path) -> None:
    """All of them are the same study in the same project."""
    assert find("two", project) == find(project / "two", Path("elsewhere")) == Place(TWO, project)
    assert find(project / "two" / "study.toml", project) == Place(TWO, project)


def test_the_latest_study_is_the_one_noted_last(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its name; one whose folder was deleted is none any more."""
    for year, name in ((3001, "later"), (3000, "third")):
        monkeypatch.setattr(studies, "now", lambda year=year: f"{year}-01-01T00:00:00+00:00")
        noted(project, design(name=name, norms=["bn"], seeds=2))
    assert projects.latest(project) == project / "later"
    shutil.rmtree(project / "later")
    assert projects.latest(project) == project / "third"


def test_a_project_without_a_study_has_no_latest(project: Path, tmp_path: Path) -> None:
    """The error says how to make one."""
    with pytest.raises(StoreError, match="elsewhere"):
        projects.latest(tmp_path / "elsewhere")
    shutil.rmtree(project / "two")
    with pytest.raises(StoreError, match=r"no study in .*: make one with `normlab compare`"):
        projects.latest(project)


def test_options_change_the_study_that_is_found(project: Path) -> None:
    """It grows where it lies."""
    place = stated("two", project, {"seeds": 5, "arms": [{"norm": "in"}]})
    assert place.project == project
    assert (len(place.study.seeds), len(place.study.arms)) == (5, 3)


def test_a_model_of_a_file_has_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the recipe, as a level and in an arm by hand; in a file of a study it starts there, like images do."""
    monkeypatch.chdir(tmp_path)
    options: Options = {"vary": {"model": ["a.py:make", "lean"]}, "arms": [{"name": "b", "model": "b/b.py:make"}]}
    study = stated(None, tmp_path, options).study
    assert [arm.recipe.model for arm in study.arms] == [f"{tmp_path}/a.py:make", "lean", f"{tmp_path}/b/b.py:make"]
    assert [arm.name for arm in study.arms] == ["a.py:make", "lean", "b"]
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "study.toml").write_text('[recipe]\nmodel = "../a.py:make"\n')
    assert stated("b/study.toml", tmp_path, {}).study.recipe.model == f"{tmp_path}/a.py:make"


def test_another_model_of_that_name_grows_no_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command in another folder is another study."""
    studies = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        studies.append(stated(None, tmp_path, {"name": "mine", "norms": ["bn"], "model": "nets.py:make"}).study)
    noted(tmp_path, studies[0])
    assert [name(tmp_path, study) for study in studies] == ["mine", "mine-2"]


def test_models_of_one_file_name_are_called_with_their_folders(tmp_path: Path) -> None:
    """Arms have names of their own, which say nothing of the machine."""
    options: Options = {"norms": ["bn"], "l1": [0], "vary": {"model": ["a/nets.py:make", "b/nets.py:make"]}}
    study = stated(None, tmp_path, options).study
    assert [arm.name for arm in study.arms] == ["a/nets.py:make", "b/nets.py:make"]


def test_a_study_that_is_not_there_names_those_that_are(project: Path) -> None:
    """With the three ways to say which one is meant."""
    with pytest.raises(
        StoreError, match=r"no study .*three.*: expected the name of one in .* \(two\), its folder, or a TOML"
    ):
        find("three", project)


def test_looking_for_a_study_makes_nothing(tmp_path: Path) -> None:
    """No folder and no file."""
    with pytest.raises(StoreError, match=r"\(none\)"):
        find("three", tmp_path / "out")
    assert not [*tmp_path.iterdir()]


def test_a_study_without_its_file_is_as_it_was_noted(project: Path) -> None:
    """The store knows it."""
    (project / "two" / "study.toml").unlink()
    assert find("two", project).study == TWO


def test_a_file_beside_a_lost_store_is_enough(project: Path) -> None:
    """Its runs are owed again."""
    (project / "runs.db").unlink()
    assert find("two", project).study == TWO


def test_the_file_is_written_only_where_it_changes(project: Path) -> None:
    """The same study again does not touch it."""
    path = project / "two" / "study.toml"
    before = path.stat().st_mtime_ns, path.stat().st_ino
    noted(project, TWO)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == before


def test_a_name_of_ours_gets_a_number_where_it_is_taken(tmp_path: Path) -> None:
    """The next that is free, or that of a study which this one continues."""
    for number, norms in enumerate((["bn", "ln"], ["bn", "in"], ["bn", "rms"]), start=1):
        study = design(norms=norms, seeds=2)
        expected = "compare" if number == 1 else f"compare-{number}"
        assert name(tmp_path, study) == expected
        noted(tmp_path, study.model_copy(update={"name": expected}))
    assert name(tmp_path, design(norms=["bn", "in"], seeds=9)) == "compare-2"


def test_a_study_that_has_all_arms_of_one_continues_it(project: Path) -> None:
    """More seeds, more arms, another margin."""
    bigger = design(TWO, seeds=7, arms=[{"norm": "rms"}], margin=3)
    assert name(project, bigger, given=True) == "two"


@pytest.mark.parametrize(
    ("study", "lacking"),
    [(design(name="two", norms=["bn", "in"]), "ln"), (design(TWO, root=1), "all of them, from another root")],
)
def test_a_name_of_another_study_is_refused(project: Path, study: Study, lacking: str) -> None:
    """What it would lose is named, and the way out."""
    with pytest.raises(
        SpecError, match=rf"this one lacks \({lacking}\): choose another --name, or grow that study with"
    ):
        name(project, study, given=True)


def test_a_folder_that_is_no_studys_is_left_alone(project: Path) -> None:
    """Somebody's files, or a file in its place."""
    (project / "notes").mkdir()
    (project / "notes" / "mine.txt").write_text("mine")
    (project / "plain").write_text("mine")
    for taken in ("notes", "plain"):
        with pytest.raises(SpecError, match="is there and no study's: choose another --name"):
            name(project, design(name=taken), given=True)
    assert (project / "notes" / "mine.txt").read_text() == "mine"


def test_an_empty_folder_is_free(project: Path) -> None:
    """Nothing is lost in it."""
    (project / "fresh").mkdir()
    assert name(project, design(name="fresh"), given=True) == "fresh"


def test_a_folder_of_an_older_normlab_is_refused(project: Path) -> None:
    """With the way out, whether it is to be read or its name to be taken."""
    (project / "old").mkdir()
    (project / "old" / "runs.sqlite").write_bytes(b"")
    with pytest.raises(
        StoreError, match="made by an older normlab and cannot be read: choose another --out, or delete"
    ):
        find("old", project)
    with pytest.raises(SpecError, match="made by an older normlab: choose another --name or --out, or delete it"):
        name(project, design(name="old"), given=True)


def test_a_copied_folder_is_told(project: Path) -> None:
    """Its file says another name than the folder."""
    (project / "copied").mkdir()
    (project / "copied" / "study.toml").write_text(TWO.to_toml())
    with pytest.raises(StoreError, match="is that of a study called 'two'"):
        find("copied", project)


def test_every_study_of_a_project_is_listed(project: Path) -> None:
    """By name."""
    noted(project, design(name="another"))
    assert projects.studies(project) == ["another", "two"]


def test_fresh_seeds_without_a_look_are_the_first(project: Path) -> None:
    """Nothing was seen, so there is nothing to avoid."""
    with Store.reading(project) as store:
        assert projects.claimed(Place(TWO, project), store, given=True, fresh=True).study.seeds == (0, 1)


def test_a_study_that_is_not_there_trains_nothing(tmp_path: Path) -> None:
    """`compare` and `reopen` raise before they make a folder."""
    for verb in (normlab.compare, normlab.reopen):
        with pytest.raises(StoreError, match="no study"):
            verb("nothing", out=tmp_path / "out")
    assert not [*tmp_path.iterdir()]
