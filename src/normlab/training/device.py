"""The device behind a name."""

from __future__ import annotations

import torch

from normlab.errors import DeviceError


def device_called(name: str) -> torch.device:
    """`cpu`, `cuda` or `mps`; raises `DeviceError` where this machine or this build of PyTorch has none."""
    present = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not present.get(name, False):
        have = ", ".join(device for device, here in present.items() if here)
        raise DeviceError(f"device {name!r} is not usable here with PyTorch {torch.__version__}: use one of {have}")
    return torch.device(name)
