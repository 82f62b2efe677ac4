import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from normlab.data import Dataset, datasets, load
from normlab.data.catalog import CATALOG
from normlab.errors import UnknownName


def test_mnist_is_the_published_one(mnist: Dataset) -> None:
    """The real files: 60,000 and 10,000 images of 28×28, the first labels as everyone knows them."""
    assert mnist.train_images.shape == (60_000, 1, 28, 28)
    assert mnist.test_images.shape == (10_000, 1, 28, 28)
    assert mnist.train_images.dtype == mnist.test_images.dtype == np.uint8
    assert mnist.train_labels.dtype == mnist.test_labels.dtype == np.int64
    assert mnist.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(mnist.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_a_data_set_prints_as_one_line(mnist: Dataset) -> None:
    """How much of what, and no arrays."""
    assert repr(mnist) == "Dataset('mnist', 60,000 training and 10,000 test images of 1×28×28, 10 classes)"


@pytest.mark.network
def test_fashion_mnist_is_the_published_one() -> None:
    """The real files: the same shapes, ten classes of equal size."""
    fashion = load("fashion-mnist")
    assert fashion.train_images.shape == (60_000, 1, 28, 28)
    assert np.bincount(fashion.train_labels).tolist() == [6000] * 10
    assert np.bincount(fashion.test_labels).tolist() == [1000] * 10
    assert fashion.classes[fashion.train_labels[0]] == "Ankle boot"
    assert fashion.train_images.mean() / 255 == pytest.approx(fashion.mean[0], abs=5e-5)
    assert fashion.train_images.std() / 255 == pytest.approx(fashion.std[0], abs=5e-5)


@pytest.mark.slow
def test_mean_and_deviation_are_those_of_the_training_images(mnist: Dataset) -> None:
    """The pinned numbers are the images' own, to four digits."""
    assert mnist.train_images.mean() / 255 == pytest.approx(mnist.mean[0], abs=5e-5)
    assert mnist.train_images.std() / 255 == pytest.approx(mnist.std[0], abs=5e-5)


def test_a_data_set_cannot_be_changed(mnist: Dataset) -> None:
    """Neither the fields nor the arrays can be written."""
    with pytest.raises(FrozenInstanceError):
        mnist.name = "other"  # type: ignore[misc]
    for array in (mnist.train_images, mnist.train_labels, mnist.test_images, mnist.test_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_images_get_a_channel_and_labels_their_type(root: Path, tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """The arrays hold the files' values; nothing is scaled, moved or reordered."""
    monkeypatch.setitem(CATALOG, "tiny", tiny.entry)
    tiny.put(root)
    data = load("tiny")
    assert data.train_images.shape == (6, 1, 4, 5)
    assert data.train_images.tobytes() == tiny.raw["train-images-idx3-ubyte"][16:]
    assert data.test_labels.tolist() == list(tiny.raw["t10k-labels-idx1-ubyte"][8:])
    assert data.digest == tiny.entry.digest


@pytest.mark.parametrize("verb", [load, datasets.fetch, datasets.verify])
def test_an_unknown_name_is_refused(verb) -> None:
    """Every verb says which data sets there are."""
    with pytest.raises(UnknownName, match=r"unknown data set 'cifar': did you mean cifar10 or cifar100\?"):
        verb("cifar")


def test_status_says_where_each_data_set_is(root: Path, tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder counts only with all four files in it."""
    monkeypatch.setitem(CATALOG, "tiny", tiny.entry)
    tiny.put(root / "Tiny" / "raw")
    *others, last = datasets.status()
    assert (last.name, last.images, last.where) == ("tiny", 9, root / "Tiny" / "raw")
    assert ("mnist", 70_000) in [(item.name, item.images) for item in others]
    assert {item.where for item in others} == {None}
    (root / "Tiny" / "raw" / "t10k-images-idx3-ubyte").unlink()
    assert datasets.status()[-1].where is None


def test_fetch_mends_what_is_corrupt(root: Path, serve, tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the damaged file is fetched; then the data set loads."""
    site = serve()
    site.offer(tiny.raw)
    monkeypatch.setitem(CATALOG, "tiny", tiny.with_ways(mirrors=(site.url,)).entry)
    tiny.put(root)
    (root / "train-images-idx3-ubyte").write_bytes(b"damaged")
    datasets.fetch("tiny")
    assert site.asked == ["/train-images-idx3-ubyte.gz"]
    assert [check.state for check in datasets.verify("tiny")] == ["ok"] * 4
    assert load("tiny").train_images.shape == (6, 1, 4, 5)


@pytest.mark.slow
def test_data_sources_need_no_torch() -> None:
    """Loading arrays does not import torch, which takes seconds."""
    code = "import sys, normlab.data, normlab.cli.data; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
