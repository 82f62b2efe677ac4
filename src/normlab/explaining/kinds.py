"""The names of preprocessings in the order in which they are shown, without what does them."""

from __future__ import annotations

KINDS = ("none", "standardize", "stretch", "equalize", "clahe")
"""`none` is the image as it is stored, over 255; it stands beside the others always."""
