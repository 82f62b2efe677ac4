"""A smaller network that computes the same: dead channels removed, norms folded, written as safetensors and ONNX."""

from normlab.compaction.file import load
from normlab.compaction.shrink import Compacted, compact

__all__ = ["Compacted", "compact", "load"]
