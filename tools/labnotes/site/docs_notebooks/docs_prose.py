"""The text of a notebook among the hand-written pages, read as the text of notes is, but nothing binds in it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from labnotes.errors import Problem
from labnotes.model.digests import bytes_digest
from labnotes.site.stage import prose_html, sanitising
from labnotes.site.stage.note_prose import pasted_picture
from labnotes.site.stage.prose_html import CellContext, ProseParts
from labnotes.source import heading_levels, markdown_checks, markdown_pieces, math_checks, prose_facts
from labnotes.source.formulas import mathml
from labnotes.source.markdown_pieces import MarkdownPiece
from labnotes.source.notebooks import Cell
from labnotes.source.prose_facts import MarkdownLink

_HELD_PICTURE = re.compile(r"data:(image/(?:png|jpeg|gif|webp|svg\+xml));base64,")


class DocsProse:
    """The text cells of a notebook and what its outputs say in Markdown. `files` are those that they hold, `problems` what is wrong."""

    def __init__(
        self,
        cells: Sequence[Cell],
        link_address: Callable[[MarkdownLink], str],
        pasted_address: Callable[[str, Cell], str],
        files_base: str,
    ) -> None:
        prose_facts.remember_cells(cells)
        self._cells = [replace(cell, source=prose_facts.cell_text(cell)) for cell in cells]
        self._link_address, self._pasted_address, self.files_base = link_address, pasted_address, files_base
        self._addresses = markdown_checks.note_addresses(self._cells)
        self._given = {*self._addresses.all_addresses} - {*self._addresses.anchors}
        self._definitions = {name: cell for cell in reversed(self._cells) for _, name in reversed(prose_facts.cell_facts(cell).definitions)}
        self._math = mathml.NoteMath(
            [[text for piece, text in math_checks.formulas_of(cell.source) if piece.kind == markdown_pieces.MATH] for cell in self._cells]
        )
        self.title = _page_title(self._cells)
        self.files: dict[str, bytes] = {}
        self.problems: list[Problem] = [
            Problem(cell.line_place(line), what, hint) for cell in self._cells for line, what, hint in prose_facts.cell_facts(cell).faults
        ]

    def cell_html(self, cell: Cell) -> str:
        at = next(at for at, known in enumerate(self._cells) if known.number == cell.number)
        addresses = self._addresses
        context = CellContext(addresses=addresses.of_headings.get(at, ()), levels=addresses.levels.get(at, ()), given=self._given)
        made = prose_html.cell_html(self._cells[at].source, self._cell_parts(self._cells[at], at, frozenset()), context)
        return _with_permalinks(made)

    def output_html(self, text: str, cell: Cell, base: str) -> str:
        """Markdown or TeX that a code cell displayed. It may show pictures that it holds, and no others."""

        def link_address(link: MarkdownLink) -> str:
            held = _HELD_PICTURE.match(link.target) if link.image else None
            if held:
                try:
                    content = pasted_picture({held[1]: unquote(link.target[held.end() :])})
                    return base + self.attach_file(content, cell.number, held[1].partition("/")[2].removesuffix("+xml"))
                except ValueError:
                    return sanitising.left_out_source("")
            if link.image:
                return sanitising.left_out_source(link.target)
            return "" if markdown_checks.is_local(link.target) else link.target

        parts = ProseParts(piece_html=self._math_or_text, link_address=link_address)
        return sanitising.sanitised_written_output(prose_html.cell_html(text, parts, CellContext(is_output=True)), base)

    def attach_file(self, content: bytes, number: int, suffix: str) -> str:
        """Keep a file that a cell holds; its name in the folder of the page's files."""
        name = f"cell-{number}-{bytes_digest(content)[:12]}.{re.sub('[^a-z0-9]', '', suffix.lower()) or 'bin'}"
        self.files[name] = content
        return quote(name)

    def _math_or_text(self, piece: MarkdownPiece) -> str:
        """Math, or as TeX what of it cannot be set; any other piece means nothing here, and is shown as it is written."""
        written = html.escape(piece.text, quote=False)
        if piece.kind != markdown_pieces.MATH:
            return written
        return self.formula_html(piece.text) or f"<code>{written}</code>"

    def formula_html(self, formula: str) -> str | None:
        return self._math.output_formula(formula)

    def _cell_parts(self, cell: Cell, at: int, inside: frozenset[str]) -> ProseParts:
        """The parts of a text cell, or of the footnotes that are named in `inside`, each of which stands in the one before."""
        cell_math = self._math.cell(at)

        def piece_html(piece: MarkdownPiece) -> str:
            if piece.kind in (markdown_pieces.MATH, markdown_pieces.EQUATION):
                try:
                    is_math = piece.kind == markdown_pieces.MATH
                    return cell_math.to_mathml(piece.text) if is_math else cell_math.reference_html(piece.text)
                except mathml.UnsupportedMath as error:
                    what = f"math {' '.join(piece.text.split())}: {error}"
                    self.problems.append(Problem(cell.line_place(piece.line), what, "write it in another way, or as text"))
                    return f"<code>{html.escape(piece.text, quote=False)}</code>"
            if piece.kind == markdown_pieces.MARK:
                return self._footnote_html(piece, cell, inside)
            return html.escape(piece.text, quote=False)

        return ProseParts(piece_html=piece_html, link_address=lambda link: self._prose_address(link, cell))

    def _footnote_html(self, piece: MarkdownPiece, cell: Cell, inside: frozenset[str]) -> str:
        """A footnote in brackets, where its mark stands."""
        name = piece.text[2:-1]
        if name in inside:
            return ""
        if name not in self._definitions:
            hint = f"its text goes on a line of its own: [^{name}]: Text."
            self.problems.append(Problem(cell.line_place(piece.line), f"[^{name}] has no text", hint))
            return html.escape(piece.text)
        defining = self._definitions[name]
        parts = self._cell_parts(defining, self._cells.index(defining), inside | {name})
        return f" [{prose_html.footnote_html(defining.source, name, parts)}]"

    def _prose_address(self, link: MarkdownLink, cell: Cell) -> str:
        target = link.target
        if target.startswith("#"):
            return f"#{self._addresses.resolve_fragment(target[1:]) or target[1:]}"
        if target.lower().startswith(markdown_checks.ATTACHMENT):
            return self._pasted_address(unquote(target[len(markdown_checks.ATTACHMENT) :]), cell)
        if markdown_checks.is_local(target):
            return self._link_address(link)
        if link.image:
            hint = "put the file beside the notebook: a page here loads nothing from elsewhere"
            self.problems.append(Problem(cell.line_place(link.line), f"shows a picture of another site: {target:.120}", hint))
        return target


def _page_title(cells: Sequence[Cell]) -> str:
    """The words of the heading that is the page's title; "" if the notebook does not begin with one."""
    facts = [prose_facts.cell_facts(cell) for cell in cells]
    at = heading_levels.title_cell(facts)
    return facts[at].headings[0].words if at >= 0 else ""


_HEADING = re.compile(r'<(h[2-6])((?: [\w-]+="[^"]*")*? id="([^"]+)"[^>]*)>(.*?)</\1>', re.DOTALL)


def _with_permalinks(made: str) -> str:
    """HTML whose headings have the link to themselves that those of the other hand-written pages have."""
    permalink = '<a class="headerlink" href="#{}" title="Link to this section">#</a>'
    return _HEADING.sub(lambda match: f"<{match[1]}{match[2]}>{match[4]}{permalink.format(match[3])}</{match[1]}>", made)


def headings_of(content: str) -> list[tuple[int, str, str]]:
    """The level, the address and the words of each heading in the HTML of a page, in order."""
    return [
        (int(match[1][1]), html.unescape(match[3]), prose_html.plain_text(match[4].partition('<a class="headerlink"')[0]))
        for match in _HEADING.finditer(content)
    ]
