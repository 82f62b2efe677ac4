"""Kernels → machine code, through LLVM; compiled once for each processor and kept in the user's cache folder."""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from llvmlite import ir

from normlab import files, leftovers, trust
from normlab.training.lanes import cache_folder
from normlab.training.lanes.code import Code
from normlab.training.lanes.constants import POINTER
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.target import Target, binding

DIGEST = 32  # bytes of SHA-256 before the code in a cached file

_loaded: dict[tuple[Kernel, Target], int] = {}
_engines: list[Any] = []  # machine code lives as long as its engine


DISPATCH = """
; One record per operation: the kernel, then for each of its buffers an address and the bytes from block to block.
define void @{name}(ptr %table, i64 %operations, i64 %loops, i64 %blocks) {{
start:
  %buffers = alloca [{arguments} x ptr]
  br label %block
block:
  %b = phi i64 [ 0, %start ], [ %b.next, %done ]
  br label %operation
operation:
  %o = phi i64 [ 0, %block ], [ %o.next, %call ]
  %at = mul i64 %o, {record}
  %record = getelementptr i64, ptr %table, i64 %at
  br label %fill
fill:
  %a = phi i64 [ 0, %operation ], [ %a.next, %fill ]
  %twice = shl i64 %a, 1
  %one = add i64 %twice, 1
  %two = add i64 %twice, 2
  %base.at = getelementptr i64, ptr %record, i64 %one
  %step.at = getelementptr i64, ptr %record, i64 %two
  %base = load i64, ptr %base.at
  %step = load i64, ptr %step.at
  %offset = mul i64 %b, %step
  %sum = add i64 %base, %offset
  %slot = getelementptr i64, ptr %buffers, i64 %a
  store i64 %sum, ptr %slot
  %a.next = add i64 %a, 1
  %more.a = icmp slt i64 %a.next, {arguments}
  br i1 %more.a, label %fill, label %call
call:
  %kernel = load ptr, ptr %record
  call void %kernel(ptr %buffers, i64 %blocks)
  %o.next = add i64 %o, 1
  %more.o = icmp slt i64 %o.next, %operations
  br i1 %more.o, label %operation, label %done
done:
  %b.next = add i64 %b, 1
  %more.b = icmp slt i64 %b.next, %loops
  br i1 %more.b, label %block, label %end
end:
  ret void
}}
"""
ARGUMENTS = 9
"""The most buffers that a kernel takes."""
RECORD = 1 + 2 * ARGUMENTS
"""64-bit words per operation in the dispatcher's table."""


@cache
def dispatcher(target: Target) -> Any:
    """`void dispatch(table, operations, loops, blocks)`: every operation of the table for every block, in order."""
    llvm, text = binding(), DISPATCH.format(name="dispatch", arguments=ARGUMENTS, record=RECORD)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(text), _machine(target))
    engine.finalize_object()
    _engines.append(engine)
    signature = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
    return signature(engine.get_function_address("dispatch"))


def addresses(kernels: Iterable[Kernel], target: Target) -> dict[Kernel, int]:
    """Where each kernel's code starts: `void kernel(pointer *buffers, int64 blocks)`."""
    wanted = list(dict.fromkeys(kernels))
    missing = [kernel for kernel in wanted if (kernel, target) not in _loaded]
    if missing:
        _load(missing, target)
    return {kernel: _loaded[kernel, target] for kernel in wanted}


def _load(kernels: list[Kernel], target: Target) -> None:
    llvm = binding()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _machine(target))
    if folder := cache_folder.used():
        leftovers.sweep(folder)
    for kernel in kernels:
        engine.add_object_file(llvm.ObjectFileRef.from_data(_object(kernel, target)))
    engine.finalize_object()
    _engines.append(engine)
    for kernel in kernels:
        _loaded[kernel, target] = engine.get_function_address(_name(kernel, target))


def _object(kernel: Kernel, target: Target) -> bytes:
    """The kernel's object file, from the cache if a whole one is there."""
    folder, name = cache_folder.used(), _name(kernel, target)
    path = folder / f"{name}.o" if folder else None
    if path:
        with suppress(OSError):
            kept = b"" if trust.distrust(path) else path.read_bytes()
            if kept[:DIGEST] == _digest(name, kept[DIGEST:]):
                return kept[DIGEST:]
    made = _compile(kernel, target)
    if path:
        with suppress(OSError):  # a full disk costs the next start a compilation, nothing else
            trust.folder(path.parent)
            files.write(path, _digest(name, made) + made, durable=False)
    return made


def _digest(name: str, made: bytes) -> bytes:
    """What a whole file of this kernel, and of no other, starts with."""
    return hashlib.sha256(name.encode() + made).digest()


def _compile(kernel: Kernel, target: Target) -> bytes:
    module, machine = binding().parse_assembly(assembly(kernel, target)), _machine(target)
    optimize(module, machine)
    return bytes(machine.emit_object(module))


def optimize(module: Any, machine: Any) -> None:
    """Put variables into registers, and fold what is computed of constants.

    Kernels are written as they shall run: vectors, loops and their order. LLVM's usual passes (-O2) take several times
    as long for code that is no faster: `benchmarks/compiling.py`.
    """
    llvm = binding()
    passes = llvm.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_instruction_combine_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options()))


def assembly(kernel: Kernel, target: Target) -> str:
    """The kernel in LLVM's language: its body, and the entry that unpacks the buffers' addresses."""
    module, name = ir.Module(), _name(kernel, target)
    code = Code(module, f"{name}_body", kernel.pointers, target.lanes, scalars=1)
    code.function.linkage = "internal"
    kernel.write(code, code.memory, code.numbers[0], target)
    code.finish()
    entry = Code(module, name, 1, target.lanes, scalars=1)
    table = entry.memory[0].pointer
    places = [entry.builder.gep(table, [entry.integer(i)], source_etype=POINTER) for i in range(kernel.pointers)]
    buffers = [entry.builder.load(place, typ=POINTER) for place in places]
    entry.builder.call(code.function, [*buffers, entry.numbers[0].value])
    entry.finish()
    return str(module)


def _name(kernel: Kernel, target: Target) -> str:
    text = f"{kernel!r} {target!r} {sources()}"
    return f"k{hashlib.sha256(text.encode()).hexdigest()[:32]}"


@cache
def sources() -> str:
    """What kernels come from: this folder's sources and LLVM."""
    digest = hashlib.sha256(version("llvmlite").encode())
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _machine(target: Target) -> Any:
    llvm = binding()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=target.cpu, features=target.features, opt=3, reloc="pic", codemodel="default"
    )
