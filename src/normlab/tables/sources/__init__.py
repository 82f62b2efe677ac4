"""What other people's tools leave behind: each file reads one of them, and `registry` says which it is."""

from normlab.tables.sources.registry import read

__all__ = ["read"]
