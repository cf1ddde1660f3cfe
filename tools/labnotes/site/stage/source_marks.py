"""Comments in the page of a note, or of another notebook, that say which part of the source the HTML after them is made of, so that a fault of the page can be found in it."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from pathlib import Path

from labnotes.errors import Problem
from labnotes.source.notebooks import Cell

_MARK = re.compile(r"<!--ln:(?P<place>[^>]*?)-->")
_PLACE = re.compile(r"(?P<page>[^:]+\.html)(:(?P<line>\d+))?")

END = "<!--ln:-->"
"""Stands behind the last cell: what follows is made of no cell."""


def cell_mark(cell: Cell) -> str:
    """The comment before the HTML of a cell: its file and line, or its file and number."""
    place = f"{cell.path.name}:{cell.line}" if cell.line is not None else f"{cell.path.name}, {cell.shown_number}"
    return f"<!--ln:{place}-->"


def with_source_place(problem: Problem, site: Path, docs: Path) -> Problem:
    """A problem of a built page with what the line of the page is made of, where that is known: a cell of a note, or a page in the folder `docs`."""
    match = _PLACE.fullmatch(problem.where)
    if match is None:
        return problem
    page, line = match["page"], int(match["line"] or 0)
    slug = re.fullmatch(r"notes/([^/]+)/index\.html", page)
    if not line and (heaviest := _heaviest_part(site / page)):
        problem = replace(problem, what=f"{problem.what}; most of it comes from {heaviest}")
    if slug:
        place = _marked_place(site / page, line)
        source = f"notes/{slug[1]}/{place}" if place else ""
    else:
        source = _docs_place(page, line, site, docs)
    return replace(problem, where=f"{source} ({problem.where})") if source else problem


def _docs_place(page: str, line: int, site: Path, docs: Path) -> str:
    """The hand-written page that a page of the site is made of, with the cell if it is a notebook; "" if there is none."""
    stem = page.removesuffix("index.html").removesuffix(".html").strip("/")
    names = [f"{name}{suffix}" for suffix in (".md", ".ipynb", ".py") for name in (stem, f"{stem}/index".lstrip("/")) if name]
    name = next((name for name in names if (docs / name).is_file()), "")
    place = _marked_place(site / page, line) if name and not name.endswith(".md") else ""
    return str((Path(docs.name) / name).parent / place) if place else f"{docs.name}/{name}" if name else ""


def _heaviest_part(page: Path) -> str:
    """The place of which more than half of a page is made, with its size; "" if there is none."""
    try:
        content = page.read_text(encoding="utf-8")
    except OSError:
        return ""
    marks = list(_MARK.finditer(content))
    parts = [(after.start() - mark.end(), mark["place"]) for mark, after in itertools.pairwise(marks)]
    size, place = max(parts, default=(0, ""))
    return f"{place} ({size:,} bytes)" if size > len(content) / 2 else ""


def _marked_place(page: Path, line: int) -> str:
    """The place that the last mark up to a line of a page names; "" if there is none."""
    try:
        lines = page.read_text(encoding="utf-8").split("\n")
    except OSError:
        return ""
    marks = list(_MARK.finditer("\n".join(lines[:line])))
    return marks[-1]["place"] if marks else ""
