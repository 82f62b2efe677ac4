"""Bad input: one clear line on stderr, a non-zero exit code, nothing trained and nothing changed on disk."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]

LINK = "optimizer.lr={base=0.1,per=batch_size,at=128}"
STATED = [
    (["--norms", "bm"], "did you mean bn"),
    (["--norms", "gn:0"], "number of at least 1"),
    (["--norms", ","], "vary.norm: expected at least one value, got none"),
    (["--recipe", "course", "--norms", "gn:4"], "norm1: its 10 channels can be split into 1, 2, 5, 10"),
    (["--recipe", "curse"], "did you mean course"),
    (["--model", "lena"], "did you mean lean"),
    (["--data", "mnst"], "did you mean mnist"),
    (["--l1", "-1"], "recipe.penalty.lambda: input should be greater than or equal to 0, got -1.0"),
    (["--l1", "abc"], "recipe.penalty.lambda: input should be a valid number, got 'abc'"),
    (["--l1", "nan"], "recipe.penalty.lambda: input should be a finite number"),
    (["--l1", "0,abc"], "vary.penalty.lambda: input should be a valid number, got 'abc'"),
    (["--on", "some"], "no parameter is called 'some'; expected 'weights', 'all',"),
    (["--penalty", "proxy"], "recipe.penalty.kind: input should be 'subgrad', 'prox', "),
    (["--penalty", "gamma", "--norms", "none"], "no norm has a scale γ"),
    (["--seeds", "0"], "seeds: expected 1 to 10,000 seeds, got 0"),
    (["--seeds", "1,1"], "the same seed stands twice"),
    (["--seeds", "many"], "--seeds: expected how many"),
    (["--seeds", "²"], "--seeds: expected how many"),
    (["--epochs", "0"], "recipe.epochs: input should be greater than or equal to 1, got 0"),
    (["--epochs", "²"], "recipe.epochs: input should be a valid integer"),
    (["--lr", "0"], "recipe.optimizer.lr: input should be greater than 0"),
    (["--device", "tpu"], "device: input should be 'cpu', 'cuda' or 'mps'"),
    (["--preprocess", "blur"], "recipe.preprocess: input should be 'standardize', 'stretch', 'equalize', 'clahe'"),
    (["--preprocess", "none,blur"], "vary.preprocess: input should be 'standardize', 'stretch', "),
    (["--preprocess", "none,none"], "vary.preprocess: the level none stands twice"),
    (["--seeds", "10000000000"], "seeds: expected 1 to 10,000 seeds, got 10000000000"),
    (["--seeds", "0-99999999999"], "--seeds: expected how many"),
    (["--epochs", "1000000000000"], "recipe.epochs: input should be less than or equal to 100000"),
    (["--batch-size", "1000000000000"], "recipe.batch_size: input should be less than or equal to 65536"),
    (["--norms", f"gn:{'9' * 5000}"], "norm 'gn:9999"),
    (["--norms", f"gn:cpg={'9' * 5000}"], "norm 'gn:cpg=9999"),
    (["--norms", f"{'ws+' * 3000}gn:4"], "expected ws+ once, before a norm that divides"),
    (["--workers", "9" * 5000], "Invalid value for '--workers'"),
    (["--norm", "bn"], "No such option: --norm"),
    (["--until-settled", "--budget", f"{'9' * 400}h"], "--budget: expected a time such as 90s"),
    (["--model", "mlp", "--model-args", '{"hidden": [1000000000]}'], "hidden is a list of widths from 1 to 16,384"),
    (["--data", ""], "dataset: expected a name, or the path of a folder"),
    (["--data", f"x?resize={'9' * 5000}"], "dataset: resize is a number of pixels"),
    (["--data", "x?resize=²"], "dataset: resize is a number of pixels"),
    (["--engine", "warp"], "engine: input should be 'auto', 'lanes', 'eager' or 'reference', got 'warp'"),
    (["--holdout", "60000"], "there are 60000 training images"),
    (["--set", "x"], "--set: expected FIELD=VALUE, such as batch_size=32, got 'x'"),
    (["--set", "batch_size="], "--set: expected FIELD=VALUE"),
    (["--set", "batch_sze=3"], "unknown field 'batch_sze': did you mean batch_size"),
    (["--set", "optimizer.lrr=3"], "unknown field 'optimizer.lrr': did you mean optimizer.lr"),
    (["--set", "lrr=3"], "unknown field 'lrr': did you mean optimizer.lr?"),
    (["--set", "kind=sgd"], "'kind' may be optimizer.kind or schedule.kind or penalty.kind: say which"),
    (["--set", "batch_size=0"], "recipe.batch_size: input should be greater than or equal to 1"),
    (["--set", "nesterov=perhaps"], "recipe.optimizer.nesterov: input should be a valid boolean"),
    (["--vary", "batch_size"], "--vary: expected FIELD=VALUE"),
    (["--vary", "batch_size=,"], "vary.batch_size: expected at least one value, got none"),
    (["--vary", "batch_size=32,32"], "vary.batch_size: the level 32 stands twice"),
    (["--vary", "lr=0.1,0.10"], "vary.optimizer.lr: the level 0.1 stands twice"),
    (["--vary", "dataset=mnist,fashion-mnist"], "arms have to be judged on the same images"),
    (["--vary", "holdout=0,100"], "arms have to be judged on the same images"),
    (["--vary", f"epochs=1,2,3,{','.join(map(str, range(4, 2100)))}"], "at most 2,000 can be compared"),
    (["--norms", "ln,gn:1"], "the arms 'ln' and 'gn:1' are the same network"),
    (["--norms", "bn,ln", "--arm", "also: norm=bn"], "the arms 'bn' and 'also' are the same treatment"),
    (["--arm", "a: norm=bn", "--arm", "a: norm=ln"], "two arms are called 'a'"),
    (["--arm", ""], "--arm: expected 'NAME: FIELD=VALUE …'"),
    (["--arm", "big"], "--arm: expected FIELD=VALUE, such as batch_size=32, got 'big'"),
    (["--arm", "big: batch_size"], "--arm: expected FIELD=VALUE, such as batch_size=32, got 'batch_size'"),
    (["--arm", "big: batch_sze=512"], "unknown field 'batch_sze': did you mean batch_size"),
    (["--arm", "\x1b[31mred: norm=bn"], r"arms: a name is a line of at most 80 letters, got '\x1b[31mred'"),
    (["--set", LINK.replace("batch_size", "optimizer.lr")], "optimizer.lr: it follows itself"),
    (["--set", LINK.replace("batch_size", "norm")], "optimizer.lr: it can follow a number, and norm is a word"),
    (["--set", LINK.replace(",at=128", "")], "at: field required"),
    (["--set", "optimizer.lr={base"], "optimizer.lr: expected a table such as {base=0.1, per=batch_size, at=128}"),
    (["--set", "batch_size={base=1,per=epochs,at=1}"], "batch_size: only fields that are fractions can follow another"),
    (
        ["--set", "lr={base=1,per=weight_decay,at=1}", "--set", "weight_decay={base=1,per=lr,at=1}"],
        "optimizer.lr, optimizer.weight_decay: they follow each other in a circle",
    ),
    (["--ask", "batch_size"], "questions: 'batch_size' is the same in all arms; the factors of this study are norm, "),
    (["--ask", "normm"], "unknown field 'normm': did you mean norm"),
    (["--ask", ","], "--ask: expected names with commas between them, got ','"),
    (["--baseline", "gn"], "unknown baseline 'gn': did you mean "),
    (["--name", "../x"], "name: string should match pattern"),
    (["--level", "1"], "verdict.level: input should be less than 1"),
    (["--margin", "0"], "verdict.margin: input should be greater than 0"),
    (["--budget", "5m"], "--budget goes with --until-settled"),
    (["--until-settled", "--budget", "soon"], "--budget: expected a time such as 90s, 20m or 2h; got 'soon'"),
    (["--until-settled", "--seeds", "3"], "say --max-seeds instead of --seeds"),
    (["--until-settled", "--norms", "bn"], "no two arms differ in one factor alone, so there is nothing to settle"),
]
OTHERS = [
    (["train", "bm"], "did you mean bn"),
    (["train", "bn", "--epochs", "0"], "recipe.epochs"),
    (["train", "--preprocess", "blur"], "recipe.preprocess: input should be 'standardize', "),
    (["train", "--engine", "warp"], "engine: input should be 'auto', 'lanes', 'eager' or 'reference', got 'warp'"),
    (["path", "--penalty", "proxy"], "penalty.kind: input should be 'subgrad', 'prox', "),
    (["path", "--penalty", "l2"], "give the values with --lambdas"),
    (["path", "--penalty", "gamma", "none"], "no norm has a scale γ"),
    (["path", "--lambdas", "x"], "--lambdas: expected numbers"),
    (["path", "--lambdas", "0,1e-3"], "--lambdas: expected numbers above 0"),
    (["path", "--lambdas", ""], "--lambdas: expected numbers with commas between them, such as 0,1e-4; got ''"),
    (["path", "--seeds", "0"], "seeds: expected 1 to 10,000 seeds, got 0"),
    (["path", "--points", "1000000000"], "Invalid value for '--points'"),
    (["train", "--penalty", "prox"], "penalty: expected its λ with prox, got none: give --lambda too"),
    (["train", "--seed", "9" * 5000], "Invalid value for '--seed'"),
    (["explain", "--cell", "9" * 5000], "--cell: expected four numbers"),
    (["explain", "--cell", "1,1,1,²"], "--cell: expected four numbers"),
    (["calibrate", "--studies", "1000000000000"], "Invalid value for '--studies'"),
    (["calibrate", "--seeds", "9" * 5000], "--seeds: expected numbers from 2 on"),
    (["convert", "x.py:f", "--to", "bn", "--model-args", '{"a":' * 3000], "--model-args: expected a table"),
    (["convert", "x.py:f", "--to", "bn", "--size", "²x²x²"], "--size: expected channels x height x width"),
    (["convert", "x.py:f", "--to", "bn", "--size", f"{'0' * 4}1{'9' * 5000}x1x1"], "--size: expected channels"),
    (["claims", "/dev/zero"], "expected a plain file, got a pipe, a device or a folder"),
    (["judge", "/dev/zero"], "got a device or a pipe"),
    (["data", "show", "/dev/zero"], "expected a file or a folder, got a pipe or a device"),
    (["compere"], "No such command 'compere'"),
    (["path", "--preprocess", "blur"], "recipe.preprocess: input should be 'standardize', "),
    (["summary", "course", "--norm", "gn:7"], "its 10 channels can be split into 1, 2, 5, 10 groups"),
    (["summary", "lena"], "did you mean lean"),
    (["report", "absent"], "no study 'absent': expected the name of one in normlab-out (none)"),
    (["compact", "absent"], "no study 'absent'"),
    (["explain", "--study", "absent", "--layer", "norm1"], "no study 'absent'"),
    (["runs"], "normlab-out holds no runs: expected a folder with runs.db"),
    (["runs", "absent"], "no study 'absent'"),
    (["runs", "--prune"], "normlab-out holds no runs"),
    (["runs", "absent", "--prune"], "--prune goes over the whole project: leave out the study and --where"),
    (["data", "fetch", "mnst"], "did you mean mnist"),
    (["compare", "absent.toml"], "no study 'absent.toml': expected the name of one in normlab-out (none), its folder,"),
    (["compare", "."], "no study '.': expected the name"),
    (["compare", "/dev/zero"], "no study '/dev/zero'"),
    (["compare", "x" * 5000], "File name too long"),
    (["compare", "a\nb\x1b[31m"], r"no study 'a\nb\x1b[31m'"),
    (["compare", "--out", "/dev/null/x"], "cannot use the project /dev/null/x"),
]
BAD = [(["compare", *arguments], expected) for arguments, expected in STATED] + OTHERS


def error_line(result: CompletedProcess[str]) -> str:
    """The one line that there is, short enough to be read."""
    assert result.returncode in (1, 2), result
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    assert line.isprintable()
    assert len(line) < 700
    return line


def contents(folder: Path) -> dict[str, bytes]:
    """Every plain file, and what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize(("arguments", "expected"), BAD, ids=[" ".join(a)[:60] for a, _ in BAD])
def test_bad_input_is_one_line_and_a_failure(normlab: Run, tmp_path: Path, arguments: list[str], expected: str) -> None:
    """The error names what came and the way out; no folder is made."""
    assert expected in error_line(normlab(*arguments))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--seeds", "--epochs", "--lr", "--set=batch_size", "--vary=batch_size", "--budget"])
def test_a_number_of_5000_digits_is_one_short_line(normlab: Run, option: str) -> None:
    """What is echoed of it is cut."""
    name, equals, field = option.partition("=")
    given = f"{field}={'9' * 5000}" if equals else "9" * 5000
    error_line(normlab("compare", "--until-settled" if name == "--budget" else "--print-toml", name, given))


TOML = [
    ("sedes = 3", "sedes: there is no such field; did you mean seeds?"),
    ("[verdict]\nmargn = 1", "verdict.margn: there is no such field; did you mean margin?"),
    ("[recipe]\nepohcs = 1", "unknown field 'epohcs': did you mean epochs"),
    ("[recipe]\nepochs = 'x'", "recipe.epochs: input should be a valid integer"),
    ("recipe = 3", "recipe: input should be a valid dictionary"),
    ("recipe.optimizer = 3", "unknown field 'optimizer': did you mean optimizer.lr"),
    ("recipe.preset = 'curse'", "unknown recipe 'curse': did you mean course"),
    ("recipe.optimizer.lr = {base = 1, per = 'lr', at = 1}", "optimizer.lr: it follows itself"),
    ("recipe.optimizer.lr = {bse = 1}", 'optimizer.lr: expected {base = 0.1, per = "batch_size", at = 128}'),
    ("[links]\nx = 3", "links: they stand in the recipe"),
    ("vary = 3", "vary: input should be a valid dictionary"),
    ("vary.norm = 'bn'", "vary.norm: expected a list of levels, got 'bn'"),
    ("vary.norm = ['bn', 3]", "vary.norm: input should be a valid string, got 3"),
    ("vary.norm = ['bn', 'bn']", "vary.norm: the level bn stands twice"),
    ("arms = 3", "arms: input should be a valid"),
    ("arms = [{nrom = 'bn'}]", "unknown field 'nrom': did you mean norm"),
    ("arms = [{norm = 'bn', l1 = 1e-4}]", "unknown field 'l1'"),
    (
        "arms = [{name = 'big', batch_size = 0}]",
        "the arm 'big': batch_size: input should be greater than or equal to 1",
    ),
    ("arms = [{name = 'a'}, {name = 'b'}]", "the arms 'a' and 'b' are the same treatment"),
    ('arms = [{name = "a\\nb"}]', r"arms: a name is a line of at most 80 letters, got 'a\nb'"),
    ("vary.norm = ['bn', 'ln']\nquestions = ['epochs']", ""),
    ("vary.norm = ['bn', 'ln']\nbaseline = 'gn'", "unknown baseline 'gn'"),
    ("arms = [", "is not valid TOML"),
    ("\x00", "is not valid TOML"),
    (f"a = {'[' * 5000}{']' * 5000}", "is not valid TOML"),
    (f"seeds = {'9' * 5000}", "is not valid TOML"),
    (f"{'a.' * 20_000}a = 1", "a key has more than 20 parts"),
    (f"[{' . '.join('a' * 20_000)}]", "a key has more than 20 parts"),
    ("#" * (2 << 20), "it has more than 1,048,576 bytes"),
]


@pytest.mark.parametrize(("toml", "expected"), TOML, ids=[toml[:40] for toml, _ in TOML])
@pytest.mark.slow
def test_a_bad_study_file_names_itself_and_the_field(normlab: Run, tmp_path: Path, toml: str, expected: str) -> None:
    """The field is named by its path, with what is allowed and the file's name."""
    (tmp_path / "s.toml").write_text(toml)
    line = error_line(normlab("compare", "s.toml"))
    assert "s.toml" in line
    assert expected in line
    assert contents(tmp_path).keys() == {"s.toml"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.parametrize("place", ["s.toml", "normlab-out/s/study.toml", "normlab-out/runs.db"])
@pytest.mark.slow
def test_a_pipe_is_not_waited_for(normlab: Run, tmp_path: Path, place: str) -> None:
    """Neither as a study file nor as the store; a folder and bytes that are no text are refused likewise."""
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(tmp_path / place)
    given = ["--norms", "bn"] if place.endswith(".db") else [Path(place).parts[-2] if "/" in place else place]
    assert place in (line := error_line(normlab("compare", *given))) or "no study" in line


def test_a_study_file_that_is_no_text_is_one_line(normlab: Run, tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and a folder in its place."""
    (tmp_path / "s.toml").write_bytes(b"\xff\xfe")
    assert "cannot read the study s.toml" in error_line(normlab("compare", "s.toml"))
    (tmp_path / "t.toml").mkdir()
    assert "no study 't.toml'" in error_line(normlab("compare", "t.toml"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["compare", "--name", "first", "--norms", "ln,in"], "belongs to a study with arms that this one lacks (bn, "),
        (["compare", "--name", "first", "--norms", "bn,gn:4", "--set", "epochs=9"], "choose another --name, or grow"),
        (["compare", "second"], "no study 'second': expected the name of one in normlab-out (first)"),
        (["report", "first", "--margin", "-1"], "verdict.margin: input should be greater than 0"),
        (["report", "first", "--level", "7"], "verdict.level: input should be less than 1"),
        (["compact", "first", "--arm", "bm", "--no-onnx"], "unknown arm 'bm': did you mean bn"),
        (["calibrate", "first", "--arm", "bm"], "unknown arm 'bm': did you mean bn"),
        (["runs", "first", "--prune"], "--prune goes over the whole project: leave out the study and --where"),
        (["runs", "--prune", "--where", "norm=bn"], "leave out the study and --where"),
        (["runs", "--where", "norm"], "--where: expected FIELD=VALUE, such as norm=bn, got 'norm'"),
        (["runs", "--where", "nrm=bn"], "unknown field 'nrm': did you mean norm?"),
        (["runs", "--where", "seed=²"], "--where: seed is a whole number, got '²'"),
        (["runs", "--where", f"seed={'9' * 5000}"], "--where: seed is a whole number, got '999"),
        (["runs", "--where", "nesterov=1"], "--where: nesterov is true or false, got '1'"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
@pytest.mark.slow
def test_bad_input_leaves_a_project_as_it_was(normlab: Run, project: Path, arguments: list[str], expected: str) -> None:
    """Not a byte of it changes."""
    before = contents(project)
    assert expected in error_line(normlab(*arguments))
    assert contents(project) == before


@pytest.mark.slow
def test_the_name_of_a_foreign_folder_is_refused(normlab: Run, project: Path) -> None:
    """Whatever lies there stays, also where it is a file."""
    (project / "thesis").mkdir()
    (project / "thesis" / "chapter.txt").write_text("mine")
    (project / "note").write_text("mine")
    for name in ("thesis", "note"):
        line = error_line(normlab("compare", "--norms", "bn", "--name", name))
        assert f"normlab-out/{name} is there and no study's: choose another --name" in line
    assert (project / "thesis" / "chapter.txt").read_text() == "mine"


@pytest.mark.slow
def test_a_study_under_another_ones_name_is_refused(normlab: Run, project: Path) -> None:
    """A copied folder is not taken for a study of its own, whose report would go elsewhere."""
    (project / "first").rename(project / "second")
    assert "study.toml is that of a study called 'first'" in error_line(normlab("report", "second"))
    line = error_line(normlab("compare", "--norms", "bn", "--name", "second"))
    assert "normlab-out/second belongs to a study called 'first'" in line


def test_an_edited_study_file_is_noticed(normlab: Run, project: Path) -> None:
    """The error says how to take the change over, and how to undo it."""
    path = project / "first" / "study.toml"
    path.write_text(path.read_text().replace("margin = 0.1", "margin = 5.0"))
    for command in ("report", "compare", "runs"):
        line = error_line(normlab(command, "first"))
        assert "study.toml is not as normlab wrote it: `normlab compare normlab-out/first/study.toml` takes" in line


@pytest.mark.slow
def test_a_store_of_another_format_is_refused(normlab: Run, project: Path) -> None:
    """By its number, or because it is another program's file; nothing is converted and nothing deleted."""
    with closing(sqlite3.connect(project / "runs.db")) as store:
        store.execute("PRAGMA user_version = 2")
    before = contents(project)
    for command in (["report", "first"], ["compare", "first"], ["runs"], ["compare", "--norms", "bn"]):
        line = error_line(normlab(*command))
        assert "runs.db has an older format than this normlab's, or another program's: choose another --out" in line
    assert contents(project) == before


@pytest.mark.parametrize("place", ["normlab-out/runs.sqlite", "normlab-out/old/runs.sqlite"])
@pytest.mark.slow
def test_what_an_older_normlab_left_is_refused(normlab: Run, tmp_path: Path, place: str) -> None:
    """Both as a project and as the folder of one study."""
    (tmp_path / place).parent.mkdir(parents=True)
    (tmp_path / place).write_bytes(b"of the first house")
    for command in (["compare", "old"], ["report", "old"], ["compare", "--norms", "bn", "--name", "old"]):
        assert "older" in error_line(normlab(*command))
    assert (tmp_path / place).read_bytes() == b"of the first house"


def test_what_is_no_database_is_refused(normlab: Run, project: Path) -> None:
    """With the ways out; the file is left as it is."""
    (project / "runs.db").write_bytes(b"no database" * 100)
    for command in (["report", "first"], ["compare", "first"], ["runs"]):
        assert "runs.db is damaged (file is not a database): put a copy of it back" in error_line(normlab(*command))
    assert (project / "runs.db").read_bytes() == b"no database" * 100


@pytest.mark.slow
def test_a_damaged_run_is_named_before_anything_is_trained(normlab: Run, project: Path) -> None:
    """An accuracy that was edited: the run's name and --repair; a seed more is not trained meanwhile."""
    with closing(sqlite3.connect(project / "runs.db")) as store, store:
        store.execute('UPDATE run SET judged_correct = 9999 WHERE seed = 1 AND recipe LIKE \'%"norm":"bn"%\'')
    for command in (["report", "first"], ["compare", "first"], ["compare", "first", "--seeds", "3"]):
        line = error_line(normlab(*command))
        assert "damaged in the store: bn · seed 1 (its row was changed); give the study's command again with" in line
    assert "seed 1 (its row was changed)" in error_line(normlab("runs"))


@pytest.mark.long
def test_a_file_in_the_place_of_the_project_is_one_line(normlab: Run, tmp_path: Path) -> None:
    """A device or a file where the project's folder should be is named, and left as it is."""
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path / "file", Path("/dev/null")):
        assert f"{path} is a file, and a folder is expected" in error_line(normlab("compare", "--out", str(path)))
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.long
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
