"""What each norm is called, what it takes its statistics over, its formula and its paper."""

from __future__ import annotations

from dataclasses import dataclass

from normlab.explanation.numbers import digits
from normlab.explanation.sets import count
from normlab.explanation.worked import Worked
from normlab.show.numbers import plural


@dataclass(frozen=True)
class About:
    """A kind of norm in words: `over` completes "One mean and one variance"."""

    title: str
    over: str
    source: str


STANDARD = "y = γ · (x − μ) / √(σ² + ε) + β"
FORMULAS = {"rms": "y = γ · x / √(mean of x² + ε) + β"}

NORMS = {
    "bn": About("batch norm", "for each channel, over all images and positions", "Ioffe & Szegedy 2015"),
    "ln": About("layer norm", "for each image, over all its channels and positions", "Ba, Kiros & Hinton 2016"),
    "gn": About("group norm", "for each group of channels of each image", "Wu & He 2018"),
    "in": About("instance norm", "for each channel of each image, over its positions", "Ulyanov et al. 2016"),
    "ln-chw": About("layer norm, γ and β per element", "for each image, as in ln", "Ba, Kiros & Hinton 2016"),
    "ln-c": About("layer norm over channels", "for each position of each image, over its channels", "Liu et al. 2022"),
    "rms": About("RMS norm", "for each image; no mean is taken away", "Zhang & Sennrich 2019"),
    "none": About("no norm", "", "the control arm"),
}


def heading(worked: Worked) -> str:
    """For instance `gn:3 · group norm (Wu & He 2018)`."""
    about = NORMS[worked.name.kind]
    return f"{worked.norm} · {about.title} ({about.source})"


def formula(worked: Worked) -> str:
    """How y comes from x."""
    if worked.name.kind == "none":
        return "y = x"
    return f"{FORMULAS.get(worked.name.kind, STANDARD)},   ε = {digits(worked.eps)}"


def sharing(worked: Worked) -> str:
    """Which cells share what, in a sentence, with how many γ and β there are."""
    kind = worked.name.kind
    if kind == "none":
        return "Nothing is shared and nothing changes: y = x, without γ and β."
    what = "One mean square" if kind == "rms" else "One mean and one variance"
    groups = f", {_groups(worked)}" if kind == "gn" else ""
    return f"{what} {NORMS[kind].over}{groups}. {worked.gamma.size} γ and {worked.beta.size} β."


def _groups(worked: Worked) -> str:
    channels = worked.x.shape[1]
    groups = count(worked.name, channels)
    width = channels // groups
    return f"{plural(groups, 'group')} of {plural(width, 'channel')}"


def where(worked: Worked, index: int) -> str:
    """The place of a set in the tensor, for instance `image 2, channels 1 to 3`."""
    images, channels, rows, columns = (worked.sets == index).nonzero()
    parts = []
    if images.min() == images.max() and worked.name.kind != "bn":
        parts.append(f"image {images[0] + 1}")
    if worked.name.kind not in ("ln", "ln-chw", "rms", "ln-c"):
        first, last = channels.min() + 1, channels.max() + 1
        parts.append(f"channel {first}" if first == last else f"channels {first} to {last}")
    if worked.name.kind == "ln-c":
        parts.append(f"row {rows[0] + 1}, column {columns[0] + 1}")
    return ", ".join(parts)
