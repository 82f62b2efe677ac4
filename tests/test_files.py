from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normlab import files

OLD, NEW = b"old" * 100_000, b"new" * 100_000


@given(st.binary())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back(tmp_path: Path, payload: bytes) -> None:
    """The file holds exactly the bytes given, and the path comes back."""
    path = tmp_path / "file.bin"
    assert files.write(path, payload) == path
    assert path.read_bytes() == payload


def test_missing_folders_are_made(tmp_path: Path) -> None:
    """A path deep in folders that are not there yet is written all the same."""
    assert files.write(tmp_path / "a" / "b" / "file", b"x").read_bytes() == b"x"


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    """After a second write the folder holds one file, the new one."""
    path = tmp_path / "file"
    files.write(path, OLD)
    files.write(path, NEW)
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == NEW


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_who_may_read_it_is_for_the_umask_to_say(tmp_path: Path, umask: int, mode: int) -> None:
    """A report in a shared folder is readable, and a private one stays private."""
    before = os.umask(umask)
    try:
        assert files.write(tmp_path / "file", b"x").stat().st_mode & 0o777 == mode
    finally:
        os.umask(before)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
@pytest.mark.timeout(10)
def test_only_a_plain_file_is_opened(tmp_path: Path) -> None:
    """A pipe is not waited for; a device, a folder, and what is longer than it may be are refused."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(OSError, match="expected a plain file, got a pipe, a device or a folder"):
            files.content(path, 10)
    (tmp_path / "file").write_bytes(bytes(11))
    assert files.content(tmp_path / "file", 11) == bytes(11)
    with pytest.raises(OSError, match="at most 10 bytes"):
        files.content(tmp_path / "file", 10)


def test_a_folder_in_the_way_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    """Where the rename fails the temporary file is removed."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        files.write(tmp_path / "taken", NEW)
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """The system refuses the payload half-way: the old bytes stay and no temporary file is left."""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    code = """
        import resource, signal, sys
        from pathlib import Path
        from normlab import files
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            files.write(Path(sys.argv[1]), bytes(5000))
        except OSError as error:
            sys.exit(error.errno)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), str(path)], check=False)
    assert done.returncode == errno.EFBIG
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    """Whenever the writer is killed, the file is the old one or the new one."""
    path = tmp_path / "file"
    files.write(path, OLD)
    code = """
        import sys
        from pathlib import Path
        from normlab import files
        while True:
            for word in (b"new", b"old"):
                files.write(Path(sys.argv[1]), word * 100_000)
                print("written", flush=True)
    """
    for pause in (0.0, 0.003, 0.01):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), str(path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(pause)
            writer.kill()
        assert path.read_bytes() in (OLD, NEW)


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """While one thread writes again and again, another always reads one of the two payloads."""
    path = files.write(tmp_path / "file", OLD)

    def write_often() -> None:
        for payload in [NEW, OLD] * 20:
            files.write(path, payload)

    writer = Thread(target=write_often)
    writer.start()
    while writer.is_alive():
        assert path.read_bytes() in (OLD, NEW)
    writer.join()
