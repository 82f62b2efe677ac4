"""`normlab predict`: what trained networks say of one's own pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import completion, options
from normlab.cli.console import say


def predict(
    study: Annotated[
        str, typer.Argument(help="A study that is there, or its folder.", autocompletion=completion.studies)
    ],
    pictures: Annotated[list[Path], typer.Argument(help="Picture files, photographs included.")],
    *,
    arm: Annotated[
        str | None, typer.Option(help="Only this arm. Default: every one.", autocompletion=completion.arms)
    ] = None,
    project: Annotated[Path, typer.Option(help="The folder that the study is kept in.")] = Path("normlab-out"),
    form: options.Answer = options.Plain.text,
) -> None:
    """Print the class of each picture, how sure every arm is of it over its seeds, and whether the arms disagree.

    A picture is made an image as the training images are, and what that took is said: turned light for dark, cut,
    resized.

    Example: normlab predict compare seven.png four.jpg
    """
    import json

    from normlab.cli.bars import downloads
    from normlab.verbs.predict import predict as verb

    with downloads() as tell:
        found = verb(study, pictures, arm, out=project, tell=tell)
    say(json.dumps(found.to_dict(), indent=2, ensure_ascii=False) if form is options.Plain.json else str(found))
