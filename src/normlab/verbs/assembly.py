"""What a store and a data set amount to: a study's comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from torch import nn

from normlab.analysis.looks import at
from normlab.data.split import split
from normlab.models.imports import imports
from normlab.models.summary import summarize
from normlab.models.untrained import Untrained
from normlab.plans import Maker
from normlab.records import Comparison, RunRecord, Tuned
from normlab.spec import Study, from_toml
from normlab.store import Store
from normlab.verbs import engines, registered
from normlab.verbs.alone import with_alone
from normlab.verbs.checks import Basis
from normlab.verbs.damage import with_damage
from normlab.verbs.scales import with_scales


def assemble(made: Maker, store: Store, basis: Basis) -> Comparison:
    """All that a report needs, from the store and the data set."""
    known = with_alone(gathered(made, store, basis), made, store, basis.data)
    return with_scales(with_damage(known), basis.data)


def gathered(made: Maker, store: Store, basis: Basis) -> Comparison:
    """What is there already: nothing is worked out of networks and images."""
    study = made.study
    parts = split(basis.data, study.recipe, study.root)
    return Comparison(
        study=study,
        runs=_by_arm(study, store.runs(made.jobs())),
        images=parts.judged_images,
        labels=parts.judged_labels,
        classes=basis.data.classes,
        summaries=_summaries(study, basis),
        looks=at(store.looks(study.digests), made.treatments),
        notes=basis.data.notes,
        registered=registered.beside(made, store.project),
        tuned=_tuned(made, store, basis),
        trained=np.bincount(parts.train_labels, minlength=len(basis.data.classes)).tolist(),
    )


def _tuned(made: Maker, store: Store, basis: Basis) -> Tuned | None:
    """What the arms' values come from; None where they were not chosen, or the trials are gone."""
    tuning = made.study.tuning
    trials, fixed = (_other(name, store, basis) for name in (tuning.trials, tuning.fixed)) if tuning else (None, None)
    return Tuned(trials, fixed) if trials else None


def _other(name: str, store: Store, basis: Basis) -> Comparison | None:
    """Another study of the store on the same data set."""
    if not (noted := store.noted(name)):
        return None
    made = engines.maker(from_toml(noted.toml), store)
    return gathered(made, store, Basis(basis.data, Untrained(made.study, made.material), ()))


def _by_arm(study: Study, runs: Sequence[RunRecord]) -> list[RunRecord]:
    order = {arm.name: number for number, arm in enumerate(study.arms)}
    return sorted(runs, key=lambda run: (order[run.arm], run.seed))


def _summaries(study: Study, basis: Basis) -> Mapping[str, str]:
    """The printed summary of each arm's network; arms that share one share its summary."""
    told: dict[nn.Module, str] = {}
    for arm in study.arms:
        network = basis.networks.of(arm)
        if network not in told:
            with imports(arm.recipe.model):
                told[network] = summarize(network, basis.data.train_images.shape[1:])
    return {arm.name: told[basis.networks.of(arm)] for arm in study.arms}
