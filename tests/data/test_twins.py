"""Images that are there more than once are counted by their pixels."""

import numpy as np
from own_images import noise

from normlab.data.twins import in_both, marks, twins


def test_every_further_copy_counts() -> None:
    """In one set each copy after the first, in two sets each image that the other has as well."""
    train, test = noise(3).train, noise(3).test
    again = np.concatenate([train, train[:2], train[:1]])
    assert [twins(marks(images), marks(test)).twice for images in (train, again)] == [0, 3]
    assert (in_both(test, train), in_both(np.concatenate([test, train[:1], train[:1]]), train)) == (0, 2)


def test_images_in_another_order_of_memory_are_the_same() -> None:
    """What counts are their values, not how they lie."""
    images = noise(3).train
    assert in_both(np.asfortranarray(images), images) == len(images)
