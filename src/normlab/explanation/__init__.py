"""Every number of every norm, worked: `explain("gn:3")` shows them, each held against PyTorch first."""

from normlab.explanation.explanation import Explanation, Explanations, explain

__all__ = ["Explanation", "Explanations", "explain"]
