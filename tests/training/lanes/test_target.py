from __future__ import annotations

import platform
from typing import Any

import pytest
from recipes import recipe as resolved
from torch import nn

from normlab.errors import EngineError
from normlab.models import build
from normlab.norms import Slot, resolve
from normlab.records import Job
from normlab.training.dropout import PairedDropout, pair
from normlab.training.lanes.target import Target, binding, fitting, host

HASWELL = Target("haswell", "+avx2,+fma,+bmi,+bmi2,+lzcnt,+movbe,+popcnt,+f16c", 8, 16)
SMALL = Target("x86-64-v2", "", 4, 16)
"""Vectors of four without a fused multiply-add, which LLVM then calls from the C library."""


def skip_unless_it_runs_here(wanted: Target) -> None:
    """Code for a processor that this one is not would end the process."""
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("needs an x86-64 processor")
    if wanted is HASWELL and not binding().get_host_cpu_features().get("avx2"):
        pytest.skip("needs AVX2")


def small(norm: str) -> nn.Module:
    """Every kind of kernel but the maxima, on rows of even and odd length."""
    return nn.Sequential(
        nn.Conv2d(2, 6, 3, padding=1),
        resolve(norm)(Slot("norm", 6, (8, 7), 2)),
        PairedDropout(0.3),
        nn.Conv2d(6, 5, (3, 5), stride=2, padding=(1, 2), bias=False),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(20, 4),
    )


def test_this_machine_has_lanes() -> None:
    """The processor that the tests run on is one that the engine knows."""
    assert host().lanes in (4, 8, 16)
    assert host().registers in (16, 32)
    assert host() is host()


@pytest.mark.parametrize(("images", "lanes"), [(1, 4), (4, 4), (5, 8), (8, 8), (9, 16), (128, 16)])
def test_vectors_are_as_wide_as_a_batch_fills(images: int, lanes: int) -> None:
    """Never wider than the processor's, and the registers stay as many as they are."""
    found = fitting(images)
    assert found.lanes == min(lanes, host().lanes)
    assert (found.cpu, found.features, found.registers) == (host().cpu, host().features, host().registers)


@pytest.mark.parametrize("wanted", [HASWELL, SMALL], ids=lambda wanted: wanted.cpu)
@pytest.mark.parametrize("norm", ["bn", "ln-chw", "ln-c"])
@pytest.mark.slow
def test_kernels_for_another_vector_unit_compute_the_same(twins: Any, wanted: Target, norm: str) -> None:
    """Eight or four lanes, and half as many registers, change speed and nothing else."""
    skip_unless_it_runs_here(wanted)
    both = twins(small(norm), (2, 8, 7), 21, wanted)
    assert both.network.lanes == wanted.lanes
    for seed, count in enumerate([21, 3, 16]):
        loss, gradient = both.learn(count, seed)
        assert loss < 1e-5
        assert gradient < 1e-5
        assert both.judge(count, seed) < 1e-5


@pytest.mark.slow  # a network is compiled anew
@pytest.mark.long
def test_a_whole_network_for_avx2_computes_the_same(twins: Any) -> None:
    """The default network learns on eight lanes too."""
    skip_unless_it_runs_here(HASWELL)
    model = build(Job(resolved(preset="lean", dropout=0.05), 3))
    pair(model)
    both = twins(model, (1, 28, 28), 20, HASWELL)
    loss, gradient = both.learn(20)
    assert loss < 1e-5
    assert gradient < 1e-2
    assert both.judge(20) < 1e-4


def test_a_processor_without_a_vector_unit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor too old for the engine is an error that says what is needed and what came."""

    class Features(dict[str, bool]):
        """What LLVM says of a processor from 2006."""

        def flatten(self) -> str:
            return "+sse3"

    llvm = binding()
    monkeypatch.setattr(llvm, "get_host_cpu_name", lambda: "core2")
    monkeypatch.setattr(llvm, "get_process_triple", lambda: "x86_64-unknown-linux-gnu")
    monkeypatch.setattr(llvm, "get_host_cpu_features", Features)
    with pytest.raises(EngineError, match="needs AVX2, AVX-512 or NEON, and the processor core2 has none"):
        host.__wrapped__()
