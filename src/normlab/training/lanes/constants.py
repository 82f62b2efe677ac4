"""The machine's kinds of numbers, and those that are known when a kernel is written."""

from __future__ import annotations

from functools import cache
from typing import Any

from llvmlite import ir

FLOAT, INT32, INT64, BIT = ir.FloatType(), ir.IntType(32), ir.IntType(64), ir.IntType(1)
POINTER = ir.PointerType()


@cache  # kernels have the same few of them thousands of times, and llvmlite writes each out
def constant(kind: Any, value: int) -> Any:
    """A number known beforehand."""
    return ir.Constant(kind, value)


@cache
def everywhere(kind: Any, lanes: int, value: str) -> Any:
    """The same number in every lane, as Python writes it: −0 is not 0."""
    number = int(value) if isinstance(kind, ir.IntType) else float.fromhex(value)
    return ir.Constant(ir.VectorType(kind, lanes), [number] * lanes)


@cache
def undefined(kind: Any, lanes: int) -> Any:
    """A vector of which no lane matters."""
    return ir.Constant(ir.VectorType(kind, lanes), ir.Undefined)
