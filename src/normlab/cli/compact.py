"""`normlab compact`: a trained network made smaller without changing what it computes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli import completion
from normlab.cli.console import say
from normlab.cli.latest import named_or_latest

if TYPE_CHECKING:
    from normlab.compaction import Compacted
    from normlab.compaction.measure import Speed


def compact(
    source: Annotated[
        str | None,
        typer.Argument(help="A study, or a safetensors file with a model's weights. Default: the latest study."),
    ] = None,
    *,
    arm: Annotated[
        str | None, typer.Option(help="The arm of the study. Default: its only one.", autocompletion=completion.arms)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of the run. Default: the first finished.")] = None,
    model: Annotated[str | None, typer.Option(help="For a file: the network, for instance lean.")] = None,
    norm: Annotated[str | None, typer.Option(help="For a file: the norm in it, for instance bn.")] = None,
    dataset: Annotated[str, typer.Option("--data", help="For a file: the images to compare on.")] = "mnist",
    project: Annotated[Path, typer.Option(help="The folder that the study is kept in.")] = Path("normlab-out"),
    out: Annotated[Path | None, typer.Option(help="The folder to write to. Default: compact, in the source's.")] = None,
    onnx: Annotated[bool, typer.Option(help="Write and time ONNX too; needs the extra onnx.")] = True,
) -> None:
    """Cut the channels that are dead, fold batch norm away, and check that all test images get the same answer.

    Leaves a safetensors file that normlab.compaction.load reads, and an ONNX file. Prints sizes and speeds on one
    thread, before and after. What is read is not changed; where a check fails nothing is written.

    Examples: normlab compact compare --arm "bn + group 0.001" · normlab compact w.safetensors
    --model lean --norm bn
    """
    from normlab.cli.bars import downloads
    from normlab.compaction import onnx_file
    from normlab.compaction.measure import speeds
    from normlab.verbs import projects
    from normlab.verbs.compact import compact_file, compact_record
    from normlab.verbs.one_run import called, find

    if onnx:
        onnx_file.need()
    named = named_or_latest(source, project)
    with downloads() as tell:
        if (file := Path(named)).is_file():
            result, name, home = compact_file(file, model, norm, dataset, tell), file.stem, file.parent
        else:
            run = find(named, arm, seed, out=project)
            result, name = compact_record(run, tell), called(run.arm, run.seed)
            home = projects.find(named, project).folder
    folder = out or home / "compact"
    written = result.save(folder, name, onnx=onnx)
    show(result, speeds(result, onnx=onnx), written)


def show(result: Compacted, found: tuple[Speed, ...], written: tuple[Path, ...]) -> None:
    """Print what became of it: sizes, speeds, channels, notes, and where the files are."""
    import sys

    from rich.table import Table

    from normlab.cli.console import wide_enough

    console = wide_enough(sys.stdout)
    table = Table("", "before", "after", "", box=None, header_style="")
    for column in table.columns[1:]:
        column.justify = "right"
    for row in (*_sizes(result), *_speeds(found)):
        table.add_row(*row)
    console.print(table)
    say("Channels: " + ", ".join(f"{each.name} {each.before} → {each.after}" for each in result.layers))
    for note in result.notes:
        say(f"Note: {note}")
    say(
        f"Same class on all {len(result.images):,} test images; scores differ by at most {result.change:.1g} of the"
        " largest"
    )
    for path in written:
        say(f"Written: {path} ({path.stat().st_size:,} bytes)")


def _sizes(result: Compacted) -> list[tuple[str, str, str, str]]:
    pairs = {
        "parameters": (result.before.parameters, result.after.parameters),
        "multiply-adds an image": (result.before.multiply_adds, result.after.multiply_adds),
        "safetensors file, bytes": (result.before.file_bytes, result.after.file_bytes),
    }
    return [(name, f"{b:,}", f"{a:,}", f"÷ {b / a:.2f}") for name, (b, a) in pairs.items()]


def _speeds(found: tuple[Speed, ...]) -> list[tuple[str, str, str, str]]:
    return [
        (f"{s.runtime}, batch {s.batch}: images/s", f"{s.before:,.0f}", f"{s.after:,.0f}", f"× {s.ratio:.2f}")
        for s in found
    ]
