"""`normlab bench`: how fast this machine trains."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from normlab.cli import options
from normlab.cli.console import say
from normlab.errors import SpecError


def bench(
    *,
    norms: Annotated[str, typer.Option(help="Norms, with commas between them.")] = "bn,ln,gn",
    model: Annotated[
        str | None, typer.Option(help="A network whose steps are measured instead, ours or FILE.py:FUNCTION.")
    ] = None,
    data: Annotated[
        str | None, typer.Option(help="The data set that says a network's shape and classes. Default: mnist.")
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(min=1, max=65_536, help="Images of a network's step. Default: 128.")
    ] = None,
    layers: Annotated[bool, typer.Option("--layers", help="Say where the time of a network's step goes.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="How often everything is measured.")] = 5,
    batches: Annotated[
        int | None, typer.Option(min=1, max=468, help="Batches of 128 images in a measurement. Default: 120.")
    ] = None,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Measure the course's loop, eager PyTorch and the lanes engine, alternating in one run, and the share of peak.

    Nothing else should run on the machine meanwhile. Leaves bench.json, bench.md and bench.png; of a network's steps,
    steps.json and steps.md.

    Examples: normlab bench · normlab bench --model resnet8 --data cifar10 --layers
    """
    names = options.names(norms) or []
    if not names:
        raise SpecError("--norms: expected norms with commas between them, such as bn,ln; got none")
    if model:
        if batches is not None:
            raise SpecError("--batches is of the course's contest: a network of --model makes a step a round")
        _steps(model, names, data or "mnist", batch_size or 128, rounds, layers=layers, out=out)
    elif layers or data is not None or batch_size is not None:
        raise SpecError("--data, --batch-size and --layers are of a network: name one with --model")
    else:
        _contest(names, rounds, batches or 120, out)


def _steps(model: str, norms: list[str], data: str, batch: int, rounds: int, *, layers: bool, out: Path) -> None:
    import json
    from dataclasses import asdict

    from normlab.bench.network import markdown, measure
    from normlab.models.jobs import Material
    from normlab.show import output
    from normlab.spec import design

    given = {"model": model, "data": data, "norms": ",".join(norms), "batch-size": batch, "rounds": rounds}
    said = " ".join(["normlab bench", *(f"--{name} {value}" for name, value in given.items()), *["--layers"] * layers])
    study = design(norms=norms, l1=[0.0], seeds=[0], set={"model": model, "dataset": data, "batch_size": batch})
    material = Material.of(study)
    jobs = [material.job(arm.recipe, 0) for arm in study.arms]
    found = measure(jobs, rounds, said, apart=layers, tell=lambda line: say(line, err=True))
    text = markdown(found)
    say(text)
    output.write(out / "steps.json", (json.dumps(asdict(found), indent=1) + "\n").encode())
    output.write(out / "steps.md", text.encode())


def _contest(names: list[str], rounds: int, batches: int, out: Path) -> None:
    from normlab import data
    from normlab.bench import Contest, hold
    from normlab.bench.chart import chart
    from normlab.bench.results import markdown
    from normlab.cli.bars import downloads
    from normlab.norms import resolve
    from normlab.report.charts import save_png
    from normlab.show import output

    for name in names:
        resolve(name)
    with downloads() as tell:
        images = data.load("mnist", tell)
    command = f"normlab bench --norms {','.join(names)} --rounds {rounds} --batches {batches}"
    contest = Contest(tuple(names), rounds, batches, command)
    results = hold(contest, images, lambda line: say(line, err=True))
    text = markdown(results)
    say(text)
    output.write(out / "bench.json", results.to_json().encode())
    output.write(out / "bench.md", text.encode())
    say(f"Chart: {save_png(chart(results), out / 'bench.png')}")
