"""Any network as a graph, by torch.fx: whatever it calls, with the model's own modules and the shapes that pass."""

from __future__ import annotations

from collections.abc import Collection

from torch import nn

from normlab.errors import NetworkError
from normlab.models.graph.nodes import Graph
from normlab.models.graph.passing import Check, Watching
from normlab.models.graph.reading import Reading
from normlab.models.graph.refusals import NotUnderstood


def trace(
    model: nn.Module,
    shape: tuple[int, ...],
    whole: Collection[type[nn.Module]] = (),
    check: Check = lambda _name, _module: None,
    only: Collection[type[nn.Module]] | None = None,
    *,
    computes: bool = False,
) -> Graph:
    """What a network calls for images of (C, H, W), in the mode that it is in; the model stays as it is.

    Args:
        model: the nodes have its own modules. Functions become modules of the same meaning.
        shape: of an image.
        whole: modules that are one operation, as PyTorch's are; others are looked into, as are subclasses of these that
            add to them.
        check: see `Check`.
        only: the kinds of modules that functions may become; None for all that there are.
        computes: whether its reader takes weights that the network computes of its parameters; see `Computed`.

    Raises:
        NetworkError: something in it cannot be read; the operation is named as the model's author knows it.
    """
    tracer = Watching(whole, shape, check)
    try:
        traced = tracer.watch(model)
    except NetworkError as error:
        raise type(error)(str(error).splitlines()[0]) from None
    except Exception as error:  # noqa: BLE001 - a model may do anything while it is traced
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise NotUnderstood(f"{tracer.inside or type(model).__name__} cannot be read: {said}") from None
    try:
        return Reading(model, traced, tracer.passed, only, computes).graph()
    except NetworkError:
        raise
    except Exception as error:  # noqa: BLE001 - what it calls may be given what nobody thought of
        raise NotUnderstood(f"{type(model).__name__} cannot be read: {error or type(error).__name__}") from None
