import gzip
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from normlab.data import Dataset, cache, idx
from normlab.data.catalog import FASHION_MNIST, MNIST
from normlab.errors import CorruptData, DataError

LABELS = 3


def test_without_the_variable_the_root_is_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform says where caches live."""
    monkeypatch.delenv(cache.VARIABLE, raising=False)
    assert cache.root().name == "normlab"
    assert cache.root().is_absolute()


def test_the_variable_moves_the_root(root: Path, tiny) -> None:
    """NORMLAB_DATA names the folder, and a data set is written below it."""
    assert cache.root() == root
    assert cache.prepare(tiny.entry) == root / "tiny"
    assert (root / "tiny").is_dir()


@pytest.mark.parametrize("layout", ["tiny", "Tiny/raw", "."])
@pytest.mark.parametrize("spelling", [0, 1, 2, 3])
def test_a_file_is_found_in_every_layout_and_spelling(root: Path, tiny, layout: str, spelling: int) -> None:
    """Our folder, torchvision's and the root itself; a dash or a dot before idx; plain or zipped."""
    file = tiny.entry.files[0]
    path = root / layout / file.spellings[spelling]
    path.parent.mkdir(parents=True, exist_ok=True)
    content = tiny.raw[file.name]
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    assert cache.find(tiny.entry, file) == path
    assert cache.read(tiny.entry, file, path) == content
    assert sorted(p for p in root.rglob("*") if p.is_file()) == [path]  # reading wrote nothing


def test_what_was_fetched_goes_before_what_lies_elsewhere(root: Path, tiny) -> None:
    """Normlab's own folder is searched first, so that fetching mends a corrupt file elsewhere."""
    for folder in (root, root / "Tiny" / "raw", root / "tiny"):
        tiny.put(folder)
    assert cache.find(tiny.entry, tiny.entry.files[0]).parent == root / "tiny"


def test_the_files_of_another_data_set_in_the_root_are_passed_over(root: Path, mnist: Dataset) -> None:
    """MNIST's files right in the root are not taken for Fashion-MNIST's, which have the same names."""
    path = root / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(idx.header((10_000,)) + mnist.test_labels.astype(np.uint8).tobytes()))
    assert cache.find(MNIST, MNIST.files[LABELS]) == path
    assert cache.find(FASHION_MNIST, FASHION_MNIST.files[LABELS]) is None


def test_damaged_labels_in_the_root_are_still_found(root: Path) -> None:
    """Files in the root that belong to no data set are the user's attempt: found, so that reading names the fault."""
    path = root / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(b"no gzip file")
    assert cache.find(MNIST, MNIST.files[LABELS]) == path


def test_a_corrupt_file_is_named_with_both_digests_and_the_way_out(root: Path, tiny) -> None:
    """The error has the path, what was expected, what came, and what to do."""
    tiny.put(root)
    file = tiny.entry.files[1]
    path = root / file.name
    path.write_bytes(bytes(file.size))
    with pytest.raises(CorruptData) as error:
        cache.read(tiny.entry, file, path)
    assert str(path) in str(error.value)
    assert f"expected SHA-256 {file.sha256}, got " in str(error.value)
    assert "delete the file or run `normlab data fetch tiny`" in str(error.value)


def test_a_file_that_cannot_be_read_is_one_clear_error(root: Path, tiny) -> None:
    """A path that is no file raises DataError with the system's reason."""
    with pytest.raises(DataError, match=r"^cannot read .*: Is a directory$"):
        cache.read(tiny.entry, tiny.entry.files[0], root)


def test_a_root_that_cannot_be_searched_is_one_clear_error(tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder's name that the system refuses raises DataError, not OSError."""
    monkeypatch.setenv(cache.VARIABLE, "/" + "x" * 5000)
    with pytest.raises(DataError, match="File name too long"):
        cache.find(tiny.entry, tiny.entry.files[0])


def test_a_root_below_a_file_is_one_clear_error(root: Path, tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that cannot be made raises DataError with the way out."""
    (root / "file").write_bytes(b"")
    monkeypatch.setenv(cache.VARIABLE, str(root / "file"))
    with pytest.raises(DataError, match=r"cannot write .*: Not a directory; make room or set NORMLAB_DATA"):
        cache.prepare(tiny.entry)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_clear_error(root: Path) -> None:
    """Without permission to write there is a DataError, and no traceback."""
    root.chmod(0o500)
    with pytest.raises(DataError, match="Permission denied; make room or set NORMLAB_DATA"):
        cache.write(root / "file", b"content")


def test_a_disk_without_room_leaves_the_old_file_and_nothing_else(root: Path) -> None:
    """A write that the system stops midway raises DataError; the old content stays and the partial file goes."""
    path = root / "file"
    cache.write(path, b"old")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(DataError, match=r"cannot write .*: File too large"):
            cache.write(path, bytes(1 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert path.read_bytes() == b"old"
    assert list(root.iterdir()) == [path]


@pytest.mark.slow
def test_a_killed_writer_leaves_the_file_whole(root: Path) -> None:
    """Kill a process that keeps writing: the file is one of its two contents, never a part of one."""
    path = root / "file"
    code = (
        "import sys; from pathlib import Path; from normlab.data import cache\n"
        "while True:\n"
        "    for letter in (b'a', b'b'): cache.write(Path(sys.argv[1]), letter * (4 << 20))\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
    try:
        for _ in range(1000):
            if path.exists():
                break
            time.sleep(0.01)
        for _ in range(20):
            assert path.read_bytes() in (b"a" * (4 << 20), b"b" * (4 << 20))
    finally:
        writer.kill()
        writer.wait()
    assert path.read_bytes() in (b"a" * (4 << 20), b"b" * (4 << 20))
