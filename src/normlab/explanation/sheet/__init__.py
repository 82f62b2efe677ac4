"""A page of figures, pictures and tables that opens anywhere without a network; looks as a report does."""

from normlab.explanation.sheet.html import render, write
from normlab.explanation.sheet.parts import Notes, Pictures, Section, Sheet, Table

__all__ = ["Notes", "Pictures", "Section", "Sheet", "Table", "render", "write"]
