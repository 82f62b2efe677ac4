"""A field that follows another: the learning rate by the batch size, as in the linear scaling rule.

    optimizer.lr = {base = 0.1, per = "batch_size", at = 128}                   base · batch_size / at
    optimizer.lr = {base = 0.1, per = "batch_size", at = 128, rule = "sqrt"}    base · √(batch_size / at)

Sources: P. Goyal et al., arXiv 1706.02677 (linear); A. Krizhevsky, arXiv 1404.5997 (square root).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from normlab.errors import SpecError
from normlab.spec import arguments
from normlab.spec.base import Spec
from normlab.spec.fields import WORDS, Value, find

LARGEST = 1e300
"""Of a number that is followed: a larger one is refused where it stands."""
Finite = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Link(Spec):
    """`base` where the field `per` is `at`, and in proportion elsewhere, or in proportion to the root."""

    base: Finite
    per: str
    at: Finite
    rule: Literal["linear", "sqrt"] = "linear"

    def follow(self, other: float) -> float:
        """The value where the field that it follows is `other`."""
        ratio = other / self.at
        return self.base * (math.sqrt(ratio) if self.rule == "sqrt" else ratio)

    @property
    def told(self) -> str:
        """In words, for instance `0.1 at batch_size 128, linear`."""
        return f"{self.base:g} at {self.per} {self.at:g}, {self.rule}"


def read(path: str, value: Value) -> Value:
    """A table as a link, that of a field which is one as its text, anything else as it is.

    Raises `SpecError` where the field cannot be linked so.
    """
    if isinstance(value, Link):
        return value
    field = find(path)
    if field.setting.table:
        return _table(path, value)
    if not isinstance(value, Mapping):
        return value
    if field.kind is not float:
        raise SpecError(f"{path}: only fields that are fractions can follow another, and this is {WORDS[field.kind]}")
    try:
        link = Link.model_validate(dict(value))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise SpecError(
            f'{path}: expected {{base = 0.1, per = "batch_size", at = 128}}, perhaps with rule = "sqrt"; '
            f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
        ) from None
    other = find(link.per)
    if other.kind not in (int, float):
        raise SpecError(f"{path}: it can follow a number, and {other.path} is {WORDS[other.kind]}")
    if other.path == field.path:
        raise SpecError(f"{path}: it follows itself; per has to name another field")
    return link.model_copy(update={"per": other.path})


def _table(path: str, value: Value) -> str:
    try:
        return arguments.text_of(value)
    except ValueError as error:
        raise SpecError(f"{path}: {error}") from None


def resolved(stated: Mapping[str, Value]) -> dict[str, Any]:
    """The values of all fields, links worked out; raises `SpecError` where links go round in a circle."""
    values: dict[str, Any] = {path: value for path, value in stated.items() if not isinstance(value, Link)}
    waiting = {path: value for path, value in stated.items() if isinstance(value, Link)}
    while waiting:
        ready = [path for path, link in waiting.items() if link.per in values]
        if not ready:
            raise SpecError(f"{', '.join(waiting)}: they follow each other in a circle; give one of them a number")
        for path in ready:
            link = waiting.pop(path)
            other = values[link.per]
            number = isinstance(other, int | float) and not isinstance(other, bool)
            values[path] = link.follow(other) if number and 0 <= other <= LARGEST else other
    return values
