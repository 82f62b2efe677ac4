"""What a rule found: what, where, why it matters, and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error makes the comparison worthless; a warning weakens it or is easily misread."""

    error = "error"
    warning = "warning"


@dataclass(frozen=True)
class Finding:
    """One fault. `code` names the rule, `where` the arms or fields."""

    code: str
    severity: Severity
    where: str
    what: str
    why: str
    fix: str

    @property
    def line(self) -> str:
        """All of it on one line."""
        return f"{self.severity.value} {self.code} ({self.where}): {self.what}; {self.why}; {self.fix}"


def error(code: str, where: str, what: str, why: str, fix: str) -> Finding:
    """A fault that makes the comparison worthless."""
    return Finding(code, Severity.error, where, what, why, fix)


def warning(code: str, where: str, what: str, why: str, fix: str) -> Finding:
    """A fault that weakens it."""
    return Finding(code, Severity.warning, where, what, why, fix)
