"""What tests of several folders share."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from normlab.data import Dataset, load

sys.path.insert(0, str(Path(__file__).parent))  # so that tests of any folder can name the factory's type
pytest_plugins = ["comparisons", "browsers"]


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    """The real MNIST, fetched the first time."""
    return load("mnist")


@pytest.fixture(scope="session", autouse=True)
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compiled kernels go to a folder of this session, in this process and in those it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORMLAB_KERNELS", str(tmp_path_factory.mktemp("kernels")))
        yield
