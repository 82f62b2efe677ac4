"""Text as LaTeX takes it: names from outside are letters there and never commands."""

from __future__ import annotations

from normlab.show.numbers import MISSING

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "±": r"$\pm$",
    "−": "$-$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "λ": r"$\lambda$",
    "γ": r"$\gamma$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    MISSING: "--",
}


def escaped(text: str) -> str:
    """A cell or a sentence; what would end the line is a space."""
    return "".join(SPECIAL.get(letter, letter if letter.isprintable() else " ") for letter in text)


def row(cells: list[str]) -> str:
    """A row of a tabular."""
    return " & ".join(escaped(cell) for cell in cells) + r" \\"
