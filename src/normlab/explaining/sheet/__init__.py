"""A page of figures, pictures and tables that opens anywhere without a network; looks as a report does."""

from normlab.explaining.sheet.html import render, write
from normlab.explaining.sheet.parts import Notes, Pictures, Section, Sheet, Table

__all__ = ["Notes", "Pictures", "Section", "Sheet", "Table", "render", "write"]
