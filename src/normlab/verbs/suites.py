"""`compare` on several data sets: a study on each, one after the other, and a page over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from normlab import files
from normlab.data.whereabouts import located
from normlab.errors import NormlabError, RunFailed, SpecError
from normlab.events import Decoded, Event, Fetched, StudyBegun, Tell, silent
from normlab.progress import told
from normlab.spec import Options, Study, design
from normlab.spec.options import read_so
from normlab.spec.suite import Suite, read
from normlab.store import Store, plain_errors
from normlab.verbs import projects
from normlab.verbs.checks import ready
from normlab.verbs.projects import Place
from normlab.verbs.reopen import reopen
from normlab.verbs.results import StudyResult
from normlab.verbs.session import Terms, carry_out
from normlab.verbs.suite_result import SuiteResult

READING = ("dataset", "resize", "grey", "bad_images")
"""Options about images: of a suite they go to each data set."""


@dataclass(frozen=True)
class SuitePlace:
    """A suite, and the project that its studies are kept in."""

    suite: Suite
    project: Path

    @property
    def study(self) -> Study:
        """As it is on the first data set."""
        return self.suite.study

    @property
    def toml(self) -> str:
        """The suite as a file."""
        return self.suite.to_toml()

    @property
    def folder(self) -> Path:
        """Of the suite's file and its report."""
        return self.project / self.suite.name


def stated(
    given: Study | str | Path | None, out: Path, data: Sequence[str] | None, options: Options
) -> SuitePlace | None:
    """The suite that is meant, changed by the options; None where it is a study on one data set.

    Raises `SpecError` where it is none that can be run.
    """
    found = None if given is None or isinstance(given, Study) else find(given, out)
    if data is None and found is None:
        return None
    if data is None and options.get("dataset"):
        raise SpecError(f"{given} is on several data sets: name all that are meant, or give one of its studies")
    known = found.suite if found else None
    base = known.study if known else _base(given, out)
    asked = [*data] if data is not None else list(known.datasets if known else ())
    return SuitePlace(_suite(base, asked, options), found.project if found else _project(given, out))


def find(given: str | Path, out: Path) -> SuitePlace | None:
    """The suite of a file, a folder, or a name in the project `out`; None where there is none."""
    path = Path(given)
    try:
        folder = path if path.is_dir() else out / path
    except OSError:  # a name that is too long for a file: a study’s reader says so
        return None
    if suite := read(path):
        return SuitePlace(_located(suite, path.parent), out)
    if suite := read(folder / projects.SUITE):
        return SuitePlace(_located(suite, folder), folder.parent)
    return None


def compare_on_each(place: SuitePlace, terms: Terms, tell: Tell | None = None) -> SuiteResult:
    """Carry out the study on each data set, and judge all of them together; raises what `compare` raises.

    A run that fails on one data set does not keep the others from being trained.
    """
    if terms.budget is not None:
        raise SpecError("budget goes with until_settled, and that with one data set")
    place = _claimed(place, terms)
    _looked_over(place.suite, tell or silent)
    _put(place)
    results, failed = list[StudyResult](), list[RunFailed]()
    for number, study in enumerate(place.suite.studies, start=1):
        try:
            results.append(_one(study, number, place, terms, tell))
        except RunFailed as error:  # what it left is judged like anything else that is not there
            failed.append(error)
            results.append(reopen(study.name, out=place.project))
    result = _concluded(place, results)
    if failed:
        raise RunFailed("; ".join(map(str, failed)))
    return result


def reopened(place: SuitePlace, **judging: Any) -> SuiteResult:
    """The suite with its reports written anew, judged by another level, margin or outcome if given."""
    studies = [study.name for study in place.suite.studies]
    return _concluded(place, [reopen(name, out=place.project, **judging) for name in studies])


def _one(study: Study, number: int, place: SuitePlace, terms: Terms, tell: Tell | None) -> StudyResult:
    shown = tell or told(study)
    shown(StudyBegun(study.name, number, len(place.suite.studies)))
    return carry_out(study, place.project, replace(terms, named=True, fresh=False), shown)


def _base(given: Study | str | Path | None, out: Path) -> Study | None:
    return projects.find(given, out).study if isinstance(given, str | Path) else given


def _project(given: Study | str | Path | None, out: Path) -> Path:
    return projects.find(given, out).project if isinstance(given, str | Path) else out


def _suite(base: Study | None, data: Sequence[str], options: Options) -> Suite:
    """The study on the first data set, and all of them by their whole places."""
    places = tuple(str(located(read_so(each, options))) for each in data)
    rest = {name: value for name, value in options.items() if name not in READING}
    study = design(base, **cast("Options", {**rest, "dataset": places[0]}))
    return Suite(projects.with_place(study), places)


def _located(suite: Suite, base: Path) -> Suite:
    places = tuple(str(located(each, base)) for each in suite.datasets)
    return Suite(projects.with_place(suite.study, base), places)


def _claimed(place: SuitePlace, terms: Terms) -> SuitePlace:
    """The suite under a name that is its own, as `projects.claimed` finds it for a study, on seeds fresh on all."""
    with Store.reading(place.project) as store:
        suite = _fresh(place.suite, store) if terms.fresh else place.suite
        for name in projects.names(suite.name):
            tried = SuitePlace(suite.called(name), place.project)
            problem = _taken(tried, store)
            if not problem:
                return tried
            if terms.named:
                raise SpecError(problem)
    raise AssertionError("names do not end")  # pragma: no cover


def _fresh(suite: Suite, store: Store) -> Suite:
    first = max(projects.on_fresh_seeds(study, store).seeds[0] for study in suite.studies)
    count = len(suite.study.seeds)
    return replace(suite, study=suite.study.model_copy(update={"seeds": tuple(range(first, first + count))}))


def _taken(place: SuitePlace, store: Store) -> str:
    """Why a suite cannot have its name; empty where it can."""
    before, name = read(place.folder / projects.SUITE), place.suite.name
    lacking = [each for each in before.datasets if each not in place.suite.datasets] if before else []
    if lacking:
        return f"the suite {name!r} has data sets that this one lacks ({', '.join(lacking)}): choose another --name"
    if before is None and place.folder.exists() and (not place.folder.is_dir() or any(place.folder.iterdir())):
        return f"{place.folder} is there and no suite’s: choose another --name"
    found = (projects.taken(Place(study, place.project), store) for study in place.suite.studies)
    return next(filter(None, found), "")


def _looked_over(suite: Suite, tell: Tell) -> None:
    """Every network is built on every data set before anything is trained; what is wrong is said with the data set."""
    seen: dict[str, str] = {}
    for label, study in zip(suite.labels, suite.studies, strict=True):
        with _about(label):
            data = ready(study, _only_progress(tell)).data
        if data.digest in seen:
            raise SpecError(f"dataset: {seen[data.digest]} and {label} are the same images; name each data set once")
        seen[data.digest] = label


@contextmanager
def _about(label: str) -> Iterator[None]:
    try:
        yield
    except NormlabError as error:
        error.args = (f"on {label}: {error}", *error.args[1:])
        raise


def _only_progress(tell: Tell) -> Tell:
    """What is found is told when the study's turn comes."""

    def told(event: Event) -> None:
        if isinstance(event, Fetched | Decoded):
            tell(event)

    return told


def _put(place: SuitePlace) -> None:
    with plain_errors(place.folder):
        place.folder.mkdir(parents=True, exist_ok=True)
        files.write(place.folder / projects.SUITE, place.suite.to_toml().encode())


def _concluded(place: SuitePlace, results: Sequence[StudyResult]) -> SuiteResult:
    from normlab.suites import page

    report = place.folder / "report.html"
    result = SuiteResult(place.suite.name, place.suite.labels, tuple(results), place.folder, report)
    page.write(result.said, report)
    return result
