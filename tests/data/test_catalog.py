import re

import pytest

from normlab.data import catalog
from normlab.data.entry import Archive, Entry, Mirror, Pickled, Sheets, Tarball
from normlab.errors import UnknownName


@pytest.mark.parametrize("entry", catalog.CATALOG.values(), ids=catalog.known())
def test_every_entry_is_pinned_and_reached_by_https_only(entry: Entry) -> None:
    """Mirrors are https; files and what carries several have a SHA-256, packages an exact version."""
    written = {
        Pickled: lambda way: re.fullmatch(r"[\w-]+", way.folder),
        Mirror: lambda way: re.fullmatch(r"https://[^/]+/(.+/)?", way.base),
        Tarball: lambda way: re.fullmatch(r"https://[^/]+/.+\.tar\.gz", way.url),
        Archive: lambda way: re.fullmatch(r"\w+==[\d.]+", way.requirement),
        Sheets: lambda way: re.fullmatch(r"[\w-]+@[\d.]+", way.package),
    }
    assert entry.ways
    assert all(written[type(way)](way) for way in entry.ways)
    pinned = [*entry.files, *(way for way in entry.ways if not isinstance(way, Mirror | Pickled))]
    assert all(re.fullmatch(r"[0-9a-f]{64}", each.sha256) for each in pinned)


@pytest.mark.parametrize("entry", catalog.CATALOG.values(), ids=catalog.known())
def test_every_entry_has_as_many_classes_as_are_known(entry: Entry) -> None:
    """Ten, or a hundred; none twice."""
    assert len(set(entry.classes)) == len(entry.classes) == (100 if entry.name == "cifar100" else 10)


def test_entries_know_how_many_images_they_have() -> None:
    """From the shapes of their files, without reading them."""
    counts = {"cifar10": 60_000, "cifar100": 60_000, "svhn": 99_289}
    assert all(entry.images == counts.get(entry.name, 70_000) for entry in catalog.CATALOG.values())


def test_the_digest_changes_with_any_file() -> None:
    """A data set's digest names the content of all four files."""
    assert catalog.MNIST.digest == "e9914cff2ade526da2ab1ac60c072f9173cc53e35b9411692de8207cb1b9009d"
    assert catalog.MNIST.digest != catalog.FASHION_MNIST.digest


def test_a_file_knows_its_size() -> None:
    """The size is that of the published, unzipped files."""
    assert [file.size for file in catalog.MNIST.files] == [47_040_016, 60_008, 7_840_016, 10_008]
    assert {file.size for file in catalog.CIFAR10.files} == {30_730_000}
    assert [file.size for file in catalog.CIFAR100.files] == [153_700_000, 30_740_000]


def test_an_unknown_name_gets_the_nearest() -> None:
    """The error names the data sets that exist."""
    with pytest.raises(UnknownName, match=r"unknown data set 'mnits': did you mean mnist"):
        catalog.entry("mnits")
