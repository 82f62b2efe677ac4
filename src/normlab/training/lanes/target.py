"""The processor that kernels are compiled for: how many images fit a vector register, and how many registers it has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from normlab.errors import EngineError

NARROWEST = 4
"""Lanes of the narrowest vectors: of 128 bits, which each of the processors has."""


@dataclass(frozen=True)
class Target:
    """A processor as LLVM names it, with the float32 lanes of a vector register and the number of registers."""

    cpu: str
    features: str
    lanes: int
    registers: int


@cache
def host() -> Target:
    """This machine's processor; raises `EngineError` where llvmlite or a vector unit that we know is missing."""
    llvm = binding()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features()
    text = features.flatten()
    if features.get("avx512f"):
        return Target(cpu, text, 16, 32)
    if features.get("avx2") and features.get("fma"):
        return Target(cpu, text, 8, 16)
    if llvm.get_process_triple().startswith(("aarch64", "arm64")):
        return Target(cpu, text, 4, 32)
    raise EngineError(f"the lanes engine needs AVX2, AVX-512 or NEON, and the processor {cpu} has none of them")


def fitting(images: int) -> Target:
    """This machine's processor, with narrower vectors where batches of so many images would not fill half of them."""
    target, filled = host(), 1 << (images - 1).bit_length()
    return replace(target, lanes=max(NARROWEST, min(target.lanes, filled)))


@cache
def binding() -> Any:
    """Llvmlite's binding, made ready once."""
    try:
        import llvmlite.binding as llvm
    except (ImportError, OSError) as error:
        raise EngineError(f"the lanes engine needs llvmlite, which cannot be loaded: {error}") from None
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm
