"""The notebook of a hand-in: plain nbformat-4 JSON, whose cells ask normlab for what the README shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from normlab.handin.facts import Handin
from normlab.handin.page import plain

CHARTS = {
    "accuracy": "Test accuracy over epochs",
    "loss": "Test loss over epochs",
    "train": "Train accuracy over epochs",
}
"""Charts of the report, by what `plot` calls them after `curves-`."""


def notebook(handin: Handin, project: str) -> str:
    """Its text; run in its own folder it trains nothing that is in the project (a path from there) already."""
    cells = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(_cells(handin, project))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _cells(handin: Handin, project: str) -> Iterator[dict[str, Any]]:
    yield _words("# Normalization and L1 on MNIST\n\nThe first cell trains what is missing, and nothing twice.")
    yield _code(_comparing(handin, project))
    yield _words("## Findings\n\nThe verdicts, and the table behind them.")
    yield _code("result")
    yield _code('print(result.table("markdown"))')
    yield _words("## Models")
    yield _code("for arm, summary in result.comparison.summaries.items():\n    print(arm, summary, sep='\\n')")
    yield _words("## Training log, first seed")
    yield _code(LOG)
    for name, title in CHARTS.items():
        yield _words(f"## {title}")
        yield _code(f'result.plot("curves-{name}")')
    yield from _mistakes(handin)
    yield _words("## Normalization, worked")
    for example in dict.fromkeys(model.example for model in handin.models if model.worked):
        yield _code(f"print(normlab.explain({example!r}))")
    yield _words("## What the numbers carry")
    yield _code("for sentence in result.findings():\n    print(sentence)")


LOG = """for run in result.comparison.runs:
    if run.seed == result.comparison.study.seeds[0]:
        print(run.arm)
        for epoch in run.epochs:
            print(f"{epoch.epoch}: loss {epoch.train_loss:.4f}, train {epoch.train_accuracy:.2f}%, "
                  f"test loss {epoch.judged_loss:.4f}, test {epoch.judged_accuracy:.2f}%")"""


def _comparing(handin: Handin, project: str) -> str:
    """The call that makes the study; every value stands as Python writes it."""
    study = handin.study
    recipe = study.recipe
    options: dict[str, Any] = {
        "name": study.name,
        "recipe": "course",
        "norms": list(dict.fromkeys(arm.recipe.norm for arm in study.arms)),
        "l1": recipe.penalty.lam,
        "l1_on": "all",
        "seeds": list(study.seeds),
        "epochs": recipe.epochs,
        "train_images": recipe.train_images,
        "out": project,
    }
    lines = "".join(f"    {name}={value!r},\n" for name, value in options.items())
    return f"import normlab\n\nresult = normlab.compare(\n{lines})"


def _mistakes(handin: Handin) -> Iterator[dict[str, Any]]:
    shown = [model for model in handin.models if model.mistakes is not None]
    if shown:
        yield _words("## Misclassified images, true → predicted")
    for model in shown:
        if model.mistakes is not None:
            yield _words(f"![{plain(model.mistakes.alt)}]({model.mistakes.file})")


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(text)}


def _code(text: str) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": _lines(text)}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
