"""torchvision's Python beside a torch that its compiled part is not made for: what the corpus needs of it has none."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

from torch.library import Library

LIBRARY = Library("torchvision", "DEF")
"""Kept, or its operators would go with it."""


def declare() -> None:
    """Declare the operators that torchvision registers shapes for as it is imported; none is ever called."""
    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        return
    source = Path(spec.origin).with_name("_meta_registrations.py").read_text(encoding="utf-8")
    for name in {"nms", *re.findall(r'register_(?:meta|fake)\("(?:torchvision::)?(\w+)"\)', source)}:
        LIBRARY.define(f"{name}(Tensor x) -> Tensor")
