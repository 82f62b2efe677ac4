from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from normlab.data import pages
from normlab.data.chosen import Chosen, expect

pytestmark = pytest.mark.skipif(not pages.ADVICE, reason="the system takes no advice")


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """Two hundred images of 3,000 bytes in a file that counts as a large one."""
    monkeypatch.setattr(pages, "LARGE", 1000)
    made = np.random.default_rng(0).integers(0, 256, (200, 3, 20, 50)).astype(np.uint8)
    made.tofile(tmp_path / "images")
    array = pages.mapped(tmp_path / "images", np.uint8, made.shape).view(np.ndarray)
    assert np.array_equal(array, made)
    return array


def said(images: np.ndarray, monkeypatch: pytest.MonkeyPatch, which: np.ndarray | slice, of: object = None) -> set[int]:
    """The pages that the system is told of."""
    advice: list[tuple[int, int]] = []
    monkeypatch.setattr(pages, "_advise", lambda _file, start, length: advice.append((start, length)))
    expect(images if of is None else of, which)
    size = pages.mmap.PAGESIZE
    assert all(start % size == 0 for start, _ in advice)
    return {page for start, length in advice for page in range(start // size, -(-(start + length) // size))}


def of(numbers: list[int]) -> set[int]:
    """The pages that images lie on."""
    size = pages.mmap.PAGESIZE
    return {page for n in numbers for page in range(3000 * n // size, -(-3000 * (n + 1) // size))}


def test_the_system_is_told_of_the_pages_of_a_batch_and_of_no_others(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By numbers or by a slice, of all images or of some that were chosen among them."""
    assert said(images, monkeypatch, np.array([7, 150, 3])) == of([7, 150, 3])
    assert said(images, monkeypatch, slice(190, 400)) == of([*range(190, 200)])
    assert said(images, monkeypatch, slice(300, 400)) == set()
    chosen = Chosen(images, np.array([9, 20, 199]))
    assert said(images, monkeypatch, np.array([2, 0]), chosen) == of([199, 9])
    assert said(images, monkeypatch, slice(0, 2), chosen) == of([9, 20])


def test_what_the_system_is_told_it_takes(images: np.ndarray) -> None:
    """Real advice on a real file, of every image."""
    expect(images, np.arange(len(images)))
    expect(images, slice(None))


def test_arrays_that_are_in_memory_or_in_a_small_file_are_left_alone(
    images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing to say."""
    assert said(images, monkeypatch, slice(None), images.copy()) == set()
    monkeypatch.setattr(pages, "LARGE", 10**9)
    assert said(images, monkeypatch, slice(None)) == set()
