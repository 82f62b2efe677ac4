import re

import pytest

from normlab.data import catalog
from normlab.errors import UnknownName


@pytest.mark.parametrize("entry", catalog.CATALOG.values(), ids=catalog.known())
def test_every_entry_is_pinned_and_reached_by_https_only(entry: catalog.Entry) -> None:
    """Mirrors are https folders; files and wheels have a SHA-256, archives an exact version."""
    assert all(re.fullmatch(r"https://[^/]+/(.+/)?", base) for base in entry.mirrors)
    assert all(re.fullmatch(r"[0-9a-f]{64}", pinned.sha256) for pinned in (*entry.files, *entry.archives))
    assert all(re.fullmatch(r"\w+==[\d.]+", archive.requirement) for archive in entry.archives)
    assert entry.images == 70_000


def test_the_digest_changes_with_any_file() -> None:
    """A data set's digest names the content of all four files."""
    assert catalog.MNIST.digest == "e9914cff2ade526da2ab1ac60c072f9173cc53e35b9411692de8207cb1b9009d"
    assert catalog.MNIST.digest != catalog.FASHION_MNIST.digest


def test_a_file_knows_its_size() -> None:
    """The size is that of the published, unzipped files."""
    assert [file.size for file in catalog.MNIST.files] == [47_040_016, 60_008, 7_840_016, 10_008]


def test_an_unknown_name_gets_the_nearest() -> None:
    """The error names the data sets that exist."""
    with pytest.raises(UnknownName, match=r"unknown data set 'mnits': did you mean mnist"):
        catalog.entry("mnits")
