"""CIFAR's python files, written opcode by opcode as Python 2 wrote them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from normlab.data import sources
from normlab.data.entry import Entry, Pickled, RawFile
from normlab.data.pickled import from_pickled
from normlab.errors import CorruptData, DataUnavailable
from normlab.events import silent

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (5, 3072), dtype=np.uint8)
COARSE, FINE = RNG.integers(0, 100, (2, 5), dtype=np.uint8)
ARRAY = (
    b"cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\t(K\x01K\x05M\x00\x0c\x86"
    b"cnumpy\ndtype\nq\nU\x02u1K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
)


def text(word: str) -> bytes:
    return b"U" + bytes([len(word)]) + word.encode() + b"q\x02"


def numbers(labels: np.ndarray) -> bytes:
    return b"]q\x05(" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"


def batch(labels: dict[str, np.ndarray], pixels: np.ndarray = PIXELS) -> bytes:
    """A dict of a batch's name, its labels and its pixels, an array that is built of a string."""
    lists = b"".join(text(key) + numbers(values) for key, values in labels.items())
    data = b"T" + len(pixels.tobytes()).to_bytes(4, "little") + pixels.tobytes()
    name = text("batch_label") + text("training batch 1 of 5")
    return b"\x80\x02}q\x01(" + name + lists + text("data") + ARRAY + data + b"tbu."


def published(*labels: np.ndarray) -> RawFile:
    """The binary file of the same images."""
    content = np.column_stack([*labels, PIXELS]).tobytes()
    return RawFile("data_batch_1.bin", hashlib.sha256(content).hexdigest(), len(content), (5, 3072 + len(labels)))


@pytest.fixture
def path(root: Path) -> Path:
    """Where torchvision has it."""
    (root / "python").mkdir()
    return root / "python" / "data_batch_1"


@pytest.mark.parametrize(
    ("labels", "file"),
    [
        ({"labels": FINE}, published(FINE)),
        ({"fine_labels": FINE, "coarse_labels": COARSE}, published(COARSE, FINE)),
    ],
    ids=["CIFAR-10", "CIFAR-100"],
)
def test_the_published_file_is_made_of_it_and_kept(path: Path, labels: dict[str, np.ndarray], file: RawFile) -> None:
    """Its checksum is right, whatever the order of keys; then it lies among normlab's own."""
    path.write_bytes(batch(labels))
    entry = Entry("made", "", "cifar", (), (file,), (), (Pickled("python"),), ())
    (content,) = sources.contents(entry, silent)
    assert hashlib.sha256(content).hexdigest() == file.sha256
    path.unlink()
    assert sources.contents(entry, silent) == [content]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (batch({"labels": FINE}, PIXELS[::-1]), "expected SHA-256"),
        (batch({"labels": FINE[::-1]}), "expected SHA-256"),
        (batch({"labels": FINE[:3]}), "expected a pickle of 5 images and their labels"),
        (batch({"labels": FINE}, PIXELS[:4]), "expected a pickle of 5 images and their labels"),
        (batch({"labels": FINE})[:-600], "expected a pickle of 5 images and their labels"),
        (b"no pickle", "expected a pickle of 5 images and their labels"),
        (b"", "expected a pickle of 5 images and their labels"),
    ],
)
def test_other_images_and_no_pickles_are_refused(path: Path, content: bytes, said: str) -> None:
    """Moved, cut or something else: one clear line."""
    path.write_bytes(content)
    with pytest.raises(CorruptData, match=said):
        list(from_pickled(Pickled("python"), [published(FINE)], silent))


def test_nothing_in_a_pickle_is_run(path: Path, tmp_path: Path) -> None:
    """A pickle that would make a file makes none."""
    made = tmp_path / "made"
    path.write_bytes(b"cos\nmkdir\n(S'" + str(made).encode() + b"'\ntR.")
    with pytest.raises(CorruptData):
        list(from_pickled(Pickled("python"), [published(FINE)], silent))
    assert not made.exists()


@pytest.mark.usefixtures("root")
def test_without_the_folder_the_next_way_is_tried() -> None:
    """It is a reason among others."""
    with pytest.raises(DataUnavailable, match=r"data_batch_1: No such file"):
        list(from_pickled(Pickled("python"), [published(FINE)], silent))
