"""What a network imports while it computes, as some do in `forward`: found wherever normlab lets one compute."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from normlab.models.jobs import model_place
from normlab.own import folder, neighbours


def imports(model: str) -> AbstractContextManager[None]:
    """Within it, a recipe's model finds the modules that lie beside its file, if it is one of a file."""
    own = model_place(model)
    return neighbours(folder(own)) if own and own.is_file else nullcontext()
