"""What is known of data sets by name beside their files: whom to cite, and the licence that their authors give."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.spec.images import images


@dataclass(frozen=True)
class Known:
    """The key of the reference, and the licence; empty where the authors state none."""

    reference: str
    licence: str = ""


KNOWN = {
    "mnist": Known("lecun1998"),
    "fashion-mnist": Known("xiao2017", "MIT"),
    "kmnist": Known("clanuwat2018", "CC BY-SA 4.0"),
    "cifar10": Known("krizhevsky2009"),
    "cifar100": Known("krizhevsky2009"),
    "svhn": Known("netzer2011", "for non-commercial use only"),
}


def cited(dataset: str) -> str:
    """What people call the images, with whom to cite, where that is known."""
    known = KNOWN.get(dataset)
    return images(dataset).title + (f" [@{known.reference}]" if known else "")


def licence(dataset: str) -> str:
    """A sentence without its end."""
    known, title = KNOWN.get(dataset), images(dataset).title
    if known is None:
        return f"that of the images ({title}) is not known here"
    return (
        f"{title} is {known.licence}" if known.licence else f"whether the authors of {title} give one is not known here"
    )
