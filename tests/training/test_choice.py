from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
from recipes import recipe as resolved
from torch import nn

from normlab.errors import EngineError
from normlab.models.registry import MODELS
from normlab.norms import NormFactory, Slot
from normlab.records import Job
from normlab.spec import Penalty
from normlab.training import EngineChoice, choose
from normlab.training.lanes import canary, phases
from normlab.training.lanes.kernels.convolution import Correlate, Weights

SHAPE = (1, 28, 28)


def jobs(*norms: str, model: str = "lean", engine: str = "auto", device: str = "cpu") -> list[Job]:
    return [Job(resolved(norm, model=model), 0, 0, device, engine) for norm in norms or ("bn",)]


def odd(norm: NormFactory, dropout: float = 0.0, **_: object) -> nn.Module:
    """A small model with a layer that only PyTorch has; its third norm is one more."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 5, stride=4),
        norm(Slot("norm", 4, (6, 6), 2)),
        nn.Softsign(),
        nn.Dropout(dropout),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(4, 10),
    )


def even(norm: NormFactory, dropout: float = 0.0, **_: object) -> nn.Module:
    """A small model that is covered with every norm but `ln-c`, behind which it has something odd."""
    made = norm(Slot("norm", 4, (6, 6), 2))
    more = [nn.Softsign()] if "LayerNormChannels" in type(made).__name__ else []
    front = [nn.Conv2d(1, 4, 5, stride=4), made, *more, nn.ReLU(), nn.Conv2d(4, 4, 3), nn.Dropout(dropout)]
    return nn.Sequential(*front, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 10))


@pytest.fixture(autouse=True)
def _small_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "odd", odd)
    monkeypatch.setitem(MODELS, "even", even)


@pytest.mark.slow
def test_images_that_are_too_many_for_an_engine_are_no_surprise_to_a_worker() -> None:
    """`auto` takes eager for them before anything is trained; lanes says so where it is asked for."""
    chosen = choose(jobs("bn"), (1, 224, 224), images=60_000)
    assert chosen == EngineChoice(
        "eager", "the lanes engine addresses 2 GiB of images, and these need 3,091,740,004 bytes"
    )
    with pytest.raises(EngineError, match="2 GiB of images"):
        choose(jobs("bn", engine="lanes"), (1, 224, 224), images=60_000)
    assert choose(jobs("bn"), (1, 28, 28), images=60_000) == EngineChoice("lanes")


@pytest.mark.slow  # a second or more
@pytest.mark.long
def test_auto_takes_the_compiled_engine_where_it_can() -> None:
    """On this machine, with our networks and every norm, `auto` is `lanes` and there is nothing to explain."""
    norms = ["bn", "ln", "gn", "gn:2", "in", "ln-chw", "ln-c", "rms", "none", "dyt", "ws+gn:4", "ws+bn"]
    assert choose(jobs(*norms, model="lean"), SHAPE) == EngineChoice("lanes")
    assert choose(jobs("bn", model="course"), SHAPE) == EngineChoice("lanes")


@pytest.mark.parametrize(
    ("norm", "layer", "kind"),
    [
        ("gbn:4", "norm1", "GhostBatchNorm"),
        ("brn", "norm1", "BatchRenorm"),
        ("frn", "norm1", "FilterResponseNorm"),
        ("evonorm-s0", "norm1", "EvoNormS0"),
    ],
)
@pytest.mark.slow
def test_auto_takes_eager_for_a_norm_without_a_kernel(norm: str, layer: str, kind: str) -> None:
    """One sentence names the layer, and every arm is trained eagerly."""
    chosen = choose(jobs("bn", norm), SHAPE)
    assert chosen == EngineChoice("eager", f"the lanes engine has no kernel for {layer}: {kind}")


def test_auto_falls_back_and_says_why() -> None:
    """A layer without a kernel makes the whole study eager, with the layer's class in the reason."""
    chosen = choose(jobs("bn", "gn", model="odd"), SHAPE)
    assert chosen.engine == "eager"
    assert chosen.why == "the lanes engine has no kernel for 2: Softsign"


@pytest.mark.long
def test_one_arm_that_cannot_decides_for_all() -> None:
    """One study, one engine: no difference between arms may come of the engine."""
    assert choose(jobs("bn", "gn", model="even"), SHAPE).engine == "lanes"
    chosen = choose(jobs("bn", "ln-c", "gn", model="even"), SHAPE)
    assert chosen.engine == "eager"
    assert "Softsign" in chosen.why


def test_lanes_by_name_is_taken_at_its_word() -> None:
    """Asked for by name, the engine that cannot is an error that says the way out."""
    assert choose(jobs(engine="lanes"), SHAPE) == EngineChoice("lanes")
    with pytest.raises(EngineError, match=r"no kernel for 2: Softsign: use engine eager") as caught:
        choose(jobs(model="odd", engine="lanes"), SHAPE)
    assert "finished runs" not in str(caught.value)


@pytest.mark.parametrize("engine", ["eager", "reference"])
def test_other_engines_by_name_are_not_tried_out(engine: str) -> None:
    """They take every model."""
    assert choose(jobs(model="odd", engine=engine), SHAPE) == EngineChoice(engine)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_an_accelerator_gets_eager(device: str) -> None:
    """The compiled engine is the CPU's; by name it is an error elsewhere."""
    assert choose(jobs(device=device), SHAPE) == EngineChoice("eager")
    with pytest.raises(EngineError, match=f"works on cpu, not on {device}: use engine eager"):
        choose(jobs(device=device, engine="lanes"), SHAPE)


@pytest.mark.parametrize("engine", ["eager", "reference"])
def test_a_study_goes_on_with_the_engine_it_began_with(engine: str) -> None:
    """Runs that were made with another engine keep it under `auto`, though `lanes` could."""
    assert choose(jobs(), SHAPE, used={engine}) == EngineChoice(engine)


def test_a_study_begun_with_lanes_goes_on_with_it_or_stops() -> None:
    """Where it can no longer, the error says so and no engine is changed silently."""
    assert choose(jobs(), SHAPE, used={"lanes"}) == EngineChoice("lanes")
    with pytest.raises(
        EngineError, match=r"Softsign, and this study's finished runs were made with it: use engine eager"
    ):
        choose(jobs(model="odd"), SHAPE, used={"lanes"})


def _unturned(weights: Weights) -> Weights:
    return replace(weights, start=0, row=-weights.row, column=-weights.column)


@pytest.mark.slow
def test_a_kernel_that_computes_wrongly_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canary: a gradient unlike PyTorch's makes the study eager, and an error where lanes was asked for."""
    through = phases.through

    def unturned(*how: Any) -> tuple[Correlate, ...]:
        return tuple(replace(each, weights=_unturned(each.weights)) for each in through(*how))

    monkeypatch.setenv("NORMLAB_KERNELS", "")
    monkeypatch.setattr(phases, "through", unturned)
    chosen = choose(jobs("gn", model="even"), SHAPE)
    assert chosen.engine == "eager"
    assert chosen.why.startswith("the lanes engine's gradient is off by ")
    with pytest.raises(EngineError, match="gradient is off by"):
        choose(jobs("gn", model="even", engine="lanes"), SHAPE)


@pytest.mark.slow
def test_the_canary_sees_a_wrong_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the gradient alone is compared."""
    from normlab.training.lanes.network import Network

    step = Network.step

    def doubled(self: Network, labels: Any) -> tuple[float, int]:
        loss, right = step(self, labels)
        return 1.01 * loss, right

    monkeypatch.setattr(Network, "step", doubled)
    assert choose(jobs(model="even"), SHAPE).why.startswith("the lanes engine's loss is off by 1.0e-02")


def test_the_canary_sees_other_scores_in_eval_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judging is a program of its own."""
    from normlab.training.lanes.network import Network

    judge = Network.judge
    monkeypatch.setattr(Network, "judge", lambda self, images: 1.02 * judge(self, images))
    assert choose(jobs(model="even"), SHAPE).why.startswith("the lanes engine's eval mode is off by 2.0e-02")


def test_the_canary_sees_other_running_statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step leaves more behind than a gradient."""
    from normlab.training.lanes.network import Network

    step = Network.step

    def shifted(self: Network, labels: Any) -> tuple[float, int]:
        found = step(self, labels)
        for norm in self.batch_norms:
            norm.running_var.mul_(1.01)
        return found

    monkeypatch.setattr(Network, "step", shifted)
    assert "running statistics is off by" in choose(jobs("bn", model="even"), SHAPE).why


def test_arms_that_share_a_network_try_it_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A path of twenty λ does not compile twenty times."""
    tried: list[str] = []
    monkeypatch.setattr(canary, "try_out", lambda job, _shape: tried.append(job.name))
    recipes = [resolved(norm, Penalty(lam=lam)) for norm in ("bn", "gn") for lam in (0.0, 1e-4, 1e-3)]
    assert choose([replace(jobs()[0], recipe=recipe) for recipe in recipes], SHAPE) == EngineChoice("lanes")
    assert tried == ["bn · seed 0", "gn · seed 0"]


def test_a_penalty_that_has_no_kernel_is_a_refusal() -> None:
    """It is the optimizer and the penalty together that decide."""
    penalty = Penalty(kind="group", lam=0.1)
    job = Job(resolved("gn", penalty, model="even", optimizer={"kind": "adamw", "lr": 1e-3}), 0, engine="auto")
    assert choose([job], SHAPE) == EngineChoice("eager", "the lanes engine has no group penalty for adamw")


def test_trying_out_draws_nothing() -> None:
    """Choosing an engine leaves torch's random state as it is."""
    import torch

    before = torch.random.get_rng_state()
    choose(jobs(model="even"), SHAPE)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.slow  # a process of its own imports PyTorch
@pytest.mark.long
def test_without_llvmlite_training_is_eager() -> None:
    """A platform for which llvmlite has no wheel is a slower one, not an error."""
    code = """
import sys
sys.modules["llvmlite"] = None
from normlab.errors import EngineError
from normlab.records import Job
from normlab.spec import Recipe
from normlab.training import choose
print(choose([Job(Recipe(), 0, engine="auto")], (1, 28, 28)))
try:
    choose([Job(Recipe(), 0, engine="lanes")], (1, 28, 28))
except EngineError as error:
    print(error)
"""
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    chosen, error = printed.splitlines()
    assert chosen.startswith(
        "EngineChoice(engine='eager', why='the lanes engine needs llvmlite, which cannot be loaded: "
    )
    assert error.startswith("the lanes engine needs llvmlite")
    assert error.endswith("use engine eager, which makes another study of it")


@pytest.mark.parametrize(
    ("wide", "shape", "why"),
    [(4500, (1, 28, 28), "and this one has 20,"), (16, (1, 64, 64), "GiB of this network")],
    ids=["parameters", "values"],
)
@pytest.mark.slow
def test_a_large_network_is_not_even_tried_out(
    wide: int, shape: tuple[int, int, int], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To compile it would take longer than it could save."""

    def large(*_: object, **__: object) -> nn.Module:
        rows = [nn.Conv2d(wide, wide, 1) for _ in range(1 if wide > 16 else 64)]
        return nn.Sequential(nn.Conv2d(1, wide, 1), *rows, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(wide, 10))

    monkeypatch.setitem(MODELS, "large", large)
    monkeypatch.setattr(canary, "try_out", lambda *_: pytest.fail("it was tried out"))
    chosen = choose(jobs(model="large"), shape, images=1_000)
    assert chosen.engine == "eager"
    assert why in chosen.why
