"""Every parser under fire: `python tools/fuzz --cases 100000`, or some: `python tools/fuzz --cases 1000 idx npz`.

Each runs in a process of its own, as many at a time as there are cores: one that crashes is named with its case.
`--case 17 idx` carries that one out alone and shows what it raises.
"""

from __future__ import annotations

import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import tried
from parsers import PARSERS

FEWER = {"command line": 50}
"""What takes long gets so many times fewer cases where none are named."""
HEAD = f"{'parser':<20} {'cases':>9} {'values':>9} {'refused':>9} {'slowest':>8} {'total':>7}  faults"
KNOWN = {parser.name: parser for parser in PARSERS}


def main() -> None:
    """Print a line a parser; exit with 1 where any has a fault."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("names", nargs="*", metavar="PARSER", help=", ".join(KNOWN))
    asked.add_argument("--cases", type=int, default=100_000)
    asked.add_argument("--first", type=int, default=0)
    asked.add_argument("--case", type=int)
    asked.add_argument("--together", action="store_true", help="in one process: what a few cases take is its start")
    asked.add_argument("--mark", type=Path, help=argparse.SUPPRESS)
    given = asked.parse_args()
    names = given.names or list(KNOWN)
    if given.case is not None:
        _alone(names[0], given.case)
    elif given.mark:
        print(json.dumps(asdict(tried(KNOWN[names[0]], given.first, given.first + given.cases, given.mark))))
    elif given.together:
        sys.exit(_together(names, given.first, given.cases))
    else:
        sys.exit(_all(names, given.first, given.cases, named=bool(given.names)))


def _all(names: list[str], first: int, cases: int, *, named: bool) -> int:
    print(HEAD)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        tasks = [pool.submit(_one, name, first, cases if named else cases // FEWER.get(name, 1)) for name in names]
        return int(sum(task.result() for task in tasks) > 0)


def _together(names: list[str], first: int, cases: int) -> int:
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        bad = 0
        for name in names:
            started, few = time.perf_counter(), max(1, cases // FEWER.get(name, 1))
            bad += _show(name, few, asdict(tried(KNOWN[name], first, first + few, Path(folder) / "mark")), started)
        return int(bad > 0)


def _one(name: str, first: int, cases: int) -> bool:
    """Whether it has a fault."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        mark = Path(folder) / "mark"
        command = [sys.executable, __file__, name, "--first", str(first), "--cases", str(cases), "--mark", str(mark)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            at = struct.unpack("<Q", mark.read_bytes())[0] if mark.exists() else "start"
            told = done.stderr.strip().splitlines()[-1:] or [f"code {done.returncode}"]
            print(f"{name:<20} crashed at case {at}: {told[0]}", flush=True)
            return True
    return _show(name, cases, json.loads(done.stdout.splitlines()[-1]), started)


def _show(name: str, cases: int, tally: dict[str, Any], started: float) -> bool:
    """Its line, and a line for each kind of fault; whether there is any."""
    numbers = f"{cases:>9,} {tally['values']:>9,} {tally['refusals']:>9,} {tally['slowest']:>7.2f}s"
    print(f"{name:<20} {numbers} {time.perf_counter() - started:>6.0f}s  {sum(tally['faults'].values())}", flush=True)
    for what, count in tally["faults"].items():
        print(f"    {count:,} × {what}, first in case {tally['first'][what]}", flush=True)
    return bool(tally["faults"])


def _alone(name: str, number: int) -> None:
    parser = KNOWN[name]
    case = parser.case(number, [*parser.seeds()])
    print(f"{len(case):,} bytes: {case[:2000]!r}")
    with tempfile.TemporaryDirectory() as folder:
        print(parser.read(case, Path(folder)))


if __name__ == "__main__":
    main()
