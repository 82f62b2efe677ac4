"""`--serve`: a study under way on a page of this machine, which can stop it and let it continue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from normlab.cli.console import say
from normlab.cli.opened import Opener
from normlab.errors import NormlabError, SpecError, Stopped

if TYPE_CHECKING:
    from normlab.events import Event, Tell
    from normlab.plans import Stop
    from normlab.progress import Progress, Switch
    from normlab.spec import Study
    from normlab.verbs.results import StudyResult

    class Train(Protocol):
        """`compare` on a study that is named already."""

        def __call__(self, *, tell: Tell, stop: Stop) -> StudyResult:
            """See `verbs.compare`."""


Serve = Annotated[
    bool,
    typer.Option("--serve", help="Show it in a browser while it trains; there it can be stopped and continued."),
]
Port = Annotated[
    int | None, typer.Option(min=1, max=65_535, help="Where --serve listens. Default: a port that is free.")
]


def served(train: Train, study: Study, tell: Tell, opener: Opener, *, serve: bool, port: int | None) -> StudyResult:
    """What `train` gives; meanwhile a page shows how far it is, if somebody wants one.

    Raises `SpecError` for a port without a page, or one that is taken.
    """
    from normlab.plans import never

    if not serve:
        if port is not None:
            raise SpecError("--port goes with --serve")
        return train(tell=opener.watching(tell), stop=never)
    return _served(train, study, tell, opener, port or 0)


def _served(train: Train, study: Study, tell: Tell, opener: Opener, port: int) -> StudyResult:
    from normlab.progress import Desk, Phase, Progress, Site, Switch
    from normlab.show.theme import strokes

    progress, switch = Progress(study.name, strokes(study.arms)), Switch()
    with Site(Desk(progress, switch), port) as site:
        say(f"live: {site.address}", err=True)
        opener.open(site.address)
        try:
            result = _trained(train, _both(tell, progress), progress, switch)
        except NormlabError as error:
            progress.enter(Phase.failed, str(error))
            raise
        progress.enter(Phase.done, report=result.report)
    return result


def _trained(train: Train, tell: Tell, progress: Progress, switch: Switch) -> StudyResult:
    """What it gives in the end, however often it is stopped before."""
    from normlab.progress import Phase

    while True:
        try:
            return train(tell=tell, stop=switch.stopped)
        except Stopped:
            progress.enter(Phase.stopped)
            say("stopped on the page; it continues there, and Ctrl-C ends it", err=True)
            switch.wait()
            progress.enter(Phase.preparing)


def _both(tell: Tell, progress: Progress) -> Tell:
    def told(event: Event) -> None:
        tell(event)
        progress.tell(event)

    return told
