"""`train`: one arm on one seed in this process, with its record, its curves and its misclassified images."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from normlab import files, spec
from normlab.errors import Diverged, SpecError
from normlab.events import EpochDone, NetworkBuilt, Planned, RunKept, Tell
from normlab.models.imports import imports
from normlab.models.summary import summarize
from normlab.plans import AllOwed, Maker
from normlab.progress import told
from normlab.records import Comparison
from normlab.spec import Options, Penalty, Study
from normlab.store import Store, plain_errors
from normlab.training import train as train_run
from normlab.verbs import engines, projects
from normlab.verbs.assembly import assemble
from normlab.verbs.checks import Basis, ready
from normlab.verbs.projects import Place
from normlab.verbs.rehearsal import Hall
from normlab.verbs.results import TrainResult
from normlab.verbs.signature import named_options


@named_options
def train(
    norm: str = "bn",
    *,
    seed: int = 0,
    out: str | Path = "normlab-out",
    tell: Tell | None = None,
    **options: Unpack[Options],
) -> TrainResult:
    """Train one arm on one seed, and leave its record, its curves and its misclassified images.

    A run that is already in the store is not trained again: its epochs are told from there.

    Args:
        norm, seed: the arm's norm and the seed.
        out: the project's folder.
        tell: told of training; by default as in `compare`.
        options: what else the arm is, see `Options`: recipe, l1, penalty, epochs, device, …

    Raises `Diverged` when the loss stops being a number, and what `compare` raises.
    """
    study = one_run(norm, seed, options)
    tell = tell or told(study)
    basis = ready(study, tell)
    with Store.reading(Path(out)) as store:
        place = projects.claimed(Place(study, Path(out)), store, given=options.get("name") is not None)
    with Store.open(Path(out)) as store:
        comparison = _trained(place, store, basis, tell)
    return _pictures(comparison, place.folder)


def one_run(norm: str, seed: int, options: Options) -> Study:
    """The study of a single run, called after its norm unless `options` has a name."""
    given: Options = {**options, "norms": [norm], "seeds": [seed]}
    given["name"] = options.get("name") or "train-" + norm.replace(":", "").replace("=", "")
    if given.get("l1") is None:
        given["l1"] = 0.0
    study = projects.with_place(spec.design(**given))
    penalty = study.recipe.penalty
    if penalty.kind != Penalty().kind and not penalty.lam:
        raise SpecError(f"penalty: expected its λ with {penalty.kind}, got none: give --lambda too")
    return study


def _trained(place: Place, store: Store, basis: Basis, tell: Tell) -> Comparison:
    study, data = place.study, basis.data
    with imports(study.arms[0].recipe.model):
        tell(NetworkBuilt(summarize(basis.networks.of(study.arms[0]), data.train_images.shape[1:])))
    made = engines.maker(study, store, basis.networks.material)
    owed = AllOwed(made.jobs(), store.have([job.key for job in made.jobs()])).ready()
    tell(Planned(len(made.jobs()) - len(owed), len(owed)))
    if owed:
        made = engines.settled(made, store, data, tell)
        made = Hall(store, data, tell=tell).rehearsed(made, Maker.jobs)
    projects.put(place, store, [job.key for job in made.jobs()], made.engine)
    for job in made.jobs() if owed else ():
        record = train_run(job, data, tell, store.checkpoints)
        store.commit(record)
        tell(RunKept(record))
    comparison = assemble(made, store, basis)
    for epoch in () if owed else comparison.runs[0].epochs:
        tell(EpochDone(comparison.runs[0].job.name, study.recipe.epochs, epoch))
    return comparison


def _pictures(comparison: Comparison, folder: Path) -> TrainResult:
    from normlab.report import charts, images

    record = comparison.runs[0]
    if record.diverged_at is not None:
        raise Diverged(f"the loss stopped being a number in epoch {record.diverged_at}: lower the learning rate or λ")
    with plain_errors(folder):
        curves = charts.save_png(charts.curves(record, comparison.study.recipe.judged_on), folder / "curves.png")
        mistakes = files.write(folder / "misclassified.png", images.grid_png(comparison, record))
    return TrainResult(record, comparison, folder, curves, mistakes)
