"""A study's numbers for other programs: tables, a paper, the trackers that people look at runs with."""

from normlab.report.exports.live import log_to_tensorboard
from normlab.report.exports.registry import Exported, write

__all__ = ["Exported", "log_to_tensorboard", "write"]
