"""safetensors: weights from outside, and the files that `normlab compact` and `normlab calibrate` keep."""

from __future__ import annotations

import struct
from pathlib import Path
from random import Random

import numpy as np
import torch
from harness import Parser
from safetensors.numpy import save

from normlab import compaction
from normlab.calibration import pool
from normlab.compaction import file as compact_file
from normlab.verbs.compact import weights_of

NUMBER = struct.Struct("<Q")


def seeds() -> list[bytes]:
    """Weights, a pool of runs, and a compact network."""
    weights = {"conv1.weight": np.arange(18, dtype=np.float32).reshape(2, 1, 3, 3), "steps": np.array(8)}
    bits = {"wrong": np.arange(20, dtype=np.uint8).reshape(2, 10)}
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(8, 3))
    made = compaction.compact(network.eval(), torch.zeros(2, 1, 4, 4))
    return [
        save(weights),
        save(bits, {"images": "80", "columns": "80", "source": "a study"}),
        compact_file.dump(made.network),
    ]


def dressed(draw: Random, content: bytes) -> bytes:
    """The header's length is put right in most, so that what it says is read."""
    end = content.rfind(b"}") + 1
    return NUMBER.pack(max(0, end - 8)) + content[8:] if end and draw.random() < 0.7 else content


def read(case: bytes, folder: Path) -> object:
    """As whatever the name or the content says that it is."""
    path = folder / "some.safetensors"
    path.write_bytes(case)
    if b"normlab" in case[:2000]:
        return compaction.load(path)
    return pool.read(path).runs if b"columns" in case[:500] else len(weights_of(path))


PARSER = Parser("safetensors", seeds, read, dressed)
