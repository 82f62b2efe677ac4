"""Published studies: read back as they were written, judged again, and refused where they are not what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from normlab.archive import Publication, check, found, read, shelf, text
from normlab.archive.publication import publication
from normlab.archive.shelf import SHELF, written
from normlab.errors import SpecError, StoreError
from normlab.spec import read as read_study

HOME = Path(__file__).parents[2]
STUDIES = found(HOME / "studies")


@pytest.mark.parametrize("path", [path for path, _ in STUDIES], ids=lambda path: path.stem)
def test_each_study_gives_its_verdicts_again(path: Path) -> None:
    """From the scores that stand beside its TOML, which says the same study; and it is written as it is read."""
    published = read(path)
    check(published, path.name)
    assert published.planned == read_study(path.with_suffix(".toml"))
    assert text(published) == path.read_text(encoding="utf-8")
    assert published.verdicts


def test_the_shelf_has_what_is_in_studies() -> None:
    """`make shelf` was run after the last of them was published."""
    kept = (HOME / "src/normlab/archive" / SHELF).read_text(encoding="utf-8")
    assert kept == written(each for _, each in STUDIES)
    assert [each.name for each in shelf()] == [each.name for _, each in STUDIES]


def tables(name: str = "batch") -> dict[str, Any]:
    """A published study as plain values."""
    return dict(json.loads((HOME / f"studies/{name}/{name}.json").read_bytes()))


def made(values: Any) -> Publication:
    return publication(values, "mine.json")


def test_scores_that_give_another_verdict_are_named() -> None:
    """Whose pair, what stands there, and what comes out."""
    values = tables()
    values["scores"]["bn · batch 4"]["5"] = 9000
    with pytest.raises(SpecError, match=r"mine.json: bn · batch 4 against gn:4 · batch 4: it states .+ give .+ again"):
        check(made(values), "mine.json")


def test_a_verdict_that_is_left_out_is_missed() -> None:
    """All that the study asks about have to be stated."""
    values = tables()
    del values["verdicts"][3]
    with pytest.raises(SpecError, match=r"expected the verdicts on 27 pairs, .+ states 26"):
        check(made(values), "mine.json")


def test_a_run_that_diverged_has_no_score() -> None:
    """It is a failure, and no seed of a difference."""
    values = tables()
    values["scores"]["bn · batch 4"]["5"] = None
    assert made(values).ended["bn · batch 4", 5] is None


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("scores", "rms"), {"5": 1}, "the study has no arm 'rms'"),
        (("scores", "bn · batch 4", "77"), 1, "the study has no seed 77"),
        (("scores", "bn · batch 4", "5"), 10_001, "more are right than there are images, 10000"),
        (("scores", "bn · batch 4", "5"), -1, "scores"),
        (("scores", "bn · batch 4", "5"), "many", "scores"),
        (("images",), 0, "images"),
        (("images",), True, "images"),
        (("date",), "yesterday", "date"),
        (("made",), "here", "made"),
        (("verdicts", 0), {"kind": "better"}, "verdicts"),
        (("study", "recipe", "epochs"), 0, "epochs"),
        (("study",), [], "study"),
        (("more",), 1, "more"),
        (("looks",), [{"study": "x"}], "looks"),
    ],
)
def test_what_is_none_is_refused_in_a_line(path: tuple[Any, ...], value: Any, said: str) -> None:
    """With the file and the field."""
    values = tables()
    *parents, last = path
    table: Any = values
    for parent in parents:
        table = table[parent]
    table[last] = value
    with pytest.raises(SpecError) as error:
        made(values)
    assert str(error.value).startswith("mine.json: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b"3", b'{"study": NaN}'])
def test_a_file_that_is_no_publication_is_refused(content: bytes, tmp_path: Path) -> None:
    """Whatever it holds."""
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(SpecError, match=r"x\.json"):
        read(tmp_path / "x.json")


def test_a_folder_without_any_says_what_was_expected(tmp_path: Path) -> None:
    """And how one comes to be."""
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(StoreError, match=r"expected NAME.json beside NAME.toml; see normlab publish"):
        found(tmp_path)
    with pytest.raises(StoreError, match="cannot read"):
        read(tmp_path / "none.json")


def test_a_study_that_is_judged_by_another_outcome_is_not_published() -> None:
    """Its file would have what its verdicts do not rest on."""
    values = tables()
    values["study"]["verdict"] = {"outcome": "cross-entropy", "margin": 0.01}
    with pytest.raises(SpecError, match="published as images right, and judged by accuracy, and not by cross-entropy"):
        made(values)
