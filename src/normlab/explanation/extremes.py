"""What becomes of a norm at its ends: a batch of one image, one group, and as many groups as channels."""

from __future__ import annotations

import numpy as np

from normlab.explanation.facts import NormFacts
from normlab.explanation.numbers import number
from normlab.explanation.sets import count, mixes
from normlab.explanation.worked import Array, Worked

LISTED = 8


def told(found: NormFacts) -> list[tuple[str, list[str]]]:
    """Titles, and the lines below each."""
    if found.worked.name.kind == "none":
        return []
    sections = [("A batch of one", _one(found)), *([("Groups", _groups(found))] if found.splits else [])]
    if found.running is None:
        sections.append(("Training and evaluation", ["The same function: no running statistics are kept."]))
    return sections


def _one(found: NormFacts) -> list[str]:
    worked, alone = found.worked, found.alone
    if alone is None and len(worked.x) > 1:
        if mixes(worked.name) or worked.name.images:
            return ["Refused: a channel would have one value, which has no variance. PyTorch raises ValueError."]
        return ["Refused by PyTorch. Each set is one value, also in this batch: it is its own mean, and y is β."]
    if worked.name.kind == "dyt":
        return ["Nothing changes: no value looks at another."]
    if not mixes(worked.name):
        return ["Nothing changes: each image has statistics of its own, whoever is beside it in the batch."]
    if alone is None:
        return ["This is one: the statistics are those of instance norm, and another image beside it changes them."]
    return [
        f"Means {_list(alone.centre)} in the place of {_list(worked.centre)}",
        f"Variances {_list(alone.spread)} in the place of {_list(worked.spread)}",
        f"The first cell becomes {number(alone.y.flat[0])}, beside {_beside(worked)} it is {number(worked.y.flat[0])}.",
        "In training an image's result depends on who is beside it; alone, it has instance norm's statistics.",
        "In eval mode it does not: the running statistics are the same for every image.",
    ]


def _beside(worked: Worked) -> str:
    others = min(len(worked.x), worked.name.images or len(worked.x)) - 1
    return "image 2" if others == 1 else f"{others} others"


def _groups(found: NormFacts) -> list[str]:
    channels = found.worked.x.shape[1]
    return [line for split in found.splits for line in _split(split, channels)]


def _split(split: Worked, channels: int) -> list[str]:
    groups = count(split.name, channels)
    same = {1: ", which is layer norm", channels: ", which is instance norm"}.get(groups, "")
    return [
        f"{split.norm}{same if channels > 1 else ', which is layer norm and instance norm'}",
        f"  means {_list(split.centre)}",
        f"  variances {_list(split.spread)}",
    ]


def _list(values: Array) -> str:
    shown = [number(value) for value in np.ravel(values)[:LISTED]]
    return ", ".join(shown) + (", …" if values.size > LISTED else "")
