"""`normlab explain`: every number of every norm, worked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TENSOR, FILES = "Another tensor", "Output"


def explain(
    norms: Annotated[
        list[str] | None, typer.Argument(help="Norms, for instance bn ln gn:3. [default: bn ln gn:C]")
    ] = None,
    *,
    values: Annotated[
        str | None,
        typer.Option(
            help='Numbers, ";" between channels, "/" between images; or a .npy file. [default: the course\'s figure]',
            rich_help_panel=TENSOR,
        ),
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(help="N,C,H,W; alone, it is filled with small whole numbers.", rich_help_panel=TENSOR),
    ] = None,
    gamma: Annotated[str, typer.Option(help="γ: one number, or one for each channel.", rich_help_panel=TENSOR)] = "1",
    beta: Annotated[str, typer.Option(help="β: one number, or one for each channel.", rich_help_panel=TENSOR)] = "0",
    cell: Annotated[
        str | None,
        typer.Option(help="Image,channel,row,column, from 1, of the cell to work out.", rich_help_panel=TENSOR),
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write the interactive page there.", rich_help_panel=FILES)] = None,
) -> None:
    """Show which cells share a statistic, every mean and variance, one cell's whole arithmetic, and the result.

    Every number is held against PyTorch's own layer in float64 before it is shown.

    Examples: normlab explain bn ln gn:3 · normlab explain gn:2 --shape 1,4,2,2 --cell 1,3,1,2 · normlab explain bn
    --values "4 4 3 5; -2 2 4 6 / 2 4 1 3; 1 1 4 5" --gamma 2 · normlab explain --html explain.html
    """
    from normlab.explaining import tensor
    from normlab.explaining.figure import FIGURE

    given = tensor.read(values, shape)
    x = FIGURE if given is None else given
    if html is not None:
        _page(x, norms or ["bn"], html)
    if norms or html is None:
        _terminal(x, norms or ["bn", "ln", f"gn:{x.shape[1]}"], gamma, beta, cell)


def _page(x: NDArray[np.float64], norms: list[str], path: Path) -> None:
    from normlab.explaining import page

    written = page.write(x, norms[0], path)
    typer.echo(f"Page: {written}")


def _terminal(x: NDArray[np.float64], norms: list[str], gamma: str, beta: str, cell: str | None) -> None:
    from rich.console import Console

    from normlab.explaining import explain as explained
    from normlab.explaining import tensor
    from normlab.explaining.cell import read
    from normlab.explaining.terminal import introduction, plain, show, vouched

    chosen = None if cell is None else read(cell, x.shape)
    affine = tensor.affine("--gamma", gamma), tensor.affine("--beta", beta)
    found = [explained(norm, x, *affine) for norm in norms]
    console = Console()
    console.print(introduction(x))
    for each in found:
        if console.is_terminal:
            show(console, each, chosen)
        else:
            typer.echo(plain(each, chosen) + "\n")
    console.print(vouched())
