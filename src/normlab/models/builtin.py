"""The models that normlab has of its own, by name."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from normlab.models.course import course
from normlab.models.lean import lean
from normlab.models.lenet5 import lenet5
from normlab.models.mlp import mlp
from normlab.models.resnet8 import resnet8
from normlab.models.resnet20 import resnet20
from normlab.models.s8 import s8
from normlab.models.vit import vit

Model = Callable[..., nn.Module]
"""`make(norm, *, dropout, shape, classes)`: a network for images of `shape` (C, H, W), giving logits (N, classes)."""
MODELS: dict[str, Model] = {
    "course": course,
    "lean": lean,
    "lenet5": lenet5,
    "mlp": mlp,
    "resnet8": resnet8,
    "resnet20": resnet20,
    "s8": s8,
    "vit": vit,
}
