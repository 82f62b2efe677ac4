"""The keywords of a verb's options, named where people look for them: in `help` and in what editors show."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from normlab.spec import Options

Verb = TypeVar("Verb", bound=Callable[..., Any])


def named_options(verb: Verb) -> Verb:
    """Put each of `Options` into the signature, in the place of `**options`; what is called stays the same."""
    plain = inspect.signature(verb)
    own = [each for each in plain.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    taken = {each.name for each in own}
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=hint)
        for name, hint in get_type_hints(Options).items()
        if name not in taken
    ]
    verb.__signature__ = plain.replace(parameters=[*own, *more])  # type: ignore[attr-defined]
    return verb
