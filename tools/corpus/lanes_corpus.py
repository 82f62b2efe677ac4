"""Which networks of the corpus the lanes engine takes, and why not the others: `make lanes-corpus`.

Each is read as the engine reads it. A small one that it takes is compiled, and a step of it compared with PyTorch's in
float64, as before any study. The table goes to `docs/lanes-corpus.md`.

    python tools/corpus/lanes_corpus.py [--out FILE] [NAME …]
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import prod
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import torch
from trying import arguments, start

from normlab.errors import EngineError
from normlab.models.summary import parameter_count
from normlab.training.dropout import pair
from normlab.training.lanes.canary import beside
from normlab.training.lanes.cover import check
from normlab.training.lanes.fuse import steps
from normlab.training.lanes.plain import check_plain
from normlab.training.lanes.trace import trace

SMALL = 500_000, 1_000_000
"""Parameters, and values of an image, up to which a network is compiled here: others take minutes."""
REFUSED = "the lanes engine cannot take "
HEAD = """# Networks that lanes takes

Made by `make lanes-corpus` from the networks of [the converter's corpus](convert-corpus.md), each with random weights
and on images of its own size. `taken` ones are read whole and have a kernel for every operation; `right` ones are small
enough to be compiled here as well, and a step's loss, gradient and statistics were PyTorch's in float64.
"""


@dataclass
class Result:
    """What became of a network: `right`, `taken`, `refused` or `wrong`, and what was said."""

    name: str
    library: str
    verdict: str
    said: str = ""


def main() -> int:
    """Print a line for each network as it is done; 1 where one is wrong."""
    given = arguments()
    start()
    from networks import networks

    names = [network.name for network in networks() if not given.names or network.name in given.names]
    results = []
    with ProcessPoolExecutor(given.jobs, get_context("spawn"), start) as pool:
        for result in pool.map(_named, names):
            results.append(result)
            print(f"{result.name:34} {result.verdict:8} {result.said}", flush=True)
    if given.out:
        given.out.write_text(_page(results), encoding="utf-8")
    print(_summary(results))
    return 1 if any(result.verdict == "wrong" for result in results) else 0


def _named(name: str) -> Result:
    from networks import networks

    network = next(network for network in networks() if network.name == name)
    torch.manual_seed(0)
    try:
        model = network.make()
    except Exception as error:  # noqa: BLE001 - a library's own network may not be there in this version
        return Result(name, network.library, "–", f"cannot be made: {type(error).__name__}")
    return Result(name, network.library, *_tried(model, (3, network.size, network.size)))


def _tried(model: torch.nn.Module, shape: tuple[int, int, int]) -> tuple[str, str]:
    try:
        pair(model)
        check_plain(model, shape)
        graph = trace(model.train(), shape)
        check(steps(graph))
    except EngineError as error:
        return "refused", str(error).removeprefix(REFUSED)
    except Exception as error:  # noqa: BLE001 - which is what is looked for
        return "wrong", f"{type(error).__name__}: {error}"
    if parameter_count(model) > SMALL[0] or sum(prod(node.shape) for node in graph) > SMALL[1]:
        return "taken", ""
    try:
        beside(model, shape)
    except Exception as error:  # noqa: BLE001
        return "wrong", f"{type(error).__name__}: {error}"
    return "right", ""


def _summary(results: list[Result]) -> str:
    there = [result for result in results if result.verdict != "–"]
    taken = sum(result.verdict in ("right", "taken") for result in there)
    right, wrong = (sum(result.verdict == verdict for result in there) for verdict in ("right", "wrong"))
    return f"{taken} of {len(there)} networks are taken; {right} of them were compiled and are right, {wrong} wrong"


def _page(results: list[Result]) -> str:
    rows = [f"| {r.name} | {r.library} | {r.verdict} | {_cell(r.said)} |" for r in results]
    return "\n".join([HEAD, f"{_summary(results)}.", "", "| network | library | | |", "|---|---|---|---|", *rows, ""])


def _cell(said: str) -> str:
    """Without what would be markup, and not longer than a line or two."""
    short = said if len(said) <= 160 else f"{said[:157]}…"
    plain = short.replace("|", "/").replace("`", "'").replace("](", "] (")
    return f"`{plain}`" if plain else ""


if __name__ == "__main__":
    sys.exit(main())
