"""CIFAR's and SVHN's files, and IDX files that are pinned zipped: made here, read as the published ones."""

from __future__ import annotations

import gzip
import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import savemat

from normlab.data import cache, catalog, cifar, idx, load, svhn
from normlab.data.entry import Entry, RawFile
from normlab.data.moments import counts, moments
from normlab.errors import CorruptData

RNG = np.random.default_rng(0)


def pinned(name: str, content: bytes, shape: tuple[int, ...]) -> RawFile:
    return RawFile(name, hashlib.sha256(content).hexdigest(), len(content), shape)


@pytest.mark.parametrize("labels", [1, 2])
def test_records_become_planes_and_fine_labels(labels: int) -> None:
    """A record's last label counts, its pixels are three planes of rows, and files follow one another."""
    images = RNG.integers(0, 256, (7, 3, 32, 32), dtype=np.uint8)
    classes = RNG.integers(0, 100, (7, labels), dtype=np.uint8)
    records = np.hstack([classes, images.reshape(7, -1)])
    contents = [records[:4].tobytes(), records[4:].tobytes()]
    files = [pinned("a.bin", contents[0], (4, 3072 + labels)), pinned("b.bin", contents[1], (3, 3072 + labels))]
    read, found = cifar.read(files, contents)
    assert (read.dtype, found.dtype) == (np.uint8, np.int64)
    assert np.array_equal(read, images)
    assert np.array_equal(found, classes[:, -1])


def test_house_numbers_lose_their_ten() -> None:
    """MATLAB has the images last and calls the digit 0 ten."""
    images = RNG.integers(0, 256, (5, 3, 32, 32), dtype=np.uint8)
    content = io.BytesIO()
    savemat(content, {"X": images.transpose(2, 3, 1, 0), "y": np.array([[1], [9], [10], [5], [10]], np.uint8)})
    read, found = svhn.read([pinned("x.mat", content.getvalue(), images.shape)], [content.getvalue()])
    assert np.array_equal(read, images)
    assert read.flags.c_contiguous
    assert found.tolist() == [1, 9, 0, 5, 0]


@given(st.integers(1, 5), st.integers(1, 6), st.integers(1, 6))
def test_idx_files_may_be_pinned_zipped(count: int, height: int, width: int) -> None:
    """As KMNIST's are, of which only the zipped files have published checksums."""
    images = RNG.integers(0, 256, (count, height, width), dtype=np.uint8)
    raw = idx.header(images.shape) + images.tobytes(), idx.header((count,)) + bytes(count)
    contents = [gzip.compress(each) for each in raw]
    files = [
        pinned("images-idx3-ubyte.gz", contents[0], images.shape),
        pinned("labels-idx1-ubyte.gz", contents[1], (count,)),
    ]
    read, found = idx.read(files, contents)
    assert np.array_equal(read, images[:, np.newaxis])
    assert found.tolist() == [0] * count


def test_a_zipped_file_that_holds_more_is_refused() -> None:
    """Its shape is known, and no more than that is unzipped."""
    content = gzip.compress(idx.header((2,)) + bytes(2000))
    file = pinned("labels-idx1-ubyte.gz", content, (2,))
    with pytest.raises(CorruptData, match="expected 2 values after the header, got 3"):
        idx.read([file, file], [content, content])


def test_a_file_pinned_zipped_is_found_and_read_as_it_is(root: Path) -> None:
    """It is not unzipped before its checksum is taken, and has no second ending."""
    content = gzip.compress(b"published")
    file = pinned("t10k-labels-idx1-ubyte.gz", content, (9,))
    (root / "t10k-labels.idx1-ubyte.gz").write_bytes(content)
    entry = Entry("zipped", "", "idx", (), (file,), (file,), (), ())
    path = cache.find(entry, file)
    assert path == root / "t10k-labels.idx1-ubyte.gz"
    assert cache.read(entry, file, path) == content


def test_files_of_one_name_in_the_root_are_told_apart(root: Path, tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """KMNIST's zipped labels are not taken for MNIST's, nor MNIST's, zipped by somebody, for KMNIST's."""
    name = "t10k-labels-idx1-ubyte"
    own, others = gzip.compress(idx.header((3,)) + b"abc"), gzip.compress(tiny.raw[name])
    zipped = Entry("zipped", "", "idx", (), (), (pinned(f"{name}.gz", own, (3,)),), (), ())
    monkeypatch.setattr(catalog, "CATALOG", {"tiny": tiny.entry, "zipped": zipped})
    path = root / f"{name}.gz"
    for content, whose in ((own, zipped), (others, tiny.entry)):
        path.write_bytes(content)
        found = {entry.name: cache.find(entry, entry.test[-1]) for entry in (zipped, tiny.entry)}
        assert found == {"zipped": None, "tiny": None} | {whose.name: path}


def test_the_usual_folders_are_searched(root: Path) -> None:
    """CIFAR's as the official archive unpacks it, KMNIST's as torchvision has it."""
    for name, place in (
        ("cifar10", "cifar-10-batches-bin"),
        ("cifar100", "cifar-100-binary"),
        ("kmnist", "KMNIST/raw"),
    ):
        entry = catalog.entry(name)
        path = root / place / entry.files[0].name
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
        assert cache.find(entry, entry.files[0]) == path


@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 5))
def test_moments_are_those_of_the_pixels(channels: int, count: int, side: int) -> None:
    """Counted by level, and the same as of floats; what is all of one level is divided by 1."""
    images = RNG.integers(0, 256, (count, channels, side, side), dtype=np.uint8)
    mean, std = moments(counts(images))
    np.testing.assert_allclose(mean, (images / 255).mean((0, 2, 3)), atol=1e-12)
    of_floats = (images / 255).std((0, 2, 3))
    np.testing.assert_allclose(std, np.where(np.ptp(images, (0, 2, 3)), of_floats, 1), atol=1e-12)


def test_moments_that_are_not_pinned_are_worked_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the training images alone."""
    train, test = (RNG.integers(0, 256, (n, 3073), dtype=np.uint8) for n in (4, 2))
    files = [pinned(f"{n}.bin", part.tobytes(), part.shape) for n, part in (("train", train), ("test", test))]
    entry = Entry("made", "", "cifar", (), (files[0],), (files[1],), (), tuple("0123456789"))
    monkeypatch.setitem(catalog.CATALOG, "made", entry)
    for file, part in zip(files, (train, test), strict=True):
        (root / file.name).write_bytes(part.tobytes())
    data = load("made")
    assert (data.mean, data.std) == moments(counts(data.train_images))
    assert data.test_labels.tolist() == test[:, 0].tolist()
    assert not data.train_images.flags.writeable


@pytest.mark.network
@pytest.mark.long
def test_cifar_10_is_the_published_one() -> None:
    """The real images, from wherever they come: 5,000 and 1,000 of each class, the first labels, the pinned moments."""
    data = load("cifar10")
    assert (data.train_images.shape, data.test_images.shape) == ((50_000, 3, 32, 32), (10_000, 3, 32, 32))
    assert np.bincount(data.train_labels).tolist() == [5000] * 10
    assert np.bincount(data.test_labels).tolist() == [1000] * 10
    assert [data.classes[label] for label in data.train_labels[:4]] == ["frog", "truck", "truck", "deer"]
    for ours, counted in zip((data.mean, data.std), moments(counts(data.train_images)), strict=True):
        assert ours == pytest.approx(counted, abs=5e-5)
