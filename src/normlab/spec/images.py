"""Which images a recipe means: a data set by its name, or a place that has images and how they are to be read.

    mnist
    photos                                a folder or a file
    photos?resize=32&grey&skip-bad        N×N pixels; without colours; without what cannot be read
    package.module:function               arrays that a function gives, as does file.py:function

A name is a part of what a run computes. A place is not: the same images elsewhere give the same run, and the digest of
their content is in its key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

from normlab.errors import SpecError
from normlab.spec.places import place

MOST_PIXELS = 1024
"""The longest side that images are resized to."""
ANYWHERE = "./"
"""What stands for a place in what is the same wherever its images lie."""
CALLED = re.compile(r"[\w-]+")


@dataclass(frozen=True)
class Images:
    """A `place`, or a name, and how its images are read: at `resize` pixels if not 0, in grey, without bad ones."""

    place: str
    resize: int = 0
    grey: bool = False
    skip_bad: bool = False

    @property
    def called(self) -> bool:
        """Whether it is a name."""
        return is_name(str(self))

    @property
    def function(self) -> tuple[str, str] | None:
        """A module or a file, and the function in it that gives the images; None for a folder or a file of images."""
        found = place(self.place)
        return (found.where, found.function) if found else None

    @property
    def title(self) -> str:
        """What people call it: the name, or the last part of the path."""
        return PurePath(self.place).name or self.place

    def __str__(self) -> str:
        words = [f"resize={self.resize}"] if self.resize else []
        words += ["grey"] if self.grey else []
        words += ["skip-bad"] if self.skip_bad else []
        return f"{self.place}?{'&'.join(words)}" if words else self.place


def is_name(text: str) -> bool:
    """Whether images are called by a word as names are, without dots and slashes."""
    return bool(CALLED.fullmatch(text))


def images(text: str) -> Images:
    """What a recipe's `dataset` says; raises `SpecError` for a word behind the question mark that is none."""
    where, _, words = text.partition("?")
    if not where.strip():
        raise SpecError("dataset: expected a name, or the path of a folder or file with images, got nothing")
    given = dict.fromkeys(("resize", "grey", "skip-bad"), "")
    for word in words.split("&") if words else ():
        key, equals, value = word.partition("=")
        if key not in given or bool(equals) != (key == "resize"):
            raise SpecError(f"dataset: expected resize=N, grey or skip-bad behind the question mark, got {word[:80]!r}")
        given[key] = value or key
    return Images(where, _side(given["resize"]), bool(given["grey"]), bool(given["skip-bad"]))


def _side(text: str) -> int:
    if not text:
        return 0
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= MOST_PIXELS:
        raise SpecError(f"dataset: resize is a number of pixels from 1 to {MOST_PIXELS:,}, got {text[:80]!r}")
    return int(text)
