"""Models of one's own: code that the user names, imported then and not before, and what is known of it.

a place ─▶ sources (which files, their digest) ─▶ code (the function) ─▶ factory (what it asks for) ─▶ a network
"""

from normlab.models.own.code import function, own_code
from normlab.models.own.factory import Factory
from normlab.models.own.neighbours import neighbours
from normlab.models.own.registered import models, norm_place
from normlab.models.own.sources import digest, folder

__all__ = ["Factory", "digest", "folder", "function", "models", "neighbours", "norm_place", "own_code"]
