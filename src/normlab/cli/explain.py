"""`normlab explain`: every number of every norm, worked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TENSOR, LAYER, FILES = "Another tensor", "A real image, and a layer of trained networks", "Output"


def explain(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Norms (bn ln gn:3), or preprocessings of images (stretch equalize). Default: bn ln gn:C."),
    ] = None,
    *,
    values: Annotated[
        str | None,
        typer.Option(
            help='Numbers, ";" between channels, "/" between images; or a .npy file. Default: the course\'s figure.',
            rich_help_panel=TENSOR,
        ),
    ] = None,
    shape: Annotated[
        str | None,
        typer.Option(help="N,C,H,W; alone, it is filled with small whole numbers.", rich_help_panel=TENSOR),
    ] = None,
    gamma: Annotated[
        str | None, typer.Option(help="γ: one number, or one for each channel. Default: 1.", rich_help_panel=TENSOR)
    ] = None,
    beta: Annotated[
        str | None, typer.Option(help="β: one number, or one for each channel. Default: 0.", rich_help_panel=TENSOR)
    ] = None,
    cell: Annotated[
        str | None,
        typer.Option(help="Image,channel,row,column, from 1, of the cell to work out.", rich_help_panel=TENSOR),
    ] = None,
    image: Annotated[
        int | None, typer.Option(help="The image's number, as reports give it, from 0.", rich_help_panel=LAYER)
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--data", help="The images that it is one of. Default: mnist.", rich_help_panel=LAYER)
    ] = None,
    layer: Annotated[
        str | None, typer.Option(help="A norm of trained networks, such as norm3.", rich_help_panel=LAYER)
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="The newest trained networks of a model, as lean.", rich_help_panel=LAYER),
    ] = None,
    study: Annotated[
        Path | None, typer.Option(help="The networks of this study: its name, or its folder.", rich_help_panel=LAYER)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of the networks. Default: the first finished.", rich_help_panel=LAYER)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where studies are kept. Default: normlab-out.", rich_help_panel=LAYER)
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write a page there; of norms, an interactive one.", rich_help_panel=FILES)
    ] = None,
) -> None:
    """Show which cells share a statistic, every mean and variance, one cell's whole arithmetic, and the result.

    Every number is held against PyTorch's own layer in float64 before it is shown. With --layer, the same for trained
    networks and one real image, norm beside norm; where there are no networks yet, small ones are trained first. With
    names of preprocessings, or --image alone, what they make of an image's levels.

    Examples: normlab explain bn ln gn:3 · normlab explain gn:2 --shape 1,4,2,2 --cell 1,3,1,2 · normlab explain bn
    --values "4 4 3 5; -2 2 4 6 / 2 4 1 3; 1 1 4 5" --gamma 2 · normlab explain --html explain.html · normlab explain
    --model course --layer norm3 --image 1234 · normlab explain stretch equalize clahe --image 1234
    """
    from normlab.cli import explained
    from normlab.cli.explain_mode import mode, only

    tensor = {"--values": values, "--shape": shape, "--gamma": gamma, "--beta": beta, "--cell": cell}
    networks = {"--layer": layer, "--model": model, "--study": study, "--seed": seed, "--out": out}
    images = {"--image": image, "--data": dataset}
    given = list(dict.fromkeys(names or []))
    what = mode(given, networks=networks, images=images)
    if what == "networks":
        only("networks", tensor)
        if study is not None:
            only("a study, which says it itself", {"--model": model, "--data": dataset, "--out": out})
        folder = study or explained.networks(
            explained.Sought(model or "course", given, layer, seed, dataset), out or Path("normlab-out")
        )
        explained.layer(folder, given, layer=layer, image=image or 0, seed=seed, html=html)
    elif what == "image":
        only("an image", {**tensor, **networks})
        explained.image(given, image, dataset, html)
    else:
        explained.tensor(given, values, shape, affine=(gamma, beta), cell=cell, html=html)
