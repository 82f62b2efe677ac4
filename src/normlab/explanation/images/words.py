"""What is said of preprocessings: what each does, a pixel's arithmetic, and a table of levels."""

from __future__ import annotations

import numpy as np

from normlab.errors import Disagreement
from normlab.explanation.images.facts import ImageFacts, Treated
from normlab.explanation.numbers import number, shifted
from normlab.show.numbers import between, fixed

ABOUT = {
    "none": "The stored levels over 255.",
    "standardize": "Less the mean, over the standard deviation: the same picture, its values around 0.",
    "stretch": "Image normalization: the darkest level becomes 0, the brightest 1, others keep their proportions.",
    "equalize": "Histogram equalization: a level becomes the share of pixels that are at most as bright, the darkest"
    " ones not counted. Crowded levels are drawn apart and others pressed together; their order stays.",
    "clahe": "Equalization by what is around a pixel (scikit-image), its contrast limited to a few times that of"
    " stretching: one level may become several.",
}
HEAD = ("mean", "sd", "smallest", "largest", "distinct")
LEVELS = 9


def summary(treated: Treated) -> tuple[str, ...]:
    """What a network sees, in numbers; see `HEAD`."""
    seen = treated.seen
    values = (fixed(value, 4) for value in (seen.mean(), seen.std(), seen.min(), seen.max()))
    return (*values, str(len(np.unique(treated.levels))))


def pixel(found: ImageFacts) -> tuple[int, int, int]:
    """The pixel whose arithmetic is told: one of a middle level that is not the background's."""
    inside = np.sort(found.image[found.image > found.image.min()])
    level = inside[len(inside) // 2] if inside.size else found.image.flat[0]
    channel, row, column = (int(axis[0]) for axis in np.nonzero(found.image == level))
    return channel, row, column


def spelled(found: ImageFacts, treated: Treated) -> str:
    """How the pixel's value comes about."""
    at = pixel(found)
    plane, level = found.image[at[0]], int(found.image[at])
    if treated.kind == "none":
        return f"{level} / 255 = {number(level / 255)}"
    if treated.kind == "standardize":
        above = f"({level} / 255 {shifted(-found.mean[at[0]])})"
        return f"{above} / {number(found.std[at[0]])} = {number(float(treated.seen[at]))}, mean and sd of {found.of}"
    if treated.kind == "clahe":
        return f"{level} → level {treated.levels[at]}, / 255 = {number(float(treated.seen[at]))}"
    return _share(treated, plane, level, int(treated.levels[at]))


def _share(treated: Treated, plane: np.ndarray, level: int, result: int) -> str:
    """Where a level stands between the ends, by distance or by count; the level that comes of it is scikit-image's."""
    low, high, pixels = int(plane.min()), int(plane.max()), plane.size
    below, dark = (int((plane <= each).sum()) for each in (level, low))
    if low == high:
        return f"{level} is the only level, and becomes 0"
    if treated.kind == "stretch":
        text, share = f"({level} − {low}) / ({high} − {low})", (level - low) / (high - low)
    else:
        share = (below - dark) / (pixels - dark)
        text = f"({below} − {dark}) / ({pixels} − {dark})"
    if abs(share * 255 - result) > 0.5 + 1e-6:
        raise Disagreement(f"{treated.kind}: {text} = {share:.6f} is not level {result} of 255; please report this")
    counted = (
        f"; of {pixels} pixels {below} are at most {level}, {dark} are {low}" if treated.kind == "equalize" else ""
    )
    return f"{text} = {number(share)}, level {result} of 255{counted}"


def levels(found: ImageFacts) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Head and rows of a table of levels: how many pixels have each, and what becomes of it.

    Of an image with more than nine levels, the darkest, the brightest and some between; of a colour image, the first
    channel's.
    """
    plane = found.image[0]
    every = np.unique(plane)
    shown = every[np.unique(np.linspace(0, len(every) - 1, LEVELS).round().astype(int))]
    others = [treated for treated in found.treated if treated.kind != "none"]
    head = ("level", "pixels", "at most it", *(treated.kind for treated in others))
    rows = [
        (
            str(level),
            str((plane == level).sum()),
            f"{100 * (plane <= level).mean():.1f} %",
            *(_at(t, plane == level) for t in others),
        )
        for level in shown
    ]
    return head, rows


def _at(treated: Treated, where: np.ndarray) -> str:
    """What is seen of a level: one value, or from which to which."""
    return between(treated.seen[0][where].tolist(), 3)
