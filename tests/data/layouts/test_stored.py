"""Layouts that store pixels: what is written is read back, to the bit, and what is damaged is said in one line."""

import gzip
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from own_images import Arrays, noise, pixels
from scipy.io import savemat

from normlab.data import idx
from normlab.data.layouts import arrays as arrays_layout
from normlab.data.layouts import cifar, kmnist, recognise, svhn
from normlab.data.layouts import idx as idx_layout
from normlab.errors import CorruptData, DataError


def write_idx(folder: Path, arrays: Arrays, prefix: str = "", ending: str = "") -> None:
    opened = gzip.open if ending else open
    named = {
        "train-images-idx3-ubyte": arrays.train[:, 0],
        "train-labels-idx1-ubyte": arrays.train_labels.astype(np.uint8),
        "test-images-idx3-ubyte": arrays.test[:, 0],
        "test-labels-idx1-ubyte": arrays.test_labels.astype(np.uint8),
    }
    for name, array in named.items():
        with opened(folder / f"{prefix}{name}{ending}", "wb") as stream:
            stream.write(idx.header(array.shape) + array.tobytes())


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_idx_is_read_with_any_prefix(tmp_path: Path, ending: str) -> None:
    """Plain and gzip files, by folder and by one of the files."""
    arrays = noise()
    write_idx(tmp_path, arrays, "mine-", ending)
    for path in (tmp_path, tmp_path / f"mine-test-labels-idx1-ubyte{ending}"):
        found = recognise(path)
        np.testing.assert_array_equal(pixels(found, "train"), arrays.train)
        np.testing.assert_array_equal(pixels(found, "test"), arrays.test)
        np.testing.assert_array_equal(found.parts["test"].labels(), arrays.test_labels)


def test_an_idx_file_without_training_images_beside_it_is_told(tmp_path: Path) -> None:
    """By the names of those that are missing."""
    write_idx(tmp_path, noise(), "mine-")
    (tmp_path / "mine-train-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match="expected mine-train-images-idx3-ubyte and mine-train-labels-idx1-ubyte"):
        recognise(tmp_path / "mine-test-images-idx3-ubyte")


def test_emnist_is_turned(tmp_path: Path) -> None:
    """Its images lie on their side: rows become columns."""
    arrays = noise()
    write_idx(tmp_path, arrays, "emnist-letters-")
    found = recognise(tmp_path)
    assert found.layout == "EMNIST IDX"
    np.testing.assert_array_equal(pixels(found, "train"), arrays.train.transpose(0, 1, 3, 2))


def test_several_sets_in_a_folder_are_to_be_told_apart(tmp_path: Path) -> None:
    """The error names the files of which one is to be given."""
    write_idx(tmp_path, noise(), "emnist-letters-")
    write_idx(tmp_path, noise(), "emnist-digits-")
    with pytest.raises(DataError, match="emnist-digits-train-images-idx3-ubyte, emnist-letters-train"):
        recognise(tmp_path)
    assert recognise(tmp_path / "emnist-letters-train-images-idx3-ubyte").layout == "EMNIST IDX"


def test_an_idx_header_that_promises_too_much_takes_no_memory(tmp_path: Path) -> None:
    """A gzip file that says it has 4 billion images ends early, which is told when it is read."""
    write_idx(tmp_path, noise(), "", ".gz")
    with gzip.open(tmp_path / "train-images-idx3-ubyte.gz", "wb") as stream:
        stream.write(idx.header((2**32 - 1, 100, 100)) + b"few")
    with pytest.raises(CorruptData, match="expected 4,294,967,295 labels"):
        recognise(tmp_path)
    with pytest.raises(CorruptData, match="it ends"):
        list(idx_layout._images(tmp_path / "train-images-idx3-ubyte.gz", (2**32 - 1, 100, 100), turned=False))


def test_a_truncated_idx_file_is_found_by_its_length(tmp_path: Path) -> None:
    """A plain file must be as long as its header says."""
    write_idx(tmp_path, noise())
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptData, match=re.escape("of the shape (12, 8, 10)")):
        recognise(tmp_path)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("zipped", [np.savez, np.savez_compressed])
def test_medmnist_is_read(tmp_path: Path, channels: int, zipped: object) -> None:
    """Grey (N, H, W) and colour (N, H, W, 3), labels (N, 1), three splits."""
    arrays, path = noise(channels), tmp_path / "bloodmnist.npz"

    def saved(images: np.ndarray) -> np.ndarray:
        return images[:, 0] if channels == 1 else images.transpose(0, 2, 3, 1)

    zipped(  # type: ignore[operator]
        path,
        train_images=saved(arrays.train),
        train_labels=arrays.train_labels[:, None].astype(np.uint8),
        val_images=saved(arrays.test),
        val_labels=arrays.test_labels[:, None],
        test_images=saved(arrays.test),
        test_labels=arrays.test_labels[:, None],
    )
    found = recognise(path)
    assert (found.layout, set(found.parts)) == ("MedMNIST npz", {"train", "val", "test"})
    np.testing.assert_array_equal(pixels(found, "train"), arrays.train)
    np.testing.assert_array_equal(found.parts["train"].labels(), arrays.train_labels)


def test_keras_is_read(tmp_path: Path) -> None:
    """`x_train` and the three others, images grey."""
    arrays, path = noise(), tmp_path / "mnist.npz"
    np.savez(
        path,
        x_train=arrays.train[:, 0],
        y_train=arrays.train_labels,
        x_test=arrays.test[:, 0],
        y_test=arrays.test_labels,
    )
    found = arrays_layout.recognise(path)
    assert found is not None
    np.testing.assert_array_equal(pixels(found, "test"), arrays.test)


def test_kmnist_is_read(tmp_path: Path) -> None:
    """One array a file, `arr_0`, by folder or by one of the files."""
    arrays = noise()
    for split, images, labels in (
        ("train", arrays.train, arrays.train_labels),
        ("test", arrays.test, arrays.test_labels),
    ):
        np.savez(tmp_path / f"kmnist-{split}-imgs.npz", images[:, 0])
        np.savez(tmp_path / f"kmnist-{split}-labels.npz", labels.astype(np.uint8))
    for path in (tmp_path, tmp_path / "kmnist-train-imgs.npz"):
        found = kmnist.recognise(path)
        assert found is not None
        np.testing.assert_array_equal(pixels(found, "test"), arrays.test)
        np.testing.assert_array_equal(found.parts["train"].labels(), arrays.train_labels)


@pytest.mark.parametrize(
    ("images", "labels", "problem"),
    [
        (np.zeros((4, 8, 8), np.float32), np.zeros(4, int), "expected pixels from 0 to 255"),
        (np.zeros((4, 8, 8), np.uint8), np.zeros(5, int), "expected 4 labels"),
        (np.zeros((4, 8, 8, 4), np.uint8), np.zeros(4, int), "with 1 or 3 channels"),
        (np.zeros((4, 8, 8), np.uint8), np.zeros((4, 14), int), "several labels an image"),
        (np.array([{}, {}]), np.zeros(2, int), "pickles and never read"),
    ],
    ids=["fractions", "labels missing", "four channels", "several labels", "pickle"],
)
def test_arrays_that_are_no_images_are_refused(
    tmp_path: Path, images: np.ndarray, labels: np.ndarray, problem: str
) -> None:
    """What is wrong is said by the array's name."""
    path = tmp_path / "mine.npz"
    np.savez(path, allow_pickle=True, x_train=images, y_train=labels)
    with pytest.raises(CorruptData, match=problem):
        recognise(path).parts["train"].labels()


@given(st.integers(0, 300), st.integers(0, 255))
def test_a_damaged_npz_is_told_or_read(tmp_path_factory: pytest.TempPathFactory, place: int, value: int) -> None:
    """Whatever byte is changed, no error but ours comes of it."""
    path = tmp_path_factory.mktemp("damaged") / "mine.npz"
    np.savez(path, x_train=noise().train[:, 0], y_train=noise().train_labels)
    content = bytearray(path.read_bytes())
    content[place] = value
    path.write_bytes(content)
    try:
        pixels(recognise(path), "train")
    except DataError:
        return


def test_cifar_10_is_read(tmp_path: Path) -> None:
    """Records of a label and three planes, in the order of the batches, and the names of the classes."""
    rng = np.random.default_rng(0)
    batches = [np.concatenate([np.full((4, 1), b), rng.integers(0, 256, (4, 3072))], 1) for b in range(6)]
    for number, batch in enumerate(batches[:5], start=1):
        (tmp_path / f"data_batch_{number}.bin").write_bytes(batch.astype(np.uint8).tobytes())
    (tmp_path / "test_batch.bin").write_bytes(batches[0].astype(np.uint8).tobytes())
    (tmp_path / "batches.meta.txt").write_text("airplane\nautomobile\nbird\ncat\ndeer\n\n")
    found = cifar.recognise(tmp_path)
    assert found is not None
    assert (found.layout, found.classes[:2]) == ("CIFAR-10 binary", ("airplane", "automobile"))
    assert found.parts["train"].labels().tolist() == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
    np.testing.assert_array_equal(pixels(found, "test").reshape(4, -1), batches[0][:, 1:])


def test_of_cifar_100_the_fine_labels_are_read(tmp_path: Path) -> None:
    """A record has two labels, the coarse one first."""
    record = np.zeros((3, 3074), np.uint8)
    record[:, 0], record[:, 1] = [1, 2, 3], [10, 20, 30]
    for name in ("train.bin", "test.bin"):
        (tmp_path / name).write_bytes(record.tobytes())
    found = cifar.recognise(tmp_path)
    assert found is not None
    assert (found.layout, found.parts["train"].labels().tolist()) == ("CIFAR-100 binary", [10, 20, 30])


def test_half_a_cifar_record_is_refused(tmp_path: Path) -> None:
    """A file that is no whole number of records was not fetched whole."""
    (tmp_path / "data_batch_1.bin").write_bytes(b"x" * 5000)
    with pytest.raises(CorruptData, match="records of 3,073 bytes, got 5,000"):
        recognise(tmp_path)


def test_svhn_is_read_and_its_ten_is_a_zero(tmp_path: Path) -> None:
    """Matlab's axes (H, W, C, N) become (N, C, H, W); that `extra` is not read is said."""
    arrays = noise(3)
    for split, images in (("train", arrays.train), ("test", arrays.test)):
        labels = np.arange(1, len(images) + 1)[:, None] % 11
        savemat(tmp_path / f"{split}_32x32.mat", {"X": images.transpose(2, 3, 1, 0), "y": labels.astype(np.uint8)})
    (tmp_path / "extra_32x32.mat").touch()
    found = svhn.recognise(tmp_path)
    assert found is not None
    np.testing.assert_array_equal(pixels(found, "train"), arrays.train)
    assert found.parts["train"].labels().tolist()[:11] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0]
    assert found.notes == ("extra_32x32.mat is not read",)


@pytest.mark.parametrize("layout", [arrays_layout, kmnist, cifar, svhn, idx_layout])
def test_a_layout_passes_over_what_is_not_its_own(tmp_path: Path, layout: object) -> None:
    """An empty folder and a text file are nobody's."""
    (tmp_path / "notes.txt").write_text("nothing")
    assert layout.recognise(tmp_path) is None  # type: ignore[attr-defined]
    assert layout.recognise(tmp_path / "notes.txt") is None  # type: ignore[attr-defined]
