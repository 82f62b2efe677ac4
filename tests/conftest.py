"""What tests of several folders share."""

import pytest

from normlab.data import Dataset, load


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """The real MNIST, fetched the first time."""
    return load("mnist")
