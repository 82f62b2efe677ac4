"""Every network of the corpus converted to other norms and back: `make convert-corpus`.

Each ends as converted, kept or refused with a reason. Forward and backward are finite where they were before, and the
number of norms and parameters is what the report says. The table goes to `docs/convert-corpus.md`.

    python tools/corpus/convert_corpus.py [--out FILE] [NAME …]
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import torch
import torchvision_without_kernels
from torch import nn

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


def main() -> int:
    """Print a line for each network as it is done; 1 where one has a fault."""
    given = _arguments()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)  # small networks gain nothing by more
    torchvision_without_kernels.declare()
    from networks import networks

    chosen = [network for network in networks() if not given.names or network.name in given.names]
    results = []
    for network in chosen:
        start = time.perf_counter()
        results.append(_tried(network))
        took = time.perf_counter() - start
        print(f"{results[-1].name:34} {results[-1].cells} {took:.1f} s {'; '.join(results[-1].faults)}", flush=True)
    if given.out:
        given.out.write_text(_page(results), encoding="utf-8")
    faulty = [result.name for result in results if result.faults]
    print(f"{len(results)} networks × {len(TARGETS)} norms and back: {len(faulty)} with faults {' '.join(faulty)}")
    return 1 if faulty else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


def _tried(network) -> Result:
    torch.manual_seed(0)
    model = network.make()
    result = Result(network.name, network.library)
    images = torch.randn(2, 3, network.size, network.size)
    fine = _finite(model, images)
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
    result.reasons.update(kept.reason for kept in report.untouched if not kept.reason.endswith("already"))
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
