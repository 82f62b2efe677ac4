"""Every network of the corpus converted to other norms and back: `make convert-corpus`.

Each ends as converted, kept or refused with a reason. Forward and backward are finite where they were before, and the
number of norms and parameters is what the report says. The table goes to `docs/convert-corpus.md`.

    python tools/corpus/convert_corpus.py [--out FILE] [NAME …]
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import torch
from torch import nn
from trying import arguments, start

from normlab.conversion import Report, convert
from normlab.errors import NormlabError

TARGETS = ("gn", "ln", "in", "none", "rms")
HEAD = """# Other people's networks

Made by `make convert-corpus`: each network, with random weights, converted to five norms and from there back to its
own, by [`normlab.convert`](howto/convert.md) with an example of two images. `31 + 2` is 31 norms exchanged and 2 kept;
`refused` is one clear error that names a layer. Wherever a network's own step is finite, the converted one's is too
(without norms some blow up, which counts as no fault), and it has as many parameters as the report says. The reasons
for what is kept or refused stand below the table.
"""


@dataclass
class Result:
    """What became of a network: a cell for each norm, its faults, and the reasons of what was kept."""

    name: str
    library: str
    norms: int = 0
    cells: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)
    seconds: float = 0.0


def main() -> int:
    """Print a line for each network as it is done; 1 where one has a fault."""
    given = arguments()
    start()
    from networks import networks

    names = [network.name for network in networks() if not given.names or network.name in given.names]
    results = []
    with ProcessPoolExecutor(given.jobs, get_context("spawn"), start) as pool:
        for result in pool.map(_named, names):
            results.append(result)
            told = " ".join(f"{to} {cell}," for to, cell in result.cells.items())
            print(f"{result.name:34} {told} {result.seconds:.1f} s {'; '.join(result.faults)}", flush=True)
    if given.out:
        given.out.write_text(_page(results), encoding="utf-8")
    faulty = [result.name for result in results if result.faults]
    print(f"{len(results)} networks × {len(TARGETS)} norms and back: {len(faulty)} with faults {' '.join(faulty)}")
    return 1 if faulty else 0


def _named(name: str) -> Result:
    from networks import networks

    start = time.perf_counter()
    result = _tried(next(network for network in networks() if network.name == name))
    result.seconds = time.perf_counter() - start
    return result


def _tried(network) -> Result:
    torch.manual_seed(0)
    result = Result(network.name, network.library)
    images = torch.randn(2, 3, network.size, network.size)
    try:
        model = network.make()
        fine = _finite(model, images)
    except Exception as error:  # noqa: BLE001 - a library's own network may not run with this torch
        result.cells = dict.fromkeys(TARGETS, "–")
        result.reasons.add(f"{network.name} does not run by itself: {type(error).__name__}")
        return result
    for to in TARGETS:
        result.cells[to] = _one(model, to, images, result, fine=fine)
    return result


def _one(model: nn.Module, to: str, images: torch.Tensor, result: Result, *, fine: bool) -> str:
    """Convert, check, go back, check; what stands in the table."""
    try:
        made, report = convert(model, to, example=images)
    except NormlabError as error:
        result.reasons.add(str(error))
        return "refused"
    except Exception as error:  # noqa: BLE001 - which is what is looked for
        result.faults.append(f"{to}: {type(error).__name__}: {error}")
        return "fault"
    result.norms = max(result.norms, len(report) + len(report.untouched))
    result.reasons.update(kept.reason for kept in report.untouched if kept.what != "there")
    _check(made, report, images, to, result, fine=fine and to != "none")
    _back(made, report, images, result, fine=fine)
    return f"{len(report)} + {len(report.untouched)}"


def _back(made: nn.Module, report: Report, images: torch.Tensor, result: Result, *, fine: bool) -> None:
    """To the norm that most of the replaced ones were."""
    olds = [row.old for row in report]
    if not olds:
        return
    to = max(set(olds), key=olds.count)
    try:
        again, second = convert(made, to, example=images)
    except NormlabError as error:
        result.reasons.add(f"back to {to}: {error}")
        return
    except Exception as error:  # noqa: BLE001
        result.faults.append(f"back to {to}: {type(error).__name__}: {error}")
        return
    _check(again, second, images, f"back to {to}", result, fine=fine)


def _check(made: nn.Module, report: Report, images: torch.Tensor, to: str, result: Result, *, fine: bool) -> None:
    count = sum(value.numel() for value in made.parameters() if value.requires_grad)
    if count != report.after:
        result.faults.append(f"{to}: {count} parameters, {report.after} reported")
    if fine and not _finite(made, images):
        result.faults.append(f"{to}: not finite")


def _finite(model: nn.Module, images: torch.Tensor) -> bool:
    """Whether a step gives finite scores and gradients; raises what the network raises."""
    model.train()
    scores = model(images)
    scores = scores if isinstance(scores, torch.Tensor) else scores[0]
    scores.float().square().mean().backward()
    finite = bool(torch.isfinite(scores).all())
    for value in model.parameters():
        finite &= value.grad is None or bool(torch.isfinite(value.grad).all())
        value.grad = None
    return finite


def _page(results: list[Result]) -> str:
    head = f"| network | library | norms | {' | '.join(TARGETS)} |"
    rows = [f"| {r.name} | {r.library} | {r.norms} | {' | '.join(r.cells[to] for to in TARGETS)} |" for r in results]
    kept = sorted({reason for result in results for reason in result.reasons})
    return "\n".join(
        [HEAD, head, f"|{'---|' * (3 + len(TARGETS))}", *rows, "", *(f"- {reason}" for reason in kept), ""]
    )


if __name__ == "__main__":
    sys.exit(main())
