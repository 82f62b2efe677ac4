"""The preprocessings of `normlab.spec` in the order in which they are shown.

They stand here again, and a test compares them, because reading a spec's names loads pydantic: a tenth of a second, of
an answer that takes little more than one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normlab.spec import Preprocess

PREPROCESSINGS: tuple[Preprocess, ...] = ("none", "standardize", "stretch", "equalize", "clahe")
"""`none` is the image as it is stored, over 255; it stands beside the others always."""
