"""A draft: a notebook on its way to become a note, with its files and everything that was mended in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from labnotes.errors import Problem
from labnotes.source.notebooks import WholeCell, WholeNotebook

CHECK_ME = "# from the notebook: check me"
"""The comment beside every call that adopt wrote."""


@dataclass(frozen=True)
class Told:
    """Something that an author is told: of a cell ("cell 3", "text cell 2") or of the whole ("")."""

    where: str
    what: str
    hint: str = ""

    def as_problem(self) -> Problem:
        return Problem(self.where, self.what, self.hint)


@dataclass(frozen=True)
class LargeFile:
    """A file or folder that the notebook reads and that is too large to be copied without a question; `size` in bytes."""

    path: Path
    name: str
    size: int


@dataclass
class Draft:
    """A notebook that becomes a note. `origin` is its file, `shown` that file in messages, `folder` where its own paths begin.

    `files` are the files that go beside the note, by name: bytes made here, or the file to be copied. `mended` is what was changed,
    `remaining` what an author has to do.
    """

    origin: Path
    shown: Path
    suffix: str
    cells: list[WholeCell]
    metadata: Mapping[str, object] = field(default_factory=dict)
    files: dict[str, bytes | Path] = field(default_factory=dict)
    large: list[LargeFile] = field(default_factory=list)
    mended: list[Told] = field(default_factory=list)
    remaining: list[Told] = field(default_factory=list)
    requirements: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        return self.origin.parent

    def cells_of(self, kind: str) -> Iterator[tuple[int, int, WholeCell]]:
        """The cells of a kind: index among all, number among those of the kind (from 1), and the cell."""
        number = 0
        for index, cell in enumerate(self.cells):
            if cell.kind == kind:
                number += 1
                yield index, number, cell

    def replace_source(self, index: int, source: str) -> None:
        self.cells[index] = replace(self.cells[index], source=source)


def place_of(cells: Sequence[WholeCell], index: int) -> str:
    """A cell as messages name it."""
    kind = cells[index].kind
    number = sum(cell.kind == kind for cell in cells[: index + 1])
    return f"cell {number}" if kind == "code" else f"{kind} cell {number}"


def draft_of(origin: Path, shown: Path, suffix: str, notebook: WholeNotebook) -> Draft:
    """The draft of a notebook, with nothing done to it."""
    return Draft(origin, shown, suffix, list(notebook.cells), notebook.metadata)


def run_numbers(cells: Sequence[WholeCell]) -> dict[int, int]:
    """The index among all cells of each code cell, by its number (from 1) as runs and messages count."""
    return dict(enumerate((index for index, cell in enumerate(cells) if cell.kind == "code"), 1))
