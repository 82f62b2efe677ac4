"""`normlab answers`: what has been measured, from published studies; nothing is trained and no network needed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import options
from normlab.cli.console import say

if TYPE_CHECKING:
    from normlab.archive import Publication
    from normlab.spec.fields import Value


def answers(
    *,
    norms: Annotated[
        str | None, typer.Option(help="Norms, with commas between them: bn,gn:4; gn is any of its kind.")
    ] = None,
    batch_size: Annotated[str | None, typer.Option(help="Images a batch.")] = None,
    data: Annotated[str | None, typer.Option(help="Data sets.")] = None,
    model: Annotated[str | None, typer.Option(help="Networks.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=V1,V2,…", help="Any other field of the recipe.")
    ] = None,
    study: Annotated[str | None, typer.Option(help="One published study alone.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FOLDER", help="Studies of a folder, judged again and checked.")
    ] = None,
    level: options.Level = None,
    margin: options.Margin = None,
    toml: Annotated[str | None, typer.Option(metavar="STUDY", help="Print a published study, to repeat it.")] = None,
    form: options.Answer = options.Plain.text,
) -> None:
    """Say what published studies have found: differences, intervals, seeds, date, and how to repeat them.

    Every verdict is reached again from the scores of the runs. Arms that differ in a field have the levels that are
    named, those that do not have one of them in common.

    Examples: normlab answers --norms bn,gn --batch-size 4 · normlab answers --data cifar10 ·
    normlab answers --where penalty.kind=prox,subgrad · normlab answers --from studies/mine
    """
    from normlab.archive import asked, words

    short = {"norm": norms, "batch_size": batch_size, "dataset": data, "model": model}
    wanted = _wanted([*(f"{path}={text}" for path, text in short.items() if text is not None), *(where or ())])
    known = _known(source)
    if toml is not None:
        say(_called(toml, known).planned.to_toml(), nl=False)
        return
    found = asked([_called(study, known)] if study else known, wanted, level, margin)
    if form is options.Plain.json:
        say(json.dumps(words.payload(found), indent=2, ensure_ascii=False, allow_nan=False))
        return
    for line in words.lines(found, along=source is None) if found else words.nothing(known, wanted):
        say(line)


def _wanted(texts: Sequence[str]) -> dict[str, list[Value]]:
    from normlab.cli.fields import several

    return several(texts, "--where")


def _known(source: Path | None) -> Sequence[Publication]:
    from normlab.archive import check, found, shelf

    if source is None:
        return shelf()
    there = found(source)
    for path, publication in there:
        check(publication, str(path))
    return [publication for _, publication in there]


def _called(name: str, known: Sequence[Publication]) -> Publication:
    from normlab.archive.shelf import called

    return called(name, known)
