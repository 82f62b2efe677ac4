"""Whether a recipe means a data set of the catalog or a place, and the place by its whole path."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from normlab.data import catalog
from normlab.data.entry import Entry
from normlab.data.near import near
from normlab.errors import SpecError, UnknownName
from normlab.spec.images import Images, images
from normlab.spec.places import expanded


def located(text: str, base: Path | None = None) -> Images:
    """What a recipe's `dataset` says, with a place by its absolute path.

    A name of the catalog is that, also where there is a folder of this name. A word that is neither a name nor a place
    stays a name, of a data set that is unknown.

    Args:
        text: as in `images`.
        base: the folder that relative paths start from; the current one by default.

    Raises `SpecError` for a word behind the question mark that is none, where a name has any, and what `expanded`
    raises.
    """
    asked = images(text)
    if asked.place in catalog.CATALOG:
        if not asked.called:
            raise SpecError(
                f"dataset: {asked.place} is read as it is; resize, grey and skip-bad are for your own images"
            )
        return asked
    path = (base or Path.cwd()) / expanded(asked.place, "dataset")
    module = asked.function and not asked.function[0].endswith(".py")
    if module or (asked.called and not _there(path)):
        return asked
    return replace(asked, place=str(path.absolute()))


def entry_of(images: Images) -> Entry:
    """The data set of the catalog that is called so.

    Raises `UnknownName` otherwise, with what lies in the current folder under nearly this name.
    """
    if images.place not in catalog.CATALOG:
        raise UnknownName("data set", images.place, {*catalog.CATALOG, *near(Path.cwd() / images.place)})
    return catalog.entry(images.place)


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long for a file
        return False
