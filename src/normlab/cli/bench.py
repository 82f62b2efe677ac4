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
    rounds: Annotated[int, typer.Option(min=1, help="How often everything is measured.")] = 5,
    batches: Annotated[int, typer.Option(min=1, max=468, help="Batches of 128 images in a measurement.")] = 120,
    out: options.Out = Path("normlab-out"),
) -> None:
    """Measure the course's loop, eager PyTorch and the lanes engine, alternating in one run, and the share of peak.

    Nothing else should run on the machine meanwhile. Leaves bench.json, bench.md and bench.png.

    Examples: normlab bench · normlab bench --rounds 9 --batches 240
    """
    from normlab import data
    from normlab.bench import Contest, hold
    from normlab.bench.chart import chart
    from normlab.bench.results import markdown
    from normlab.cli.bars import downloads
    from normlab.norms import resolve
    from normlab.report.charts import save_png
    from normlab.show import output

    names = options.names(norms) or []
    if not names:
        raise SpecError("--norms: expected norms with commas between them, such as bn,ln; got none")
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
