import gzip
import hashlib
import io
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from own_images import noise, write_folders
from PIL import Image
from rich.console import Console
from typer.testing import CliRunner, Result

from normlab.cli.bars import downloads
from normlab.cli.data import app
from normlab.data import Dataset, catalog, idx
from normlab.data.entry import Entry, Mirror
from normlab.errors import CorruptData, DataError, DataUnavailable, SpecError, UnknownName
from normlab.events import Fetched

FILES = {
    "train-images-idx3-ubyte": ((2, 2, 2), b"12345678"),
    "train-labels-idx1-ubyte": ((2,), b"\0\1"),
    "t10k-images-idx3-ubyte": ((1, 2, 2), b"1234"),
    "t10k-labels-idx1-ubyte": ((1,), b"\1"),
}
RAW = {name: idx.header(shape) + values for name, (shape, values) in FILES.items()}


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine with the four files, zipped."""
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name, content in RAW.items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(content))
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(autouse=True)
def root(tmp_path: Path, mirror: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and `tiny` as the only data set."""
    files = tuple(catalog.idx_file(name, FILES[name][0], hashlib.sha256(RAW[name]).hexdigest()) for name in FILES)
    train, test, ways = files[:2], files[2:], (Mirror(mirror),)
    entry = Entry("tiny", "three squares", "idx", (), train, test, ways, ("a", "b"), (0.5,), (0.5,))
    # The whole dict: deleting and restoring its keys would leave them in another order for the tests that follow.
    monkeypatch.setattr(catalog, "CATALOG", {"tiny": entry})
    monkeypatch.setenv("NORMLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "data"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_list_says_how_to_get_what_is_not_here() -> None:
    """A data set that is not here has the command that brings it."""
    done = run("list")
    assert done.exit_code == 0
    assert done.stdout.split("  ")[0] == "tiny"
    assert "3 images  three squares" in done.stdout
    assert "not here, `normlab data fetch tiny` brings it" in done.stdout


def test_fetch_brings_the_files_and_says_where(root: Path) -> None:
    """After fetch, list has the folder; stderr, no terminal here, had one plain line a file."""
    done = run("fetch", "tiny")
    assert done.exit_code == 0
    assert done.stdout == f"tiny is in {root / 'tiny'}\n"
    lines = done.stderr.splitlines()
    assert [line.split(" from ")[0] for line in lines if line.startswith("fetching")] == [
        f"fetching {name}.gz" for name in RAW
    ]
    assert run("list").stdout.rstrip().endswith(str(root / "tiny"))


def test_fetch_of_what_is_here_fetches_nothing() -> None:
    """A second fetch only says where the data set is."""
    run("fetch", "tiny")
    again = run("fetch", "tiny")
    assert again.exit_code == 0
    assert again.stderr == ""


def test_fetch_of_an_unknown_name_fails() -> None:
    """The error names the data sets; the main command prints it."""
    assert isinstance(run("fetch", "mnits").exception, UnknownName)


def test_verify_prints_one_line_a_file() -> None:
    """Four files that are right give four lines with ok and exit code 0."""
    run("fetch", "tiny")
    done = run("verify")
    assert done.exit_code == 0
    assert [line.split()[:3] for line in done.stdout.splitlines()] == [["tiny", name, "ok"] for name in RAW]


def test_verify_of_a_corrupt_file_fails_and_names_the_way_out(root: Path) -> None:
    """A corrupt file is a line with both digests, exit code 1 and an error with the command that mends it."""
    run("fetch", "tiny")
    (root / "tiny" / "t10k-images-idx3-ubyte").write_bytes(b"damaged")
    done = run("verify", "tiny")
    assert done.exit_code == 1
    assert [line.split()[2] for line in done.stdout.splitlines()] == ["ok", "ok", "corrupt", "ok"]
    assert isinstance(done.exception, CorruptData)
    assert "`normlab data fetch tiny` brings the right ones" in str(done.exception)
    assert run("fetch", "tiny").exit_code == run("verify", "tiny").exit_code == 0


def test_verify_of_a_missing_file_fails(root: Path) -> None:
    """A file that is not there, where the others are, is a line with missing, and what brings it is named."""
    run("fetch", "tiny")
    (root / "tiny" / "t10k-images-idx3-ubyte").unlink()
    done = run("verify", "tiny")
    assert done.exit_code == 1
    assert [line.split()[2] for line in done.stdout.splitlines()] == ["ok", "ok", "missing", "ok"]
    assert "`normlab data fetch tiny` brings the right ones" in str(done.exception)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.timeout(30)
@pytest.mark.parametrize("put", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_verify_passes_no_folder_pipe_or_device(root: Path, put: Callable[[Path], None]) -> None:
    """In the place of a file it is corrupt, and nobody waits for it."""
    run("fetch", "tiny")
    path = root / "tiny" / "t10k-images-idx3-ubyte"
    path.unlink()
    put(path)
    done = run("verify", "tiny")
    assert done.exit_code == 1
    assert [line.split()[2] for line in done.stdout.splitlines()] == ["ok", "ok", "corrupt", "ok"]
    assert f"{path}: expected a file, got a folder, a pipe or a device" in done.stdout


@pytest.mark.parametrize("words", [("verify",), ("verify", "tiny")])
def test_verify_with_nothing_here_fails(words: tuple[str, ...]) -> None:
    """Nothing to verify is no success."""
    done = run(*words)
    assert done.exit_code == 1
    assert isinstance(done.exception, DataUnavailable)
    assert "nothing to verify: no file of tiny is here" in str(done.exception)


def test_a_terminal_gets_a_bar_with_the_bytes() -> None:
    """On a terminal each download is a bar with its name and how many bytes are done."""
    screen = io.StringIO()
    with downloads(Console(file=screen, force_terminal=True, width=100)) as tell:
        tell(Fetched("some.gz from a.host", 0, 0))
        tell(Fetched("some.gz from a.host", 500, 1000))
    assert "some.gz from a.host" in screen.getvalue()
    assert "500 bytes of 1.0 kB" in screen.getvalue()


@pytest.mark.parametrize("words", [(), ("list",), ("fetch",), ("verify",)])
def test_every_command_has_help(words: tuple[str, ...]) -> None:
    """Help says what the command does, with an example, and where NORMLAB_DATA comes in."""
    done = run(*words, "--help")
    assert done.exit_code == 0
    assert ("normlab data " if words else "NORMLAB_DATA") in done.stdout


def test_the_real_data_set_verifies(mnist: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the shared fixture loaded is what `verify` calls ok."""
    monkeypatch.undo()
    done = run("verify", mnist.name)
    assert [line.split()[2] for line in done.stdout.splitlines()] == ["ok"] * 4


def test_show_says_what_a_folder_has(tmp_path: Path) -> None:
    """In words, as JSON, and as a contact sheet; an image that is in both splits is counted."""
    arrays = noise()
    folder = write_folders(tmp_path / "photos", replace(arrays, test=arrays.train[:6]))
    done = run("show", str(folder), "--sheet", str(tmp_path / "sheet.png"))
    assert done.exit_code == 0
    first, *_ = done.stdout.splitlines()
    assert first == "photos: image folders, 12 + 6 grey 10×8, 3 classes"
    assert "6 test images are also training images; 0 training images are there twice" in done.stdout
    assert "class 2         4 train         2 test" in done.stdout
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.format == "PNG"
    told = json.loads(run("show", str(folder), "--resize", "4", "--format", "json").stdout)
    assert (told["shape"], told["in_both"], told["classes"][0]["train"]) == ([1, 4, 4], 6, 4)


def test_show_of_a_data_set_with_a_name_counts_its_images() -> None:
    """The same for what the catalog has."""
    run("fetch", "tiny")
    assert run("show", "tiny").stdout.startswith("tiny: three squares, 2 + 1 grey 2×2, 2 classes\n")


def test_show_refuses_what_is_no_data_set(tmp_path: Path) -> None:
    """One line, from the tree of errors."""
    assert isinstance(run("show", str(tmp_path / "nothing")).exception, DataError)
    assert isinstance(run("show", "tiny", "--resize", "4").exception, SpecError)
    assert isinstance(run("show", str(tmp_path), "--bad-images", "perhaps").exception, SpecError)
