"""Reading leaves a project as it was, and refuses what is not a project's store."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from stub_runs import job, look, record

from normlab.errors import StoreError
from normlab.store import Store
from normlab.store.database import FILE, connected, empty, lay_down


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with one run, that nobody has open."""
    with Store.open(tmp_path / "project") as store:
        store.commit(record(job()))
        store.note("norms", "", [job().key])
        store.look(look(job(), job(norm="ln")))
    return tmp_path / "project"


def footprints(folder: Path) -> dict[str, Any]:
    """Everything in a folder, itself included: size, times of content and of the entry, bytes."""
    found = {}
    for path in (folder, *folder.rglob("*")):
        state = path.stat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (state.st_ino, state.st_mode, state.st_size, state.st_mtime_ns, state.st_ctime_ns, content)
    return found


def read_all(project: Path) -> None:
    """Everything that can be read."""
    store = Store.reading(project, needed=True)
    [run] = store.runs([job()])
    assert run.predictions.size
    assert run.weights
    assert store.finals([job()])
    assert store.listing()
    assert store.studies()
    assert store.noted("norms")
    assert store.looks([job().recipe.digest, job(norm="ln").recipe.digest])
    assert store.unused().keys == ()
    assert store.tested([job()]) == store.damaged([job()], deep=True) == {}


def test_reading_touches_nothing(project: Path) -> None:
    """No file is made, changed or renamed, not even for a moment that a folder's time would tell of."""
    before = footprints(project)
    read_all(project)
    assert footprints(project) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_read(project: Path) -> None:
    """By somebody who may only read it; who is root, and may write everywhere, becomes somebody else for that."""
    script = """
        import os, sys
        from pathlib import Path
        from test_reading import read_all

        os.geteuid() or os.setuid(65534)
        project = Path(sys.argv[1])
        read_all(project)
        print(os.access(project, os.W_OK))
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        copy = Path(shutil.copytree(project, Path(folder) / "project"))
        for path in (*copy.rglob("*"), copy):
            path.chmod(0o555 if path.is_dir() else 0o444)
        command = [sys.executable, "-c", textwrap.dedent(script), str(copy)]
        modules = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
        where = {**os.environ, "PYTHONPATH": modules}
        told = subprocess.run(command, capture_output=True, text=True, check=True, env=where)
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o755)
    assert told.stdout == "False\n"


def test_a_folder_without_a_store_reads_as_empty(tmp_path: Path) -> None:
    """And stays without one."""
    store = Store.reading(tmp_path / "nowhere")
    assert store.runs([job()]) == store.listing() == store.studies() == store.looks(["a", "b"]) == []
    assert store.have([job().key]) == set()
    assert store.noted("norms") is None
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_was_made_and_not_filled_reads_as_empty(tmp_path: Path) -> None:
    """A process that was killed at its start leaves one; it is filled by the next that writes."""
    (tmp_path / "runs.db").touch()
    assert Store.reading(tmp_path).listing() == []
    with Store.open(tmp_path) as store:
        assert store.commit(record(job()))


def test_a_store_that_is_needed_is_asked_for(tmp_path: Path) -> None:
    """Where there is none, the error says what was expected and what makes it."""
    with pytest.raises(StoreError, match=r"holds no runs: expected a folder with runs\.db, as `normlab compare`"):
        Store.reading(tmp_path, needed=True)


def test_what_a_killed_writer_left_in_its_log_is_read(project: Path, tmp_path: Path) -> None:
    """A log that was never folded into the file is part of the store."""
    with Store.open(project) as store:
        store.commit(record(job(1)))
        shutil.copytree(project, tmp_path / "killed")
    assert (tmp_path / "killed" / "runs.db-wal").stat().st_size
    assert len(Store.reading(tmp_path / "killed").runs([job(), job(1)])) == 2


def test_a_writer_that_comes_meanwhile_is_noticed(project: Path) -> None:
    """A question during which the file changed is asked again, so that its answer is of one state."""
    store, answers = Store.reading(project), []

    def question(db: sqlite3.Connection) -> int:
        count = int(db.execute("SELECT count(*) FROM run").fetchone()[0])
        if not answers:
            with Store.open(project) as writer:
                writer.commit(record(job(1)))
        answers.append(count)
        return count

    assert store._ask(question) == 2
    assert answers == [1, 2]


def older_format(project: Path) -> None:
    db = sqlite3.connect(project / "runs.db")
    db.execute("PRAGMA user_version = 2")
    db.close()


def first_house(project: Path) -> None:
    (project / "runs.db").rename(project / "runs.sqlite")


def another_program(project: Path) -> None:
    (project / "runs.db").unlink()
    db = sqlite3.connect(project / "runs.db")
    db.execute("CREATE TABLE songs (title)")
    db.close()


@pytest.mark.parametrize("spoil", [older_format, first_house, another_program])
@pytest.mark.parametrize("way", [Store.open, Store.reading])
def test_another_format_is_refused_and_left_alone(project: Path, spoil: Any, way: Any) -> None:
    """In one line, with the way out, and nothing is written to it."""
    spoil(project)
    before = footprints(project)
    with pytest.raises(StoreError, match=r"runs\.(db|sqlite) has an older format.*--out, or delete it"):
        way(project)
    assert footprints(project) == before


def rubbish(project: Path) -> None:
    (project / "runs.db").write_bytes(b"not a database" * 1000)


def pipe(project: Path) -> None:
    (project / "runs.db").unlink()
    os.mkfifo(project / "runs.db")


def link(project: Path) -> None:
    (project / "runs.db").rename(project / "elsewhere")
    (project / "runs.db").symlink_to(project / "elsewhere")


def no_folder(project: Path) -> None:
    shutil.rmtree(project)
    project.write_text("a file")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("spoil", [rubbish, pipe, link, no_folder])
@pytest.mark.parametrize("way", [Store.open, Store.reading])
def test_what_is_no_store_is_one_line(project: Path, spoil: Any, way: Any) -> None:
    """Rubbish, a pipe that nobody waits for, a link, a file in the place of the folder."""
    spoil(project)
    with pytest.raises(StoreError, match=r"^[^\n]*--out[^\n]*$"):
        way(project)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_folder_that_cannot_be_made_is_one_clear_line() -> None:
    """An impossible folder is a StoreError that names it and the way out."""
    with pytest.raises(StoreError, match=r"/dev/full/.*--out"):
        Store.open(Path("/dev/full/project"))


@pytest.mark.parametrize("when", range(4))
def test_tables_may_come_while_one_looks_for_them(tmp_path: Path, when: int) -> None:
    """Whatever statement another process gets in between: the file is still empty or it is ours, never a stranger's."""
    path = tmp_path / FILE
    with closing(sqlite3.connect(path)) as new:
        new.execute("PRAGMA journal_mode=WAL")
    before = iter(range(when))

    def laid_down(_statement: str) -> None:
        if next(before, None) is None:
            reader.set_trace_callback(None)
            with closing(connected(path)) as writer:
                lay_down(writer)

    with closing(connected(path)) as reader:
        reader.set_trace_callback(laid_down)
        assert empty(reader, tmp_path) in (True, False)
