from __future__ import annotations

from pathlib import Path

import pytest

from normlab.errors import SpecError
from normlab.spec import design
from normlab.spec.suite import Suite, read

TWO = ("mnist", "fashion-mnist")


def test_a_suite_is_a_study_for_each_data_set_and_nothing_else_differs() -> None:
    """Each is the study that one would write with that data set alone, but for its name."""
    suite = Suite(design(norms=["bn", "ln"], seeds=4, name="both"), TWO)
    assert [study.name for study in suite.studies] == ["both-mnist", "both-fashion-mnist"]
    for dataset, study in zip(TWO, suite.studies, strict=True):
        assert study == design(norms=["bn", "ln"], seeds=4, name=study.name, dataset=dataset)


def test_a_suite_survives_its_file(tmp_path: Path) -> None:
    """A list stands where a study's file has the one data set."""
    suite, path = Suite(design(norms=["bn", "ln"], name="both"), TWO), tmp_path / "suite.toml"
    path.write_text(suite.to_toml())
    assert 'dataset = [\n    "mnist",\n    "fashion-mnist",\n]' in suite.to_toml()
    assert read(path) == suite


def test_a_file_of_one_data_set_is_no_suite(tmp_path: Path) -> None:
    """Nor is what is no file, no TOML, or another kind of table: whoever reads studies says what is wrong."""
    path = tmp_path / "study.toml"
    assert read(path) is None
    for text in (design().to_toml(), "recipe = 3", "[[", "\x00"):
        path.write_text(text)
        assert read(path) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("dataset = []", "expected a name or a path, or a list of them"),
        ("dataset = ['mnist', 3]", "expected a name or a path, or a list of them"),
        ("dataset = ['mnist']", "expected 2 to 50 data sets, got 1"),
        ("dataset = ['mnist', 'mnist']", "mnist stands twice"),
        ("dataset = ['mnist', 'cifar10']\nepoch = 3", "epoch"),
    ],
)
def test_a_suite_that_is_none_is_told_in_one_line_with_its_file(tmp_path: Path, given: str, said: str) -> None:
    """What was expected, and where."""
    path = tmp_path / "suite.toml"
    path.write_text(f"[recipe]\n{given}\n")
    with pytest.raises(SpecError, match=said) as raised:
        read(path)
    assert str(raised.value).startswith(str(path))


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"until_settled": True, "seeds": 20}, "until_settled"),
        ({"until_settled": True, "race": True, "seeds": 20}, "until_settled"),
        ({"warm_start": True}, "warm_start"),
    ],
)
def test_what_goes_with_one_data_set_is_refused_with_the_way_out(options: dict[str, object], field: str) -> None:
    """A path and seeds until settled are one study's."""
    with pytest.raises(SpecError, match=f"{field} goes with one data set.*make it a study for each"):
        Suite(design(**options), TWO)  # type: ignore[arg-type]


def test_places_of_one_name_are_told_apart() -> None:
    """By a number, and letters that no folder may have are left out."""
    suite = Suite(design(name="s"), ("/a/my photos", "/b/my photos", "mnist"))
    assert suite.labels == ("my-photos", "my-photos-2", "mnist")
    assert suite.studies[1].name == "s-my-photos-2"
