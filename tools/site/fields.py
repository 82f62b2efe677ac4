"""An extension of griffe: specs show their fields as a signature, as dataclasses do.

Specs are pydantic models, whose `__init__` is made when they are imported; griffe reads the source without that.
"""

from __future__ import annotations

from typing import Any

import griffe


class Fields(griffe.Extension):
    """Gives each class under `Spec` the `__init__` that pydantic gives it."""

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        """A class is read, with all its members."""
        if any(str(base) == "Spec" for base in cls.bases):
            taken = [_parameter(field) for field in cls.attributes.values() if _is_field(field)]
            cls.set_member("__init__", griffe.Function("__init__", parameters=griffe.Parameters(*taken)))


def _is_field(member: griffe.Attribute) -> bool:
    return member.annotation is not None and "property" not in member.labels


def _parameter(field: griffe.Attribute) -> griffe.Parameter:
    kind = griffe.ParameterKind.keyword_only
    return griffe.Parameter(field.name, annotation=field.annotation, kind=kind, default=field.value)
