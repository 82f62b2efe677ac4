"""What every tool that tries the corpus begins with: its arguments, and its processes."""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path

import torch
import torchvision_without_kernels


def arguments() -> argparse.Namespace:
    """Names of networks, all where there are none; where the table goes; how many are tried at a time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


def start() -> None:
    """Make a process ready to import the libraries."""
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)  # small networks gain nothing by more
    torchvision_without_kernels.declare()
