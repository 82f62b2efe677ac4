"""`normlab compact`: a trained network made smaller without changing what it computes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from normlab.cli.data import download_progress

if TYPE_CHECKING:
    from normlab.compaction import Compacted
    from normlab.compaction.measure import Speed
    from normlab.records import RunRecord
    from normlab.store import Store


def compact(
    source: Annotated[Path, typer.Argument(help="A study's folder, or a safetensors file with a model's weights.")],
    *,
    arm: Annotated[str | None, typer.Option(help="The arm of the study. [default: its only one]")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of the run. [default: the first finished]")] = None,
    model: Annotated[str | None, typer.Option(help="For a file: the network, course or lean.")] = None,
    norm: Annotated[str | None, typer.Option(help="For a file: the norm in it, for instance bn.")] = None,
    dataset: Annotated[str, typer.Option(help="For a file: the images to compare on.")] = "mnist",
    out: Annotated[
        Path | None, typer.Option(help="The folder to write to. [default: compact, in the source's]")
    ] = None,
    onnx: Annotated[bool, typer.Option(help="Write and time ONNX too; needs normlab[onnx].")] = True,
) -> None:
    """Cut the channels that are dead, fold batch norm away, and check that all judged images get the same answer.

    Leaves a safetensors file that normlab.compaction.load reads, and an ONNX file. Prints sizes and speeds on one
    thread, before and after. What is read is not changed; where a check fails nothing is written.

    Examples: normlab compact normlab-out/compare-1f0a4a5e --arm "bn + group 0.001" · normlab compact w.safetensors
    --model lean --norm bn
    """
    from normlab.compaction import onnx_file
    from normlab.compaction.measure import speeds

    if onnx:
        onnx_file.need()
    if source.is_file():
        result, name = compact_file(source, model, norm, dataset)
    else:
        result, name = compact_run(source, arm, seed)
    folder = out or (source.parent if source.is_file() else source) / "compact"
    written = result.save(folder, name, onnx=onnx)
    show(result, speeds(result, onnx=onnx), written)


def compact_run(folder: Path, arm: str | None = None, seed: int | None = None) -> tuple[Compacted, str]:
    """A run of the study in `folder`, compact, and a name for its files.

    Args:
        folder: of the study.
        arm: its name; the study's only one if left out.
        seed: the first that is finished if left out.

    Raises:
        StoreError: there is no study, or no such run is finished.
        SpecError: no arm is named where there are several. `UnknownName` where the arm is not there.
        Diverged: the run has no network worth keeping.
        CompactError, DataError: see there.
    """
    from normlab import execute
    from normlab.compaction.of_run import of_run
    from normlab.data import load
    from normlab.errors import Diverged
    from normlab.store import Store
    from normlab.store.weights import file_name

    with Store.at(folder) as store:
        record = _chosen(store, arm, seed)
    if record.diverged_at is not None:
        raise Diverged(
            f"{record.arm} seed {record.seed} has diverged in epoch {record.diverged_at}: choose another run"
        )
    arms = [each.name for each in store.study.arms]
    number = arms.index(record.arm)
    with download_progress() as progress:
        data = load(store.study.recipe.dataset, progress)
    job = execute.job(store.study, store.study.arms[number], record.seed)
    name = file_name(number, record.arm, record.seed).removesuffix(".safetensors")
    return of_run(job, record.weights, data), name


def compact_file(path: Path, model: str | None, norm: str | None, dataset: str) -> tuple[Compacted, str]:
    """A known model with the weights in a safetensors file, compact, and a name for its files.

    Raises `SpecError` without model and norm or where they are unknown, and `CompactError` for a file of other weights.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    from normlab.compaction.of_run import of_run
    from normlab.data import load
    from normlab.errors import CompactError, SpecError
    from normlab.execute import job
    from normlab.spec import design

    if model is None or norm is None:
        raise SpecError("--model and --norm: a file of weights does not say what they belong to, give both")
    study = design(norms=[norm], l1=[0.0], seeds=[0], model=model, dataset=dataset)
    try:
        weights = load_file(path)
    except (OSError, SafetensorError) as error:
        raise CompactError(f"cannot read {path}: {error}; expected a safetensors file of weights") from None
    with download_progress() as progress:
        data = load(dataset, progress)
    return of_run(job(study, study.arms[0], 0), weights, data), path.stem


def _chosen(store: Store, arm: str | None, seed: int | None) -> RunRecord:
    from normlab.errors import SpecError, StoreError, UnknownName

    arms = [each.name for each in store.study.arms]
    if arm is None and len(arms) > 1:
        raise SpecError(f"--arm: the study has several, name one: {', '.join(arms)}")
    wanted = arms[0] if arm is None else arm
    if wanted not in arms:
        raise UnknownName("arm", wanted, arms)
    runs = {run.seed: run for run in store.runs() if run.arm == wanted}
    if not runs or (seed is not None and seed not in runs):
        finished = ", ".join(map(str, runs)) or "none"
        asked = "" if seed is None else f" with seed {seed}"
        raise StoreError(f"{store.folder} has no finished run of {wanted}{asked}; finished seeds: {finished}")
    return runs[next(iter(runs)) if seed is None else seed]


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
    typer.echo("Channels: " + ", ".join(f"{each.name} {each.before} → {each.after}" for each in result.layers))
    for note in result.notes:
        typer.echo(f"Note: {note}")
    typer.echo(
        f"Same class on all {len(result.images):,} judged images; scores differ by at most {result.change:.1g} of the"
        " largest"
    )
    for path in written:
        typer.echo(f"Written: {path} ({path.stat().st_size:,} bytes)")


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
