"""Weights as text that a page can hold, and `weights.js` unpacks: byte by byte in planes, deflated, in base64.

Bytes of one place in a float32 are alike (signs and exponents, digits that were rounded away, zeros), and deflate finds
what is alike where it stands together.
"""

from __future__ import annotations

import base64
import zlib

import numpy as np
from numpy.typing import NDArray


def packed(weights: NDArray[np.float32]) -> str:
    """The text of float32 (values,)."""
    planes = weights.astype("<f4").view(np.uint8).reshape(-1, 4).T
    # only bytes that come again at once are worth a reference: weights repeat nothing else, and zeros do
    deflate = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_RLE)
    # a flush ends a block, and a block has a code of its own: planes differ
    parts = [deflate.compress(plane.tobytes()) + deflate.flush(zlib.Z_FULL_FLUSH) for plane in planes]
    return base64.b64encode(b"".join([*parts, deflate.flush()])).decode()
