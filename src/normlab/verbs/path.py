"""`path`: one norm along λ. Find the grid, train along it, choose on held-out images, test once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from normlab import spec
from normlab.errors import SpecError
from normlab.events import Tell, silent
from normlab.plans import Maker
from normlab.plans.ladder import ladder
from normlab.spec import Options, Study
from normlab.verbs import engines, projects
from normlab.verbs.ceiling import SPARING, ceiling, check_ends
from normlab.verbs.checks import ready
from normlab.verbs.rehearsal import Hall
from normlab.verbs.results import StudyResult
from normlab.verbs.session import Terms, by_cluster, carry_out
from normlab.verbs.signature import named_options

HOLDOUT = 10_000


@named_options
def path(
    norm: str = "bn",
    penalties: Sequence[str] = ("prox",),
    *,
    points: int | None = None,
    lambdas: Sequence[float] | None = None,
    out: str | Path = "normlab-out",
    workers: int | None = None,
    cluster: str | None = None,
    repair: bool = False,
    tell: Tell | None = None,
    **options: Unpack[Options],
) -> StudyResult:
    """Train a norm along λ with each penalty, and say how sparse it can get before that costs accuracy.

    λ is chosen on held-out training images by the rule of one standard error; the chosen networks, and those without a
    penalty, are then judged on the test images once.

    Args:
        norm: the norm of every arm.
        penalties: kinds, each a path of its own on the same λ.
        points, lambdas: how many λ, from the one that leaves nothing downwards (by default down to 1e-5); or the λ
            themselves.
        out, workers, cluster, repair, tell: as for `compare`; the search for the largest λ is told too (`LambdaTried`).
        options: what else the study is, see `Options`: recipe, seeds, epochs, l1_on, holdout (by default 10,000), …

    Raises what `compare` raises.
    """
    where = by_cluster(cluster, workers)
    study = design(norm, penalties, points=points, lambdas=lambdas, tell=tell or silent, **options)
    named = options.get("name") is not None
    return carry_out(study, Path(out), Terms(named, repair=repair, workers=workers, cluster=where), tell)


def design(
    norm: str,
    penalties: Sequence[str],
    *,
    points: int | None = None,
    lambdas: Sequence[float] | None = None,
    tell: Tell = silent,
    **options: Unpack[Options],
) -> Study:
    """The study of a path; trains short runs to find the largest λ unless the values are given."""
    if not penalties:
        raise SpecError("--penalty: expected at least one kind, got none")
    usual: Options = {"name": "path", "holdout": HOLDOUT, "seeds": 3}
    wanted: Options = {**usual, **_said(options)}
    if lambdas is None:
        lambdas = ladder(_top(norm, penalties, tell, wanted), points)
    if not all(lam > 0 for lam in lambdas):
        raise SpecError(f"--lambdas: expected numbers above 0 (the arm without a penalty is added), got {lambdas}")
    wanted |= {"norms": [norm], "l1": [0.0, *sorted(lambdas)], "penalty": list(penalties), "warm_start": True}
    return projects.with_place(spec.design(**wanted))


def _said(options: Options) -> Options:
    """Without what says nothing."""
    said: Options = {}
    said.update({key: value for key, value in options.items() if value is not None})  # type: ignore[typeddict-item]
    return said


def _top(norm: str, penalties: Sequence[str], tell: Tell, wanted: Options) -> float:
    """The largest λ that any of the penalties needs."""
    for kind in penalties:
        check_ends(kind)
    stated: Options = {**wanted, "norms": [norm]}
    spec.design(**stated)  # what is wrong with it is told before anything is trained
    trial: Options = {**wanted, "norms": [norm], "l1": [1.0], "penalty": list(penalties), "seeds": 1}
    study = spec.design(**trial)
    basis = ready(study, tell)
    made = engines.of_new(study, basis.networks.material, basis.data)
    made = Hall(None, basis.data).rehearsed(made, Maker.jobs)  # in silence: that of the path itself is told
    found: dict[str, float] = {}
    for arm in study.arms:
        sparing = SPARING.get(arm.recipe.penalty.kind, arm.recipe.penalty.kind)
        if sparing not in found:
            found[sparing] = ceiling(made.job(arm, study.seeds[0]), basis.data, tell)
    return max(found.values())
