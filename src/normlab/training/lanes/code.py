"""A small language for kernels: counted loops, numbers, and vectors with one lane per image.

It writes LLVM IR through llvmlite. A kernel is a Python function that runs once, when it is compiled: a Python loop in
it is unrolled, `with code.loop(...)` is a loop of the machine. `Variable`s become registers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

from normlab.training.lanes.constants import FLOAT, INT32, INT64, POINTER, constant, everywhere, undefined


class Number:
    """A 64-bit integer known when the kernel runs."""

    def __init__(self, code: Code, value: Any) -> None:
        self.code, self.value = code, value

    def _with(self, operation: str, other: Number | int, swapped: bool = False) -> Number:
        a, b = self.value, self.code.integer(other)
        return Number(self.code, getattr(self.code.builder, operation)(*((b, a) if swapped else (a, b))))

    def __add__(self, other: Number | int) -> Number:
        return self if isinstance(other, int) and other == 0 else self._with("add", other)

    def __sub__(self, other: Number | int) -> Number:
        return self if isinstance(other, int) and other == 0 else self._with("sub", other)

    def __rsub__(self, other: int) -> Number:
        return self._with("sub", other, swapped=True)

    def __mul__(self, other: Number | int) -> Number:
        return self if isinstance(other, int) and other == 1 else self._with("mul", other)

    __radd__, __rmul__ = __add__, __mul__

    def __mod__(self, other: int) -> Number:
        return self._with("urem", other)

    def __floordiv__(self, other: int) -> Number:
        return self if other == 1 else self._with("udiv", other)

    @property
    def halved(self) -> Number:
        """Half of it, rounded down; for numbers from 0 on."""
        return self._with("lshr", 1)

    @property
    def odd(self) -> Number:
        """Its lowest bit."""
        return self._with("and_", 1)


class Vector:
    """One value per lane: float32, int32, or bits that came of a comparison."""

    def __init__(self, code: Code, value: Any) -> None:
        self.code, self.value = code, value

    @property
    def floating(self) -> bool:
        """Whether the lanes are float32."""
        return bool(self.value.type.element == FLOAT)

    def _with(self, operation: str, other: Vector | float) -> Vector:
        code = self.code
        b = other if isinstance(other, Vector) else (code.constant(other) if self.floating else code.word(int(other)))
        name = f"f{operation}" if self.floating and operation in ("add", "sub", "mul", "div") else operation
        return Vector(code, getattr(code.builder, name)(self.value, b.value))

    def __add__(self, other: Vector | float) -> Vector:
        return self._with("add", other)

    def __sub__(self, other: Vector | float) -> Vector:
        return self._with("sub", other)

    def __mul__(self, other: Vector | float) -> Vector:
        return self._with("mul", other)

    def __truediv__(self, other: Vector | float) -> Vector:
        return self._with("div", other)

    def __and__(self, other: Vector | int) -> Vector:
        return self._with("and_", other)

    def __or__(self, other: Vector | int) -> Vector:
        return self._with("or_", other)

    def __xor__(self, other: Vector | int) -> Vector:
        return self._with("xor", other)

    def __rshift__(self, bits: int) -> Vector:
        return self._with("lshr", bits)

    def __lshift__(self, bits: int) -> Vector:
        return self._with("shl", bits)

    def __gt__(self, other: Vector | float) -> Vector:
        return self._compare(">", other)

    def __ge__(self, other: Vector | float) -> Vector:
        return self._compare(">=", other)

    def __lt__(self, other: Vector | float) -> Vector:
        return self._compare("<", other)

    def equals(self, other: Vector | float) -> Vector:
        """Lane by lane; `==` keeps Python's meaning."""
        return self._compare("==", other)

    def is_nan(self) -> Vector:
        """Where a float is not a number."""
        return Vector(self.code, self.code.builder.fcmp_unordered("uno", self.value, self.value))

    def _compare(self, sign: str, other: Vector | float) -> Vector:
        code = self.code
        b = other if isinstance(other, Vector) else (code.constant(other) if self.floating else code.word(int(other)))
        compare = code.builder.fcmp_ordered if self.floating else code.builder.icmp_unsigned
        return Vector(code, compare(sign, self.value, b.value))

    def total(self) -> Any:
        """The sum over the lanes, a float of the machine."""
        name = f"llvm.vector.reduce.fadd.v{self.code.lanes}f32"
        function = self.code.declare(name, FLOAT, [FLOAT, self.value.type])
        return self.code.builder.call(function, [ir.Constant(FLOAT, 0.0), self.value], fastmath=("reassoc",))


class Variable:
    """A vector that changes; it lives in a register."""

    def __init__(self, code: Code, value: Vector) -> None:
        self.code, self.type = code, value.value.type
        self.slot = code.slot(self.type)
        self.set(value)

    def get(self) -> Vector:
        """The value it has now."""
        return Vector(self.code, self.code.builder.load(self.slot, typ=self.type))

    def set(self, value: Vector) -> None:
        """Change it."""
        self.code.builder.store(value.value, self.slot)


class Memory:
    """Where a kernel's argument points: vectors, or single floats, by number."""

    def __init__(self, code: Code, pointer: Any) -> None:
        self.code, self.pointer = code, pointer

    def _address(self, index: Number | int, unit: int) -> Any:
        offset = self.code.integer(index * unit)
        return self.code.builder.gep(self.pointer, [offset], source_etype=FLOAT)

    def vector(self, index: Number | int) -> Vector:
        """The vector numbered `index`."""
        code = self.code
        return Vector(code, code.builder.load(self._address(index, code.lanes), typ=code.vector, align=4))

    def words(self, index: Number | int) -> Vector:
        """The same memory as int32 lanes."""
        code = self.code
        return Vector(code, code.builder.load(self._address(index, code.lanes), typ=code.vector32, align=4))

    def put(self, index: Number | int, value: Vector) -> None:
        """Write a vector."""
        self.code.builder.store(value.value, self._address(index, self.code.lanes), align=4)

    def beyond(self, floats: Number | int) -> Memory:
        """The memory from so many floats on."""
        return Memory(self.code, self._address(floats, 1))

    def rows(self, count: int, vectors: int) -> list[Memory]:
        """`count` pieces of so many vectors that lie one after the other."""
        return [Memory(self.code, self._address(k * vectors, self.code.lanes)) for k in range(count)]

    def add(self, index: Number | int, value: Vector) -> None:
        """Add to a vector."""
        self.put(index, self.vector(index) + value)

    def put_first(self, index: Number | int, value: Vector) -> None:
        """Write what the first lane holds as a single float."""
        self.put_float(index, self._lane(value, 0))

    def add_first(self, index: Number | int, value: Vector) -> None:
        """Add what the first lane holds to a single float."""
        self.put_float(index, self.code.builder.fadd(self.float(index), self._lane(value, 0)))

    def _lane(self, value: Vector, lane: int) -> Any:
        return self.code.builder.extract_element(value.value, constant(INT32, lane))

    def add_lanes(self, value: Vector, count: int) -> None:
        """Add the first `count` lanes to as many single floats."""
        for lane in range(count):
            self.put_float(lane, self.code.builder.fadd(self.float(lane), self._lane(value, lane)))

    def add_total(self, index: Number | int, value: Vector) -> None:
        """Add the sum over a vector's lanes to a single float."""
        self.put_float(index, self.code.builder.fadd(self.float(index), value.total()))

    def spread(self, index: Number | int) -> Vector:
        """The single float numbered `index`, in every lane."""
        return self.code.spread(self.float(index))

    def gather(self, places: Vector) -> Vector:
        """The four bytes from each lane's own byte on, as int32, the first byte lowest."""
        code, builder = self.code, self.code.builder
        words = undefined(INT32, code.lanes)
        for lane in range(code.lanes):  # vector gathers are no faster than this where they exist
            place = builder.extract_element(places.value, constant(INT32, lane))
            address = builder.gep(self.pointer, [builder.zext(place, INT64)], source_etype=ir.IntType(8))
            word = builder.load(address, typ=INT32, align=1)
            words = builder.insert_element(words, word, constant(INT32, lane))
        return Vector(code, words)

    def spread_word(self, index: Number | int) -> Vector:
        """The single int32 numbered `index`, in every lane."""
        return self.code.spread(self.code.builder.load(self._address(index, 1), typ=INT32, align=4))

    def number(self, index: Number | int) -> Number:
        """The single int32 numbered `index`."""
        builder = self.code.builder
        return Number(self.code, builder.sext(builder.load(self._address(index, 1), typ=INT32, align=4), INT64))

    def float(self, index: Number | int) -> Any:
        """The single float numbered `index`."""
        return self.code.builder.load(self._address(index, 1), typ=FLOAT, align=4)

    def put_float(self, index: Number | int, value: Any) -> None:
        """Write a single float."""
        self.code.builder.store(value, self._address(index, 1), align=4)


class Code:
    """One function of the machine under construction."""

    def __init__(self, module: ir.Module, name: str, pointers: int, lanes: int, scalars: int = 0) -> None:
        self.module, self.lanes = module, lanes
        self.vector, self.vector32 = ir.VectorType(FLOAT, lanes), ir.VectorType(INT32, lanes)
        kinds = [POINTER] * pointers + [INT64] * scalars
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), name)
        self.function.attributes.add("nounwind")
        for argument in self.function.args[:pointers]:
            argument.add_attribute("noalias")
        self.slots = ir.IRBuilder(self.function.append_basic_block("slots"))
        self.builder = ir.IRBuilder(self.function.append_basic_block("start"))
        self.first = self.builder.block
        self.memory = [Memory(self, argument) for argument in self.function.args[:pointers]]
        self.numbers = [Number(self, argument) for argument in self.function.args[pointers:]]

    def finish(self) -> None:
        """End the function."""
        self.builder.ret_void()
        self.slots.branch(self.first)

    def integer(self, value: Number | int) -> Any:
        """The machine's form of a number."""
        return value.value if isinstance(value, Number) else constant(INT64, value)

    def constant(self, value: float) -> Vector:
        """The same float in every lane."""
        return Vector(self, everywhere(FLOAT, self.lanes, float(value).hex()))

    def word(self, value: int) -> Vector:
        """The same int32 in every lane."""
        signed = (value + 2**31) % 2**32 - 2**31
        return Vector(self, everywhere(INT32, self.lanes, str(signed)))

    def spread(self, value: Any) -> Vector:
        """A float or int32 of the machine, in every lane."""
        nothing = undefined(value.type, self.lanes)
        one = self.builder.insert_element(nothing, value, constant(INT32, 0))
        return Vector(self, self.builder.shuffle_vector(one, nothing, everywhere(INT32, self.lanes, "0")))

    def spread_number(self, value: Number | int) -> Vector:
        """The lower 32 bits of a number, in every lane."""
        if isinstance(value, int):
            return self.word(value)
        return self.spread(self.builder.trunc(value.value, INT32))

    def slot(self, kind: Any) -> Any:
        """Room for a variable; LLVM turns it into a register."""
        return self.slots.alloca(kind)

    def fma(self, a: Vector, b: Vector, c: Vector) -> Vector:
        """A · b + c with one rounding."""
        return self._call("llvm.fma", a, b, c)

    def maximum(self, a: Vector, b: Vector) -> Vector:
        """The larger; a NaN in `a` stays, as in PyTorch's relu and max."""
        return self.select(Vector(self, self.builder.fcmp_unordered(">", a.value, b.value)), a, b)

    def root(self, a: Vector) -> Vector:
        """√a."""
        return self._call("llvm.sqrt", a)

    def floor(self, a: Vector) -> Vector:
        """The largest whole number that is not above a."""
        return self._call("llvm.floor", a)

    def exp(self, a: Vector) -> Vector:
        """eᵃ."""
        return self._call("llvm.exp", a)

    def log(self, a: Vector) -> Vector:
        """The natural logarithm."""
        return self._call("llvm.log", a)

    def to_word(self, a: Vector) -> Vector:
        """A whole float as int32."""
        return Vector(self, self.builder.fptosi(a.value, self.vector32))

    def to_float(self, a: Vector) -> Vector:
        """An int32 as float."""
        return Vector(self, self.builder.sitofp(a.value, self.vector))

    def of_bits(self, a: Vector) -> Vector:
        """The floats that these int32 are, bit by bit."""
        return Vector(self, self.builder.bitcast(a.value, self.vector))

    def select(self, bits: Vector, yes: Vector, no: Vector) -> Vector:
        """Lane by lane, `yes` where the bit is set."""
        return Vector(self, self.builder.select(bits.value, yes.value, no.value))

    def variable(self, value: Vector) -> Variable:
        """A register that starts with a value."""
        return Variable(self, value)

    def larger(self, a: Number | int, b: Number | int) -> Number:
        """The larger of two numbers."""
        return self._choose(">", a, b)

    def smaller(self, a: Number | int, b: Number | int) -> Number:
        """The smaller of two numbers."""
        return self._choose("<", a, b)

    def totals(self, vectors: Sequence[Vector]) -> Vector:
        """The sums over the lanes of as many vectors as there are lanes: the first one's in the first lane, and so on.

        Pairs are halved and laid side by side until one vector is left: fewer operations than one sum after the other.
        """
        order, width = [0], self.lanes
        while len(order) < self.lanes:  # a vector ends in the lane whose number has its own bits turned around
            order = [2 * k + bit for bit in (0, 1) for k in order]
        left = [vectors[k] for k in order]
        while len(left) > 1:
            width //= 2
            left = [self._halved(a, b, width) for a, b in zip(left[::2], left[1::2], strict=True)]
        return left[0]

    def _halved(self, a: Vector, b: Vector, width: int) -> Vector:
        """Of each 2 · width lanes of a and b: the first half of a's and of b's, plus the second halves."""
        starts = [k + source for k in range(0, self.lanes, 2 * width) for source in (0, self.lanes)]
        lanes = [start + k for start in starts for k in range(width)]
        masks = (ir.Constant(self.vector32, [k + more for k in lanes]) for more in (0, width))
        first, second = (Vector(self, self.builder.shuffle_vector(a.value, b.value, mask)) for mask in masks)
        return first + second

    def turned(self, vectors: Sequence[Vector]) -> list[Vector]:
        """As many vectors as there are lanes, transposed: the first of the new ones holds all first lanes, and so on.

        Blocks of 1, then 2, 4 … lanes change places across the diagonal.
        """
        turned, width = list(vectors), 1
        while width < self.lanes:
            for k in (k for k in range(self.lanes) if not k // width % 2):
                turned[k], turned[k + width] = self._crossed(turned[k], turned[k + width], width)
            width *= 2
        return turned

    def _crossed(self, a: Vector, b: Vector, width: int) -> tuple[Vector, Vector]:
        """Of each 2 · width lanes: a's first half and b's first half, a's second half and b's second half."""
        first = [lane if not lane // width % 2 else self.lanes + lane - width for lane in range(self.lanes)]
        one, other = (
            self.builder.shuffle_vector(a.value, b.value, ir.Constant(self.vector32, [lane + more for lane in first]))
            for more in (0, width)
        )
        return Vector(self, one), Vector(self, other)

    def declare(self, name: str, result: Any, kinds: list[Any]) -> Any:
        """A function of LLVM or of the C library."""
        return self.module.globals.get(name) or ir.Function(self.module, ir.FunctionType(result, kinds), name)

    @contextmanager
    def loop(self, start: Number | int, stop: Number | int, step: int = 1) -> Iterator[Number]:
        """Count from `start` while below `stop`."""
        index = self.slot(INT64)
        self.builder.store(self.integer(start), index)
        body, end = self.function.append_basic_block("body"), self.function.append_basic_block("end")
        if isinstance(start, int) and isinstance(stop, int) and start < stop:
            self.builder.branch(body)
        else:
            self.builder.cbranch(self._below(start, stop), body, end)
        self.builder.position_at_end(body)
        here = Number(self, self.builder.load(index, typ=INT64))
        yield here
        following = here + step
        self.builder.store(following.value, index)
        self.builder.cbranch(self._below(following, stop), body, end)
        self.builder.position_at_end(end)

    def _below(self, a: Number | int, b: Number | int) -> Any:
        return self.builder.icmp_signed("<", self.integer(a), self.integer(b))

    def _choose(self, sign: str, a: Number | int, b: Number | int) -> Number:
        first, second = self.integer(a), self.integer(b)
        return Number(self, self.builder.select(self.builder.icmp_signed(sign, first, second), first, second))

    def _call(self, name: str, *vectors: Vector) -> Vector:
        function = self.declare(f"{name}.v{self.lanes}f32", self.vector, [self.vector] * len(vectors))
        return Vector(self, self.builder.call(function, [vector.value for vector in vectors]))
