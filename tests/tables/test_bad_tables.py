from __future__ import annotations

from pathlib import Path

import pytest

import normlab
from normlab.errors import SpecError, UnknownName

HEAD = "norm,seed,acc\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected a table with a head and a row for each run, got an empty file"),
        (",,\n", "expected a table with a head and a row for each run, got an empty file"),
        ('"",""\n', "expected a table with a head and a row for each run, got an empty file"),
        (HEAD, "expected a row for each run, got a head alone"),
        ("norm,seed,quality\nbn,1,99\nln,1,98\n", "no column is known as a score: say which it is with --score COLUMN"),
        ("norm,seed,quality\nbn,1,99\nln,1,98\n", "the columns are norm, seed, quality"),
        ("seed,bn,ln\n1,99,n/a\n", "nor is it a table of arms by seeds: line 2, ln: 'n/a' is no number"),
        (HEAD + "bn,1,99\nbn,2,good\nln,1,98\n", "line 3: acc: expected a number, got 'good'"),
        (HEAD + "bn,1,99\nbn,2,\nln,1,98\n", "line 3: acc: expected a number, got nothing"),
        (HEAD + "bn,1,99\nbn,2,98\nln,1,nan\n", "at least two arms to compare, got only bn"),
        (HEAD + "bn,1,99\nbn,2,98\nln,1,inf\n", "every run of ln failed: there is no score to compare"),
        (HEAD + "bn,1,99\nbn,1,98\n", "line 3: acc: a second score of bn, seed 1, after line 2"),
        (HEAD + "bn,1,99\nbn,1,98\n", "--arm norm,COLUMN"),
        (HEAD + "bn,,99\nln,1,98\n", "line 2: seed: expected what the run had, got nothing"),
        (HEAD + "bn,1,99\nln,1,101\n", "line 3: acc: expected an accuracy in percent from 0 to 100, got 101"),
        (HEAD + "bn,1,-1\nln,1,9\n", "line 2: acc: expected an accuracy in percent from 0 to 100, got -1"),
        (
            HEAD + "bn,1,0.9\nbn,2,1.2\nln,1,0.8\n",
            "line 3: acc: expected a fraction, as the others are, from 0 to 1, got 1.2",
        ),
        (HEAD + "bn,1,99\nbn,2,0.995\nln,1,98\n", "line 3: acc: expected percent, as the others are, got 0.995"),
        (HEAD + "bn,1,99\nbn,2,0.91\nln,1,98\n", "line 3: acc: expected percent, as the others are, got 0.91"),
        (HEAD + "bn,1,99\nbn,2,98\n", "expected the runs of at least two arms to compare, got only bn"),
        (HEAD + "bn,1\n", "line 2: expected 3 cells as in the head, got 2"),
        ("norm,seed,acc,acc\nbn,1,9,9\n", "two columns are called 'acc'"),
        ("norm,seed,acc,loss\nbn,1,9,9\n", "acc and loss could all be the score: say which with --score"),
        ("norm,seed,score\nbn,1,9\nln,1,8\n", "score: is higher or lower better? say --higher-is-better"),
        ("seed,bn,ln\n1,9,8\n", "or what the cells are: --score accuracy (read as a column an arm: bn, ln)"),
        (
            "model,norm,acc\na,bn,9\nb,ln,8\n",
            "say which column has the arms: --arm COLUMN; several are crossed: --arm model,norm",
        ),
        ("seed,acc\n1,9\n2,8\n", "say which column has the arms: --arm COLUMN; the columns are seed, acc"),
        (
            HEAD.replace("seed", "epoch") + "bn,1,9\nbn,1,8\n",
            "line 3: acc: a second score of bn at epoch 1, after line 2; name the seeds' column: --seed",
        ),
        ("norm,seed,epoch,acc\nbn,1,last,9\n", "line 2: epoch: expected a number, got 'last'"),
    ],
)
def test_a_bad_table_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    """What was expected, what came, and where."""
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        normlab.judge(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    """It is not there, it is no text, or no JSON."""
    with pytest.raises(SpecError, match=r"none\.csv: no such file or directory"):
        normlab.judge(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"norm,acc\n\xff,1\n")
    with pytest.raises(SpecError, match="expected text in UTF-8, got the byte 0xff at 9"):
        normlab.judge(tmp_path / "b.csv")
    (tmp_path / "l.jsonl").write_text('{"arm": "a", "acc": 1}\n[1]\n')
    with pytest.raises(SpecError, match=r"line 2: expected a JSON object, got \[1\]"):
        normlab.judge(tmp_path / "l.jsonl")
    (tmp_path / "l.jsonl").write_text("{\n")
    with pytest.raises(SpecError, match=r"line 1: expected a JSON object, got '\{'"):
        normlab.judge(tmp_path / "l.jsonl")


ROWS = [{"norm": norm, "seed": seed, "acc": 90.0 + seed} for norm in ("bn", "ln") for seed in (1, 2, 3)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"arm": "nrom"}, "unknown column 'nrom': did you mean norm?"),
        ({"seed": "sed"}, "unknown column 'sed': did you mean seed?"),
        ({"score": "accuracy"}, "unknown column 'accuracy': did you mean acc?"),
        ({"baseline": "bm"}, "unknown arm 'bm': did you mean bn?"),
    ],
)
def test_an_unknown_name_comes_with_its_neighbours(given: dict[str, str], said: str) -> None:
    """Columns and arms alike."""
    with pytest.raises(UnknownName) as caught:
        normlab.judge(ROWS, **given)  # type: ignore[arg-type]
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"margin": 0.0}, "margin: expected a number above 0"), ({"level": 1.0}, "level: expected a number above 0.5")],
)
def test_a_rule_out_of_range_is_an_error(given: dict[str, float], said: str) -> None:
    """Before anything is read."""
    with pytest.raises(SpecError, match=said):
        normlab.judge(ROWS, **given)


def test_what_is_no_table_is_an_error() -> None:
    """Neither a number nor columns of two lengths."""
    with pytest.raises(SpecError, match="got int"):
        normlab.judge(3)
    with pytest.raises(SpecError, match="columns of one length, got 1, 2"):
        normlab.judge({"arm": ["a"], "acc": [1, 2]})
    with pytest.raises(SpecError, match="expected a row for each run, got nothing"):
        normlab.judge([])


def test_a_run_at_chance_among_many_classes_is_no_fraction() -> None:
    """0.1 % of a thousand classes stays a score, where the others are near 60 %."""
    rows = [{"arm": arm, "seed": seed, "acc": 60 + seed} for arm in "ab" for seed in (1, 2, 3)]
    rows[0]["acc"] = 0.1  # type: ignore[assignment]
    assert normlab.judge(rows).margin == 0.1
