"""Models: each is a function of a norm factory."""

from normlab.models.registry import build, known
from normlab.models.summary import summarize

__all__ = ["build", "known", "summarize"]
