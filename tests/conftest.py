"""What tests of several folders share, and how they run side by side: one thread each, one folder for kernels."""

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer.main
import typer.testing
from filelock import FileLock
from hypothesis import settings

# pytest has a process on each core; more threads would only wait for each other. numpy asks when it is loaded.
os.environ["OMP_NUM_THREADS"] = "1"

from normlab.data import Dataset, catalog, load
from normlab.data.cache import find

sys.path.insert(0, str(Path(__file__).parent))  # so that tests of any folder can name the factory's type
pytest_plugins = ["comparisons", "browsers"]

# Building the command line takes longer than most of what it is asked in tests; a process needs it once.
typer.main.get_command = typer.testing._get_command = cache(typer.main.get_command)

# Under load an example may take long, and pytest's timeout stands guard. CI tries the same examples each time.
settings.register_profile("normlab", deadline=None, derandomize="CI" in os.environ)
settings.register_profile("fast", settings.get_profile("normlab"), max_examples=20)
settings.load_profile("normlab")

HERE = all(find(catalog.CATALOG["mnist"], file) for file in catalog.CATALOG["mnist"].files)
"""Whether MNIST is on this machine."""


def pytest_report_header() -> str:
    """Say what `-m "not network"` will leave out."""
    return "MNIST is here" if HERE else "MNIST is not here yet: tests that need it are marked network"


@pytest.hookimpl(tryfirst=True)  # before -m is looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test of real images needs a network the first time, and never again."""
    for item in items:
        if not HERE and "mnist" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.network)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all processes of this run share, for what is costly to make and is the same for all."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def mnist(shared: Path) -> Dataset:
    """The real MNIST, fetched the first time."""
    with FileLock(shared / "mnist.lock"):
        return load("mnist")


@pytest.fixture(scope="session", autouse=True)
def kernels(shared: Path) -> Iterator[None]:
    """Compiled kernels go to a folder of this run, in its processes and in those they start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NORMLAB_KERNELS", str(shared / "kernels"))
        yield
