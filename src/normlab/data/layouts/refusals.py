"""What is never read, with the way out: pickles run code when they are read, archives are to be unpacked first."""

from __future__ import annotations

from pathlib import Path

from normlab.data.layouts.found import Found
from normlab.errors import DataError

PICKLES = {".pt", ".pth", ".pkl", ".pickle", ".joblib"}
ARCHIVES = {".zip", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".rar"}
PYTHON_CIFAR = ("data_batch_1", "test_batch"), ("train", "test", "meta")
"""The files of CIFAR-10 and CIFAR-100 in their version for Python."""


def recognise(path: Path) -> Found | None:
    """Always None; raises `DataError` for a pickle or an archive."""
    if path.is_dir() and any(all((path / name).is_file() for name in names) for names in PYTHON_CIFAR):
        raise DataError(
            f"{path}: CIFAR's version for Python is made of pickles, which run code when they are read; "
            "take the binary version (cifar-10-binary.tar.gz or cifar-100-binary.tar.gz)"
        )
    if path.is_file() and path.suffix.lower() in PICKLES:
        raise DataError(
            f"{path}: a pickle runs code when it is read, and is never read here; save arrays where you trust it: "
            "numpy.savez('images.npz', train_images=…, train_labels=…, test_images=…, test_labels=…)"
        )
    if path.is_file() and path.suffix.lower() in ARCHIVES:
        raise DataError(f"{path}: unpack the archive and give the folder")
    return None
