"""What is known of a data set without its images: what content it has, how large they are, which classes there are."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.data import places
from normlab.data.whereabouts import entry_of, located
from normlab.events import Tell, silent


@dataclass(frozen=True)
class About:
    """What runs and networks depend on of a data set.

    Args:
        digest: SHA-256 that names the content.
        shape: of an image, (channels, height, width).
        classes: their names.
    """

    digest: str
    shape: tuple[int, int, int]
    classes: tuple[str, ...]


def about(name: str, tell: Tell = silent) -> About:
    """The facts about a data set of the catalog, whether it is on this machine or not, or about the images of a place.

    A place that was not read yet is read now (`Decoded` is told); raises what `load` raises of a place.
    """
    images = located(name)
    if images.called:
        entry = entry_of(images)
        return About(entry.digest, entry.shape, entry.classes)
    found = places.place(images, tell).manifest
    return About(found.digest, found.shape, found.classes)
