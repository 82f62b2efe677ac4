"""The store of one study: an SQLite file and its weights, in a folder of their own."""

from normlab.store.store import Store

__all__ = ["Store"]
