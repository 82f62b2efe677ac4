"""What a step holds in memory by each engine, in a process of its own: networks of many widths, and transformers.

python benchmarks/memory.py [NETWORK …]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from engines import NETWORKS, SHAPE, job_of

from normlab.bench.network import held_for_a_step
from normlab.training.lanes.engine import Lanes


def row(name: str) -> str:
    """Megabytes of eager and of lanes, beside a process that has loaded PyTorch."""
    job = job_of(*NETWORKS[name])
    if refusal := Lanes().covers(job, SHAPE):
        return f"| {name} | {refusal.why} |"
    eager, lanes = (held_for_a_step(engine, job) / 1e6 for engine in ("eager", "lanes"))
    return f"| {name} | {eager:,.0f} | {lanes:,.0f} | {lanes / eager:.2f} |"


def main() -> None:
    """Print a row for each network."""
    print("| network | eager, MB | lanes, MB | lanes to eager |")
    print("|---|---:|---:|---:|")
    for name in sys.argv[1:] or NETWORKS:
        print(row(name), flush=True)


if __name__ == "__main__":
    main()
