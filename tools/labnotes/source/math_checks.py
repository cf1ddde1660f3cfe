"""Math in a note's prose: which formulas it has, in their order, and which of them a page cannot show.

Without math-core, which the site extra brings, nothing is tried here, and the build tells what cannot be set.
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import astuple
from typing import TYPE_CHECKING

from labnotes.errors import Problem
from labnotes.source import bindings, content_cache, heading_levels, html_checks, markdown_pieces, markdown_reader, prose_facts
from labnotes.source.markdown_pieces import MarkdownPiece
from labnotes.source.notebooks import Cell

if TYPE_CHECKING:
    from labnotes.source.formulas.mathml import NoteMath

MOST_TOLD = 50
"""How many formulas are told of a note that cannot be set."""

SHOWN = 200
"""Characters that a message shows of a formula."""

_OF_MATH = (markdown_pieces.MATH, markdown_pieces.EQUATION)


def formulas_of(text: str) -> list[tuple[MarkdownPiece, str]]:
    """The pieces of math in a text cell, and references to equations, in order, each with its text as TeX."""
    return _formulas_in(markdown_reader.iterate_tokens(markdown_reader.read_markdown(text)))


def _formulas_in(tokens: Iterable[markdown_reader.Token]) -> list[tuple[MarkdownPiece, str]]:
    pieces = [(token.meta["piece"], token.meta["is_quoted"]) for token in tokens if token.type == "piece"]
    return [(piece, markdown_pieces.math_text(piece, quoted=bool(quoted))) for piece, quoted in pieces if piece.kind in _OF_MATH]


def note_math(cells: Sequence[Cell], macros: Mapping[str, str]) -> NoteMath:
    """The math of a note's text cells. Needs math-core."""
    from labnotes.source.formulas.mathml import NoteMath

    written = (formulas_of(prose_facts.cell_text(cell)) for cell in cells)
    return NoteMath([[text for piece, text in formulas if piece.kind == markdown_pieces.MATH] for formulas in written], macros)


def math_problem(where: str, piece: MarkdownPiece, reason: Exception) -> Problem:
    """What is told of a formula that cannot be set."""
    return Problem(where, f"math {' '.join(piece.text.split()):.{SHOWN}}: {reason}", "write it in another way, or as text")


def math_problems(
    cells: Sequence[Cell], short_texts: Iterable[tuple[str, str]], macros: Mapping[str, str], claims: Set[str]
) -> list[Problem]:
    """The formulas in a note's text cells and in its captions and the like (`short_texts`, each after its place) that a page cannot show. A value
    of one of the `claims` is tried as a number. They are found once for the same texts; without math-core, none is."""
    prose_facts.remember_cells(cells)
    texts = list(short_texts)
    if not any(_may_have_math(prose_facts.cell_facts(cell)) for cell in cells) and not any(
        "$" in text or "\\" in text for _, text in texts
    ):
        return []
    if importlib.util.find_spec("math_core") is None:
        return []
    what = f"math {content_cache.installed_versions('math_core', 'markdown_it_py', 'mdit_py_plugins')}"
    inputs = [[[cell.source, cell.line_place()] for cell in cells], texts, dict(macros), sorted(claims)]
    parts = content_cache.computed_for(
        what, inputs, lambda: [astuple(problem) for problem in _tried_formulas(cells, texts, macros, claims)][:MOST_TOLD]
    )
    return [Problem(*fields) for fields in parts]


def _may_have_math(facts: prose_facts.ProseFacts) -> bool:
    return any(piece.kind in _OF_MATH for piece in facts.pieces)


def _title_length(text: str) -> int:
    """How many formulas stand in a text cell up to the end of its first heading."""
    tokens = markdown_reader.iterate_tokens(markdown_reader.read_markdown(text))
    return len(_formulas_in(itertools.takewhile(lambda token: not _ends_heading(token), tokens)))


def _ends_heading(token: markdown_reader.Token) -> bool:
    tag = token.meta.get("tag")
    return token.type == "heading_close" or bool(tag and tag.is_closing and html_checks.heading_level(tag))


def _tried_formulas(
    cells: Sequence[Cell], short_texts: Iterable[tuple[str, str]], macros: Mapping[str, str], claims: Set[str]
) -> Iterator[Problem]:
    from labnotes.source.formulas.mathml import CellMath, UnsupportedMath

    math = note_math(cells, macros)

    def tried_formula(piece: MarkdownPiece, text: str, cell_math: CellMath, where: str) -> Iterator[Problem]:
        try:
            if piece.kind == markdown_pieces.EQUATION:
                cell_math.reference_html(text)
            else:
                cell_math.to_mathml(bindings.math_to_try(text, claims))
        except UnsupportedMath as error:
            yield math_problem(where, piece, error)

    with_title = heading_levels.title_cell([prose_facts.cell_facts(cell) for cell in cells])
    for place, cell in enumerate(cells):
        cell_math = math.cell(place)
        written = prose_facts.cell_text(cell)
        left_out = _title_length(written) if place == with_title else 0
        for piece, text in formulas_of(written)[left_out:]:
            yield from tried_formula(piece, text, cell_math, cell.line_place(piece.line))
    for where, text in short_texts:
        for piece, formula in _formulas_in(markdown_reader.iterate_tokens(markdown_reader.read_inline(text))):
            yield from tried_formula(piece, formula, math.below_all_cells(), where)
