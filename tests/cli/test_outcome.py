"""Arms judged by another outcome, through the real command line on a small training of MNIST."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

Run = Callable[..., CompletedProcess[str]]
SMALL = ["--norms", "bn,none", "--seeds", "3", "--train-images", "512", "--epochs", "1", "--workers", "1"]
BY_LOSS = ["--outcome", "cross-entropy", "--margin", "0.01"]

pytestmark = [pytest.mark.training, pytest.mark.timeout(280)]


def pairs(answer: CompletedProcess[str]) -> list[tuple[float, str]]:
    """The mean difference and the verdict of each pair."""
    assert answer.returncode == 0, answer.stderr
    questions = json.loads(answer.stdout)["questions"]
    return [(pair["mean"], pair["verdict"]) for question in questions for pair in question["contrasts"]]


@pytest.mark.long
def test_a_study_is_trained_registered_planned_and_judged_by_cross_entropy(normlab: Run, tmp_path: Path) -> None:
    """Every command says it in nats, judging anew trains nothing, and by accuracy it is as ever."""
    study = tmp_path / "loss.toml"
    study.write_text(
        "name = 'loss'\nseeds = 3\nvary.norm = ['bn', 'none']\n[verdict]\noutcome = 'cross-entropy'\nmargin = 0.01\n"
        "[recipe]\ntrain_images = 512\nepochs = 1\nholdout = 250\n"
    )
    assert normlab("preregister", "loss.toml").returncode == 0
    assert "cross-entropy on the held-out images" in next(tmp_path.rglob("*.registered.toml")).read_text()
    found = json.loads(normlab("compare", "loss.toml", "--workers", "1", "--format", "json").stdout)
    ((pair,),) = (question["contrasts"] for question in found["questions"])
    last = {(run["arm"], run["seed"]): run["epochs"][-1]["judged_loss"] for run in found["runs"]}
    apart = [last["bn", seed] - last["none", seed] for seed in range(3)]
    assert pair["differences"] == pytest.approx(apart, abs=1e-9)
    assert found["outcome"]["unit"] == "nats"
    assert pair["verdict"] == ("better" if pair["interval"]["high"] < 0 else "not enough evidence")
    shown = normlab("report", "loss", "--details").stdout
    assert "cross-entropy" in shown
    assert "As registered on" in shown
    assert "nats" in normlab("plan", "loss").stdout
    worse = normlab("robust", "loss")
    assert "shifted" in worse.stdout
    assert "[6/6] none · seed 2" in worse.stderr
    anew = json.loads(normlab("report", "loss", "--outcome", "accuracy", "--format", "json").stdout)
    assert (anew["trained"], anew["outcome"]["margin"], anew["outcome"]["unit"]) == (0, 0.1, "points")


def test_what_no_verdict_can_be_on_is_refused_in_a_line(normlab: Run) -> None:
    """A name that is none with the nearest, one without a margin, and what chooses by accuracy."""
    for given, said in (
        (["--outcome", "brierr", "--margin", "1"], "unknown outcome 'brierr': did you mean brier?"),
        (["--outcome", "brier"], "there is no usual margin for Brier score; say what does not matter"),
        (["--outcome", "seconds", "--margin", "1"], "no verdict is on seconds"),
        ([*BY_LOSS, "--tune", "optimizer.lr=0.05,0.1"], "--tune: it chooses by accuracy, and not by cross-entropy"),
    ):
        answer = normlab("compare", *SMALL, *given)
        assert answer.returncode != 0
        assert said in " ".join(answer.stderr.split())
