"""Code of one's own that the user names, a model or images: imported then and not before, and known by its text.

a place ─▶ sources (which files, their digest) ─▶ code (the function), run as a guest among its neighbours
"""

from normlab.own.code import function, guest
from normlab.own.neighbours import neighbours
from normlab.own.sources import digest, folder, hashes

__all__ = ["digest", "folder", "function", "guest", "hashes", "neighbours"]
