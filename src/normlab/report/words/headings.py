"""What questions, factors and their levels are called."""

from __future__ import annotations

from collections.abc import Iterable

from normlab.show.numbers import listing
from normlab.spec import Arm, Study, arguments, known
from normlab.spec.arm import PENALTY, levels
from normlab.spec.arm import beside as done_beside
from normlab.spec.arm import level as level_of


def heading(study: Study, factor: str) -> str:
    """The question about a factor, as people ask it; of a study with a baseline, about several with commas between."""
    if study.baseline:
        return f"Against {study.baseline}: another {listing([title(path) for path in factor.split(', ')])}"
    if factor == "penalty.lambda":
        strengths = {arm.recipe.penalty.lam for arm in study.arms}
        return "With or without a penalty?" if len(strengths) == 2 and 0 in strengths else "How much penalty?"
    return f"Which {title(factor)}?"


def depends(factor: str, other: str) -> str:
    """The question about two crossed factors."""
    return f"Does the answer about {the(factor)} depend on {the(other)}?"


def title(factor: str) -> str:
    """What a factor is called, for instance `batch size`."""
    return known()[factor].title


def the(factor: str) -> str:
    """What a factor is called within a sentence: `the batch size`; a sign such as λ has no article."""
    return title(factor) if len(title(factor)) == 1 else f"the {title(factor)}"


def axis(factor: str) -> str:
    """The title of a factor's axis, with its unit: `rotation (°)`."""
    unit = known()[factor].setting.unit.strip()
    return f"{title(factor)} ({unit})" if unit else title(factor)


def level(study: Study, arm: Arm, factor: str) -> str:
    """An arm's level of a factor, for instance `batch 32`; of the only factor of penalties, `L1 0.0001` or `none`."""
    if factor.startswith(PENALTY) and len(_penalties(study.factors)) == 1:
        return arm.recipe.penalty.name or "none"
    return _level(arm, factor, _common(study))


def beside(study: Study, arm: Arm, *factors: str) -> str:
    """What an arm is called by all other factors, for instance `gn:4` of `gn:4 · batch 32`; empty for no other."""
    others = [path for path in study.factors if path not in factors]
    norm = [arm.recipe.norm] if "norm" in others else []
    network = " · ".join([*norm, *levels(arm.recipe, others, common=_common(study))])
    if not _penalties(factors):
        return " + ".join(filter(None, [network, *done_beside(arm.recipe, others)]))
    parts = [_level(arm, path, "") for path in _penalties(others) if arm.counts(path)]
    return " + ".join(filter(None, [network, *done_beside(arm.recipe, others, penalised=False), *parts]))


def _level(arm: Arm, factor: str, common: str) -> str:
    if factor == "penalty.kind":
        return arm.recipe.penalty.label
    return level_of(arm.recipe, known()[factor], common=common)


def _common(study: Study) -> str:
    """The arguments of the network that all arms have: they tell none from another."""
    return arguments.shared(arm.recipe.model_args for arm in study.arms)


def _penalties(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if path.startswith(PENALTY)]
