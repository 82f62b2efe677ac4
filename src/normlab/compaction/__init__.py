"""A smaller network that computes the same: dead channels removed, norms folded, written as safetensors and ONNX."""

from normlab.compaction.compact import Compacted, compact
from normlab.compaction.file import load

__all__ = ["Compacted", "compact", "load"]
