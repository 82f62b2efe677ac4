"""Recipes by name: where a recipe starts from, before its own fields go over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    # The course's own recipe. Its images are rotated before normalizing here, so corners stay background.
    "course": {
        "model": "course",
        "epochs": 20,
        "batch_size": 128,
        "dropout": 0.05,
        "optimizer": {"kind": "sgd", "lr": 0.01, "momentum": 0.9},
        "schedule": {"kind": "constant"},
        "augment": {"rotation": 7.0},
    },
    # Ours, tuned on held-out training images only: docs/tuning.md and studies/lean list what was tried.
    "lean": {
        "model": "lean",
        "epochs": 4,
        "batch_size": 128,
        "optimizer": {"kind": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1e-3},
        "schedule": {"kind": "one-cycle", "warmup": 0.2, "final": 0.01},
        "augment": {"rotation": 10.0, "shift": 1.5, "scale": 0.1},
    },
}
USUAL = "lean"


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """One table over another, tables in them likewise."""
    both = dict(base)
    for key, value in over.items():
        nested = isinstance(value, Mapping) and isinstance(both.get(key), Mapping)
        both[key] = merged(both[key], value) if nested else value
    return both
