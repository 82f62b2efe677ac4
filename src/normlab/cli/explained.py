"""The three things that `normlab explain` explains: a tensor, an image, a layer of trained networks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from normlab.cli.console import say

if TYPE_CHECKING:
    from normlab.explanation.cell import Cell
    from normlab.explanation.shown import Shown
    from normlab.explanation.worked import Array


@dataclass(frozen=True)
class Sought:
    """The trained networks that are asked for: those of a model, with these norms (any if empty), seed and images."""

    model: str
    norms: list[str]
    layer: str | None
    seed: int | None
    dataset: str | None


def tensor(
    norms: list[str],
    values: str | None,
    shape: str | None,
    *,
    affine: tuple[str | None, str | None],
    cell: str | None,
    html: Path | None,
) -> None:
    """Norms by the numbers of a tensor; with `html` the page, and the terminal only where norms are named."""
    from normlab.explanation import cell as cells
    from normlab.explanation import written
    from normlab.explanation.figure import FIGURE

    given = written.read(values, shape)
    x = FIGURE if given is None else given
    gamma, beta = (written.affine(name, text) for name, text in zip(("--gamma", "--beta"), affine, strict=True))
    chosen = cells.inside(None if cell is None else cells.read(cell, x.shape), x.shape)
    if html is not None:
        from normlab.explanation import page

        start = {"gamma": 1.0 if gamma is None else gamma, "beta": 0.0 if beta is None else beta, "cell": chosen}
        say(f"Page: {page.write(x, norms[0] if norms else 'bn', html, **start)}")
    if norms or html is None:
        _worked(x, norms or ["bn", "ln", f"gn:{x.shape[1]}"], gamma, beta, chosen)


def _worked(x: Array, norms: list[str], gamma: Array | None, beta: Array | None, cell: Cell) -> None:
    import gc

    from normlab.explanation import explain, terminal

    gc.disable()  # loading PyTorch makes many objects that stay: looking through them is an eighth of that time
    try:
        affine = {"gamma": 1.0 if gamma is None else gamma, "beta": 0.0 if beta is None else beta}
        found = [explain(norm, x=x, cell=cell, **affine) for norm in norms]
    finally:
        gc.enable()
    say(terminal.introduction(x))
    for each in found:
        _print(each)
    say(terminal.vouched())


def image(kinds: list[str], number: int | None, dataset: str | None, html: Path | None) -> None:
    """Preprocessings of a test image, or of the example where neither number nor data set is given."""
    from normlab.cli.bars import downloads
    from normlab.data import load
    from normlab.explanation.images import explain_image

    if number is None and dataset is None:
        found = explain_image(kinds)
    else:
        with downloads() as tell:
            found = explain_image(kinds, load(dataset or "mnist", tell), number)
    _print(found)
    if html is not None:
        say(f"Page: {found.save(html)}")


def layer(
    folder: Path, norms: list[str], *, layer: str | None, image: int, seed: int | None, html: Path | None
) -> None:
    """A layer of the networks in a study's folder."""
    from normlab.cli.bars import downloads
    from normlab.verbs.explain import explain_layer

    with downloads() as tell:
        found = explain_layer(folder, layer, image, norms=norms, seed=seed, tell=tell)
    _print(found)
    if html is not None:
        say(f"Page: {found.save(html)}")


def networks(sought: Sought, out: Path) -> Path:
    """The folder of the newest study with such networks; where there is none, of a small one that is trained now."""
    from normlab.cli.study_display import watched
    from normlab.verbs.networks import check_layer, newest, small_study
    from normlab.verbs.session import Terms, carry_out

    small = small_study(sought.model, sought.norms, seed=sought.seed, dataset=sought.dataset)
    check_layer(small, sought.layer)
    found = newest(out, sought.model, sought.norms, seed=sought.seed, dataset=sought.dataset)
    if found is not None:
        return found
    trained = ", ".join(arm.recipe.norm for arm in small.arms)
    say(
        f"No trained networks of {sought.model} for this in {out} yet: training {trained} for one epoch, once", err=True
    )
    with watched(out, faults=False) as tell:
        return carry_out(small, out, Terms(named=False), tell).folder


def _print(found: Shown) -> None:
    """With colours in a terminal, without the spaces that fill its lines elsewhere."""
    from rich.console import Console

    console = Console()
    if console.is_terminal:
        console.print(found)
        console.print()
    else:
        say(f"{found}\n")
