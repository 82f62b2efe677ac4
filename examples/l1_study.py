"""An L1 study from start to end: compare four ways, walk a path, make the network smaller.

    python examples/l1_study.py

Small on purpose (one epoch on 6,000 images), so that it takes about a minute; take the arguments away for the real one.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import mkdtemp

import normlab

QUICK = {"epochs": 1, "train_images": 6_000}


def main(out: Path) -> None:
    """Print what each step finds."""
    compared = normlab.compare(
        norms=["bn"], l1=[0, 1e-3], penalty=["subgrad", "prox", "spred", "group"], seeds=2, out=out, **QUICK
    )
    print(compared.table())
    print("\n".join(compared.findings()), "\n")

    walked = normlab.path("bn", ["prox"], lambdas=[1e-3, 1e-2, 1e-1], seeds=2, holdout=2_000, out=out, **QUICK)
    print("\n".join(walked.findings()), "\n")

    smaller = normlab.compact_run(walked.folder, arm="bn + prox 0.01")
    print(f"compact: {smaller.before.parameters:,} → {smaller.after.parameters:,} parameters")
    smaller.save(out / "compact")
    print(f"\nReports: {compared.report}\n         {walked.report}")


if __name__ == "__main__":
    main(Path(mkdtemp(prefix="normlab-")))
