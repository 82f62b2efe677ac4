"""normlab: all else equal, what does this change do to my image classifier?

>>> import normlab
>>> result = normlab.compare(norms=["bn", "gn:4"], seeds=3)  # doctest: +SKIP
>>> result.report  # doctest: +SKIP
PosixPath('normlab-out/compare/report.html')

The names below are imported when they are first used, so that `import normlab` costs nothing.
"""

from __future__ import annotations

import sys

# `python -m normlab` finds what lies in the current folder first, whatever module of Python has that name.
if sys.argv[:1] == ["-m"] and not sys.flags.safe_path and "normlab" in sys.orig_argv:
    del sys.path[0]

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from normlab.compaction import compact
    from normlab.conversion import convert, recalibrate
    from normlab.data import Dataset, load
    from normlab.errors import NormlabError
    from normlab.explanation import explain
    from normlab.explanation.images import explain_image
    from normlab.explanation.layers import explain_network
    from normlab.norms import Slot, resolve
    from normlab.penalties import penalty
    from normlab.records import Comparison, Epoch, RunRecord
    from normlab.report.exports import log_to_tensorboard
    from normlab.spec import Arm, Judging, Recipe, Study, design, read
    from normlab.tables import Judgement, not_worse
    from normlab.tables.judge import judge
    from normlab.verbs.assignment import Assignment, assignment
    from normlab.verbs.compact import compact_run
    from normlab.verbs.compare import compare
    from normlab.verbs.explain import explain_layer
    from normlab.verbs.export import export
    from normlab.verbs.export_numbers import export_numbers
    from normlab.verbs.lint import lint
    from normlab.verbs.merge import merge
    from normlab.verbs.path import path
    from normlab.verbs.predict import predict
    from normlab.verbs.preregister import preregister
    from normlab.verbs.publish import publish
    from normlab.verbs.reopen import reopen
    from normlab.verbs.results import StudyResult, TrainResult
    from normlab.verbs.robust import robust
    from normlab.verbs.study import study
    from normlab.verbs.submit import submit
    from normlab.verbs.suite_result import SuiteResult
    from normlab.verbs.train import train
    from normlab.verbs.work import work

_HOMES = {
    "Arm": "spec",
    "Assignment": "verbs.assignment",
    "Comparison": "records",
    "Dataset": "data",
    "Epoch": "records",
    "Judgement": "tables",
    "Judging": "spec",
    "NormlabError": "errors",
    "Recipe": "spec",
    "RunRecord": "records",
    "Slot": "norms",
    "Study": "spec",
    "StudyResult": "verbs.results",
    "SuiteResult": "verbs.suite_result",
    "TrainResult": "verbs.results",
    "assignment": "verbs.assignment",
    "compact": "compaction",
    "compact_run": "verbs.compact",
    "compare": "verbs.compare",
    "convert": "conversion",
    "design": "spec",
    "explain": "explanation",
    "explain_image": "explanation.images",
    "explain_layer": "verbs.explain",
    "explain_network": "explanation.layers",
    "export": "verbs.export",
    "export_numbers": "verbs.export_numbers",
    "judge": "tables",
    "lint": "verbs.lint",
    "load": "data",
    "log_to_tensorboard": "report.exports",
    "merge": "verbs.merge",
    "not_worse": "tables",
    "path": "verbs.path",
    "penalty": "penalties",
    "predict": "verbs.predict",
    "preregister": "verbs.preregister",
    "publish": "verbs.publish",
    "read": "spec",
    "recalibrate": "conversion",
    "reopen": "verbs.reopen",
    "resolve": "norms",
    "robust": "verbs.robust",
    "study": "verbs.study",
    "submit": "verbs.submit",
    "train": "verbs.train",
    "work": "verbs.work",
}

__all__ = [
    "Arm",
    "Assignment",
    "Comparison",
    "Dataset",
    "Epoch",
    "Judgement",
    "Judging",
    "NormlabError",
    "Recipe",
    "RunRecord",
    "Slot",
    "Study",
    "StudyResult",
    "SuiteResult",
    "TrainResult",
    "assignment",
    "compact",
    "compact_run",
    "compare",
    "convert",
    "design",
    "explain",
    "explain_image",
    "explain_layer",
    "explain_network",
    "export",
    "export_numbers",
    "judge",
    "lint",
    "load",
    "log_to_tensorboard",
    "merge",
    "not_worse",
    "path",
    "penalty",
    "predict",
    "preregister",
    "publish",
    "read",
    "recalibrate",
    "reopen",
    "resolve",
    "robust",
    "study",
    "submit",
    "train",
    "work",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("importlib.metadata").version("normlab")
    if name not in _HOMES:
        raise AttributeError(f"module 'normlab' has no attribute {name!r}")
    return getattr(import_module(f"normlab.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
