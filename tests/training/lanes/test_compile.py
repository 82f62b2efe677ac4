from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from normlab.training.lanes import cache_folder
from normlab.training.lanes import compile as compiler
from normlab.training.lanes.kernels.kernel import Kernel
from normlab.training.lanes.kernels.pointwise import Add, Copy, Zero
from normlab.training.lanes.network import Network
from normlab.training.lanes.plane import Plane
from normlab.training.lanes.target import Target, host

SHAPE = (1, 4, 4)
Start = Callable[[], list[Kernel]]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Start:
    """As a new process would: forgets what is loaded; gives the list of kernels that are compiled from then on."""
    compile_one = compiler._compile

    def begin() -> list[Kernel]:
        made: list[Kernel] = []

        def noted(kernel: Kernel, target: Target) -> bytes:
            made.append(kernel)
            return compile_one(kernel, target)

        monkeypatch.setattr(compiler, "_loaded", {})
        monkeypatch.setattr(compiler, "_compile", noted)
        return made

    return begin


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv(cache_folder.VARIABLE, str(tmp_path / "kernels"))
    return tmp_path / "kernels"


def learned(twins: Any) -> tuple[float, float]:
    """How far a small network is off."""
    return twins(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 3)), SHAPE, 5).learn(5)


def test_a_kernel_is_compiled_once_and_then_read(twins: Any, start: Start, folder: Path) -> None:
    """The second process finds every kernel in the cache."""
    made = start()
    first = learned(twins)
    files = sorted(folder.iterdir())
    assert len(files) == len(made) > 5
    assert {file.suffix for file in files} == {".o"}
    again = start()
    assert learned(twins) == first
    assert again == []
    assert sorted(folder.iterdir()) == files


def test_a_kernel_in_this_process_is_not_even_read_again(twins: Any, start: Start, folder: Path) -> None:
    """A second network of the same shapes needs no file."""
    start()
    learned(twins)
    for file in folder.iterdir():
        file.unlink()
    learned(twins)
    assert list(folder.iterdir()) == []


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "cut in the checksum": lambda kept: kept[:20],
    "cut in the code": lambda kept: kept[: len(kept) // 2],
    "one bit turned": lambda kept: kept[:-100] + bytes([kept[-100] ^ 1]) + kept[-99:],
    "longer": lambda kept: kept + b"\0",
    "something else": lambda _: b"not a kernel at all, but long enough to look like one with its checksum",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.slow
def test_a_damaged_file_is_compiled_anew(
    twins: Any, start: Start, folder: Path, damage: Callable[[bytes], bytes]
) -> None:
    """A file that is not what was written is never run; it is replaced by a good one."""
    start()
    learned(twins)
    before = {file: file.read_bytes() for file in folder.iterdir()}
    for file, kept in before.items():
        file.write_bytes(damage(kept))
    made = start()
    assert max(learned(twins)) < 1e-5
    assert len(made) == len(before)
    again = start()
    assert max(learned(twins)) < 1e-5
    assert again == []


@pytest.mark.parametrize("where", ["", "file/below", "/dev/null/kernels"])
@pytest.mark.slow
def test_a_cache_that_cannot_be_kept_costs_time_only(
    twins: Any, start: Start, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off, or in a place that no file can be written to, kernels are compiled and work."""
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(cache_folder.VARIABLE, str(tmp_path / where) if where.startswith("file") else where)
    made = start()
    assert max(learned(twins)) < 1e-5
    assert len(made) > 5
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.slow
def test_a_folder_in_the_place_of_a_file_costs_time_only(twins: Any, start: Start, folder: Path) -> None:
    """Even then the kernel is compiled and works."""
    start()
    learned(twins)
    names = [file.name for file in folder.iterdir()]
    for name in names:
        (folder / name).unlink()
        (folder / name).mkdir()
    start()
    assert max(learned(twins)) < 1e-5
    assert sorted(path.name for path in folder.iterdir()) == sorted(names), "no half-written file is left"


def test_without_a_word_the_users_cache_folder_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The platform's cache folder for normlab, which XDG_CACHE_HOME moves on Linux."""
    monkeypatch.delenv(cache_folder.VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = cache_folder.used()
    assert found is not None
    assert found.name == "kernels"
    assert "normlab" in found.parts


def test_the_key_says_all_that_the_code_depends_on() -> None:
    """Another processor, its features, its lanes or registers, another kernel or one other size: another file."""
    plane, here = Plane(2, 3, 4), host()
    kernel = Copy(plane, plane)
    targets = [
        here,
        replace(here, cpu="haswell"),
        replace(here, features="+avx2"),
        replace(here, lanes=here.lanes // 2),
        replace(here, registers=8),
    ]
    kernels = [kernel, replace(kernel, adds=True), Copy(plane, replace(plane, border=1)), Zero(2), Zero(3)]
    kernels += [Add(plane, plane, plane), Add(plane, plane, plane, relu=True)]
    names = {compiler._name(kernel, target) for kernel in kernels for target in targets}
    assert len(names) == len(kernels) * len(targets)
    assert compiler._name(Copy(Plane(2, 3, 4), Plane(2, 3, 4)), here) in names


def test_the_machines_own_code_comes_of_the_key(start: Start, folder: Path) -> None:
    """Compiling twice writes the same bytes: nothing of the code depends on chance."""
    kernel = Copy(Plane(2, 3, 4), Plane(2, 3, 4))
    start()
    assert compiler._compile(kernel, host()) == compiler._compile(kernel, host())
    assert not folder.exists()


def test_networks_of_one_process_do_not_share_memory(twins: Any) -> None:
    """Kernels are shared, activations and weights are not."""
    models = [nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 3)) for _ in range(2)]
    one, two = (Network(model, SHAPE, 5) for model in models)
    x = np.random.default_rng(0).standard_normal((5, *SHAPE)).astype(np.float32)
    before = one.judge(x)
    two.learn(3 * x, np.zeros(5, np.int64))
    assert np.array_equal(one.judge(x), before)
    assert max(learned(twins)) < 1e-5


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has other rights")
@pytest.mark.slow
def test_planted_code_is_not_run(twins: Any, start: Start, folder: Path) -> None:
    """A kernel that others may write, or in a folder that they may, is compiled anew, though its checksum is right."""
    start()
    first = learned(twins)
    assert folder.stat().st_mode & 0o777 == 0o700
    kept = next(folder.iterdir())
    kept.chmod(0o666)
    made = start()
    assert learned(twins) == first
    assert len(made) == 1
    folder.chmod(0o777)
    made = start()
    assert learned(twins) == first
    assert len(made) > 5
