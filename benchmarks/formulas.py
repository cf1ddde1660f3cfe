"""How many formulas of real notebooks a page can set: the share of different ones, and what is refused and why.

python benchmarks/formulas.py FOLDER [FOLDER ...] [--refused]

Every .ipynb below a folder counts as a note: its macros, labels and numbers hold through its text cells. A formula counts once, as set if any
note sets it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from labnotes.source import markdown_pieces, math_checks
from labnotes.source.formulas.mathml import NoteMath, UnsupportedMath


@dataclass
class FormulaCounts:
    """What became of the formulas: why each different one was refused, "" if it is set; notebooks that hold any; seconds of the processor."""

    reasons: dict[str, str] = field(default_factory=dict)
    notebooks: int = 0
    seconds: float = 0.0

    @property
    def refused(self) -> dict[str, str]:
        return {formula: reason for formula, reason in self.reasons.items() if reason}


def text_cells(path: Path) -> list[str]:
    """The text cells of a notebook; none if it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    except (ValueError, KeyError, TypeError, OSError):
        return []


def formulas_of_cell(text: str) -> Iterator[str]:
    """The segments of math in a text cell, in order."""
    return (text for piece, text in math_checks.formulas_of(text) if piece.kind == markdown_pieces.MATH)


def count_formulas(folders: list[Path]) -> FormulaCounts:
    """Set the formulas of all notebooks below the folders."""
    counts = FormulaCounts()
    start = time.process_time()
    for path in sorted(path for folder in folders for path in folder.rglob("*.ipynb")):
        cells = [list(formulas_of_cell(text)) for text in text_cells(path)]
        counts.notebooks += any(cells)
        note = NoteMath(cells)
        for place, formulas in enumerate(cells):
            cell_math = note.cell(place)
            for formula in formulas:
                try:
                    cell_math.to_mathml(formula)
                    counts.reasons[formula] = ""
                except UnsupportedMath as error:
                    counts.reasons.setdefault(formula, str(error))
    counts.seconds = time.process_time() - start
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--refused", action="store_true", help="print each formula that is refused")
    arguments = parser.parse_args()
    counts = count_formulas(arguments.folders)
    refused, total = counts.refused, len(counts.reasons)
    print(f"{total:,} different formulas in {counts.notebooks:,} notebooks, {counts.seconds:.1f} s of the processor")
    print(f"{total - len(refused):,} are set: {1 - len(refused) / max(total, 1):.2%}")
    for reason, count in Counter(" ".join(reason.split())[:120] for reason in refused.values()).most_common():
        print(f"{count:6}  {reason}")
    for formula, reason in sorted(refused.items(), key=lambda item: item[1]) if arguments.refused else ():
        print(f"\n{reason}\n{formula}")


if __name__ == "__main__":
    main()
