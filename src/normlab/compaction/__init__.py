"""A smaller network that computes the same: dead channels removed, norms folded, written as safetensors and ONNX."""
