"""What each norm is called, what it takes its statistics over, its formula and its paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from normlab.explanation.beyond import LEARNED
from normlab.explanation.numbers import digits
from normlab.explanation.sets import count, mixes
from normlab.explanation.worked import Worked
from normlab.show.numbers import plural


@dataclass(frozen=True)
class About:
    """A kind of norm in words: `over` completes "One mean and one variance"."""

    title: str
    over: str
    source: str


STANDARD = "y = γ · (x − μ) / √(σ² + ε) + β"
FORMULAS = {
    "rms": "y = γ · x / √(mean of x² + ε) + β",
    "brn": "y = γ · (x̂ · r + d) + β,   x̂ = (x − μ) / √(σ² + ε)",
    "frn": "y = max(γ · x / √(mean of x² + ε) + β, τ)",
    "dyt": "y = γ · tanh(α · x) + β",
    "evonorm-s0": "y = γ · x · sigmoid(v · x) / √(σ² + ε) + β",
}

BOUNDS = (
    " Shown with bounds that are fully open, r from 1/3 to 3 and d from −5 to 5, beside running statistics 0 and 1;"
    " in its first steps r is 1, d is 0, and it is batch norm."
)

ONE = {"rms": "One mean square", "frn": "One mean square", "evonorm-s0": "One variance and no mean"}
"""What a set shares, where it is not a mean and a variance."""

NORMS = {
    "bn": About("batch norm", "for each channel, over all images and positions", "Ioffe & Szegedy 2015"),
    "ln": About("layer norm", "for each image, over all its channels and positions", "Ba, Kiros & Hinton 2016"),
    "gn": About("group norm", "for each group of channels of each image", "Wu & He 2018"),
    "in": About("instance norm", "for each channel of each image, over its positions", "Ulyanov et al. 2016"),
    "ln-chw": About("layer norm, γ and β per element", "for each image, as in ln", "Ba, Kiros & Hinton 2016"),
    "ln-c": About("layer norm over channels", "for each position of each image, over its channels", "Liu et al. 2022"),
    "rms": About("RMS norm", "for each image; no mean is taken away", "Zhang & Sennrich 2019"),
    "gbn": About("ghost batch norm", "for each channel of each chunk of images", "Hoffer, Hubara & Soudry 2017"),
    "brn": About("batch renormalization", "for each channel, over all images and positions", "Ioffe 2017"),
    "frn": About(
        "filter response norm", "for each channel of each image; no mean is taken away", "Singh & Krishnan 2020"
    ),
    "dyt": About("dynamic tanh", "", "Zhu et al. 2025"),
    "evonorm-s0": About("EvoNorm-S0", "for each group of channels of each image", "Liu et al. 2020"),
    "none": About("no norm", "", "the control arm"),
}


def heading(worked: Worked) -> str:
    """For instance `gn:3 · group norm (Wu & He 2018)`."""
    about = NORMS[worked.name.kind]
    kernels = ", behind standardized kernels" if worked.name.standardized else ""
    return f"{worked.norm} · {about.title}{kernels} ({about.source}{'; Qiao et al. 2019' if kernels else ''})"


def formula(worked: Worked) -> str:
    """How y comes from x."""
    if worked.name.kind == "none":
        return "y = x"
    told = FORMULAS.get(worked.name.kind, STANDARD)
    return told if worked.name.kind == "dyt" else f"{told},   ε = {digits(worked.eps)}"


def sharing(worked: Worked) -> str:
    """Which cells share what, in a sentence, with how many γ and β there are."""
    kind = worked.name.kind
    if kind == "none":
        return "Nothing is shared and nothing changes: y = x, without γ and β."
    if kind == "dyt":
        return f"Nothing is shared but α: each value is squashed by itself. {_learned(worked)}."
    what = ONE.get(kind, "One mean and one variance")
    groups = f", {_groups(worked)}" if worked.name.over_groups else ""
    chunks = f", {plural(worked.name.images, 'image')} a chunk" if worked.name.images else ""
    return f"{what} {NORMS[kind].over}{groups}{chunks}. {_learned(worked)}.{BOUNDS if kind == 'brn' else ''}"


def _learned(worked: Worked) -> str:
    """How many there are of what is learned."""
    gamma, beta = f"{worked.gamma.size} γ", f"{worked.beta.size} β"
    if worked.name.kind not in LEARNED:
        return f"{gamma} and {beta}"
    _, sign, _ = LEARNED[worked.name.kind]
    return f"{gamma}, {beta} and {1 if worked.name.kind == 'dyt' else worked.gamma.size} {sign}"


def _groups(worked: Worked) -> str:
    channels = worked.x.shape[1]
    groups = count(worked.name, channels)
    width = channels // groups
    return f"{plural(groups, 'group')} of {plural(width, 'channel')}"


def where(worked: Worked, index: int) -> str:
    """The place of a set in the tensor, for instance `image 2, channels 1 to 3`."""
    images, channels, rows, columns = (worked.sets == index).nonzero()
    parts = []
    if worked.name.images or not mixes(worked.name):
        parts.append(_from_to("image", images))
    if worked.name.kind not in ("ln", "ln-chw", "rms", "ln-c"):
        parts.append(_from_to("channel", channels))
    if worked.name.kind == "ln-c":
        parts.append(f"row {rows[0] + 1}, column {columns[0] + 1}")
    return ", ".join(parts)


def _from_to(what: str, indices: NDArray[np.int64]) -> str:
    first, last = indices.min() + 1, indices.max() + 1
    return f"{what} {first}" if first == last else f"{what}s {first} to {last}"
