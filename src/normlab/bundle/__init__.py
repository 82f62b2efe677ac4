"""A trained network as a folder for others: weights, a script that loads them, ONNX where its packages are there.

a record ─▶ script (what images have to be, how the network is built) ─▶ folder (files, whole or not at all)
"""

from normlab.bundle.folder import Bundle, write

__all__ = ["Bundle", "write"]
