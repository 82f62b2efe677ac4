from __future__ import annotations

from dataclasses import replace

import pytest

from normlab.data import Dataset


@pytest.fixture(scope="session")
def few(mnist: Dataset) -> Dataset:
    """Real MNIST, cut to 1,024 training and 500 test images."""
    return replace(
        mnist,
        train_images=mnist.train_images[:1024],
        train_labels=mnist.train_labels[:1024],
        test_images=mnist.test_images[:500],
        test_labels=mnist.test_labels[:500],
    )
