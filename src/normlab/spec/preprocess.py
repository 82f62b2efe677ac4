"""The names of what is done to images before a network sees them; `normlab.data.levels` does it."""

from __future__ import annotations

from typing import Literal, get_args

Preprocess = Literal["standardize", "stretch", "equalize", "clahe", "none"]
PREPROCESSES: tuple[Preprocess, ...] = get_args(Preprocess)
USUAL: Preprocess = "standardize"
"""What is done where a study says nothing, and was always done before studies could say."""
