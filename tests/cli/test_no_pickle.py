"""No pickle is read or written anywhere: reading one runs the code that is in it."""

from __future__ import annotations

import ast
import io
import pickletools
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import normlab
from normlab.cli import app

pytestmark = pytest.mark.slow  # every source is read

SOURCE = Path(normlab.__file__).parent
FORBIDDEN = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "shelve"}
UNSAFE = {"torch.load", "torch.save", "pandas.read_pickle", "pd.read_pickle", "yaml.load", "yaml.unsafe_load", "eval"}
ARRAYS = {"np.load", "np.save", "np.savez", "numpy.load", "numpy.save"}


def trees() -> Iterator[tuple[str, ast.AST]]:
    """Every source file, parsed."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield str(path.relative_to(SOURCE)), ast.parse(path.read_text(encoding="utf-8"))


@pytest.mark.long
def test_no_source_imports_what_reads_pickles() -> None:
    """`pickletools`, which only lists what a pickle says, is none of them."""
    imported = [
        (place, name)
        for place, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
    ]
    assert len(imported) > 1000
    assert [each for each in imported if each[1].partition(".")[0] in FORBIDDEN] == []


@pytest.mark.long
def test_no_source_calls_what_reads_pickles() -> None:
    """Arrays of numpy are read and written with pickles switched off."""
    bad = []
    for place, tree in trees():
        for node in (each for each in ast.walk(tree) if isinstance(each, ast.Call)):
            called = ast.unparse(node.func)
            if called == "yaml.load" and ast.unparse(node.args[1]).startswith("_plain("):
                continue  # a reader of plain values, see the test below
            switched_off = any(
                word.arg == "allow_pickle" and isinstance(word.value, ast.Constant) and word.value.value is False
                for word in node.keywords
            )
            if called in UNSAFE or (called in ARRAYS and not switched_off):
                bad.append(f"{place}:{node.lineno} {called}")
    assert bad == []


def is_pickle(content: bytes) -> bool:
    """Whether all of it is what Python's pickle writes, or it is a zip with such a file in it, as PyTorch's are."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            return any(is_pickle(opened.read(name)) for name in opened.namelist())
    try:
        return content[:1] == b"\x80" and all(pickletools.genops(content))
    except ValueError:
        return False


def test_no_file_of_a_study_is_a_pickle(project: Path) -> None:
    """The store, weights, the study's file and the report."""
    from typer.testing import CliRunner

    assert CliRunner().invoke(app, ["report", "first", "--out", str(project)]).exit_code == 0
    written = [path for path in project.rglob("*") if path.is_file()]
    assert {path.suffix for path in written} == {".db", ".safetensors", ".toml", ".html", ".txt"}
    assert [path.name for path in written if is_pickle(path.read_bytes())] == []


def test_yaml_makes_no_object_and_grows_no_forest(tmp_path: Path) -> None:
    """A tag that would be run is left out; aliases of aliases are refused, or cost nothing."""
    from normlab.tables.sources import yaml_files

    ran = tmp_path / "ran"
    (tmp_path / "a.yaml").write_text(f"a: !!python/object/apply:pathlib.Path.touch [{ran}]\nb: 1\n")
    yaml_files.load(tmp_path / "a.yaml")
    assert not ran.exists()
