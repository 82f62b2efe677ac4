"""The stub runs of this folder can be named by its tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
