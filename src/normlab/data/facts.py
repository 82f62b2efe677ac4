"""What is known of a data set without its images: what content it has, how large they are, which classes there are."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.data import catalog


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


def about(name: str) -> About:
    """The facts about the data set called `name`, whether it is on this machine or not; raises `UnknownName`."""
    entry = catalog.entry(name)
    _, height, width = entry.files[0].shape
    return About(entry.digest, (len(entry.mean), height, width), entry.classes)
