"""`--data a,b,c`: the same study on several data sets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from normlab.cli.console import say
from normlab.cli.fields import PLACE
from normlab.cli.opened import Opener
from normlab.cli.options import Form
from normlab.errors import SpecError
from normlab.spec.options import Options

if TYPE_CHECKING:
    from normlab.events import Tell
    from normlab.spec import Study
    from normlab.verbs.suite_result import SuiteResult


def datasets(fields: Options) -> list[str] | None:
    """The data sets of `--data`, taken out of the fields, where it has several with commas between them.

    A comma in a path that is there is the path's own.
    """
    stated = dict(fields.get("set") or {})
    text = str(stated.get(PLACE, ""))
    if "," not in text or _there(text.partition("?")[0]):
        return None
    del stated[PLACE]
    fields["set"] = stated
    return [part.strip() for part in text.split(",") if part.strip()]


def unserved(train: Any, study: Study, tell: Tell, _opener: Opener, *, serve: bool, port: int | None) -> Any:
    """What `train` gives; `--serve` is refused. Takes what `served` takes."""
    from normlab.plans import never

    if serve or port is not None:
        raise SpecError(f"--serve shows one study, and {study.name} is one for each data set: leave it out")
    return train(tell=tell, stop=never)  # what is opened is the page over all, at the end


def show_suite(result: SuiteResult, form: Form, *, details: bool = False) -> None:
    """Print the answer over all data sets, with `details` all that it rests on, and where the report is."""
    from normlab.cli.console import wide_enough
    from normlab.suites import text

    if form is Form.text:
        text.show(result.said, wide_enough(sys.stdout), details=details)
    else:
        say(result.table(form.value))
    say(f"Report: {result.report}", err=form is not Form.text)


def _there(path: str) -> bool:
    try:
        return Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False
