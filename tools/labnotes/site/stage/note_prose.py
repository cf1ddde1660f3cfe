"""The prose of one note as its page and its notebook page show it: values, references, math, footnotes, and links that lead from there."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from labnotes.errors import Problem, did_you_mean
from labnotes.model.digests import bytes_digest
from labnotes.model.quantities import QuantityKind
from labnotes.site.stage import page_words, prose_html, sanitising
from labnotes.site.stage.note_page import NotePage
from labnotes.site.stage.prose_html import CellContext, PageBlock, ProseParts
from labnotes.source import bindings, markdown_checks, markdown_pieces, math_checks, notebooks, prose_facts
from labnotes.source.bibliography import BibliographyEntry
from labnotes.source.bindings import Binding
from labnotes.source.formulas import mathml
from labnotes.source.heading_addresses import heading_slug
from labnotes.source.markdown_pieces import MarkdownPiece
from labnotes.source.notebooks import Cell
from labnotes.source.prose_facts import MarkdownLink

ATTACHED = "attached"
"""The folder, beside a note's page, of the pictures that were pasted into its cells, and of what its outputs hold."""

_HELD_PICTURE = re.compile(r"data:(image/(?:png|jpeg|gif|webp|svg\+xml));base64,")


class NoteProse:
    """Renders the text cells and short texts of a note.

    `files` are the files beside the note that its prose links to or shows, `attached` the pictures pasted into it, both by their path from
    the note's page; `problems` is what could not be rendered.
    """

    def __init__(
        self,
        joined: NotePage,
        *,
        docs: Path,
        published: Mapping[str, Sequence[str] | None],
        entries: Mapping[str, BibliographyEntry],
        figures: Mapping[str, int],
        tables: Mapping[str, int],
    ) -> None:
        self._joined, self._docs, self._published = joined, docs.resolve(), published
        self._entries, self._figures, self._tables = entries, figures, tables
        self._note, self._claims = joined.note, joined.recorded.claims
        self._cells = self._note.source.text_cells
        self._words = page_words.words_in(self._note.settings.language)
        self._addresses = markdown_checks.note_addresses(self._cells)
        self._named = frozenset().union(*self._addresses.of_headings.values())
        self._given = set(self._named)
        self._numbers: dict[str, int] = {}
        self._definitions = {name: cell for cell in reversed(self._cells) for _, name in reversed(prose_facts.cell_facts(cell).definitions)}
        self._math = math_checks.note_math(self._cells, self._note.settings.macros)
        self._set: dict[int, Mapping[int, str | mathml.UnsupportedMath]] = {}
        self.files: dict[str, Path] = {}
        self.attached: dict[str, bytes] = {}
        self.problems: list[Problem] = []

    def cell_blocks(self, cell: Cell) -> list[PageBlock]:
        """A text cell as the note's page shows it."""
        for line, binding in bindings.logged_bindings(cell):
            if (f"seed {binding.name}", binding.field) not in self._joined.facts:
                what = f"names a block of seeds that the log of checks does not hold for this record: seed {binding.name}"
                hint = f"labnotes check {self._note.slug} --seed {binding.name} --fresh, and commit the log"
                self.problems.append(Problem(cell.line_place(line), what, hint))
        return list(
            prose_html.page_blocks(
                prose_html.cell_html(prose_facts.cell_text(cell), self._page_parts(cell), self._context(cell, self._given))
            )
        )

    def notebook_html(self, cell: Cell) -> str:
        """A text cell as the notebook page shows it: links lead from there, footnotes stand in brackets, values are text."""
        return prose_html.cell_html(
            prose_facts.cell_text(cell), self._notebook_parts(cell, frozenset()), self._context(cell, set(self._named))
        )

    def short_html(self, text: str) -> str:
        """A caption or the like as the note's page shows it."""
        return prose_html.inline_html(
            text, self._parts(lambda _: f"{self._note.source.path}: {text[:60]!r}", None, lambda piece: piece.text)
        )

    def output_html(self, text: str, cell: Cell, base: str) -> str:
        """Markdown or TeX that a code cell displayed; `base` leads to the folder of the note's page. Nothing binds in it. What cannot be set of its
        math is shown as TeX, since it is a result: its author may not be able to write it otherwise."""

        def piece_html(piece: MarkdownPiece) -> str:
            written = html.escape(piece.text, quote=False)
            if piece.kind != markdown_pieces.MATH:
                return written
            return self.formula_html(piece.text) or f"<code>{written}</code>"

        def link_address(link: MarkdownLink) -> str:
            pasted = _HELD_PICTURE.match(link.target) if link.image else None
            if pasted:
                try:
                    content = pasted_picture({pasted[1]: unquote(link.target[pasted.end() :])})
                    return base + self.attach_file(content, cell.number, pasted[1].removeprefix("image/"))
                except ValueError:
                    return sanitising.left_out_source("")
            if link.target.startswith("#") and not link.image:
                anchor = self._addresses.resolve_fragment(link.target[1:])
                return "" if anchor is None else f"{base}#{anchor}"
            if not markdown_checks.is_local(link.target):
                return sanitising.left_out_source(link.target) if link.image else link.target
            path, folder = markdown_checks.link_path(link.target, self._note.folder), self._note.folder.resolve()
            if not (path.is_relative_to(folder) and path.is_file()):
                return sanitising.left_out_source(link.target) if link.image else ""
            name = path.relative_to(folder).as_posix()
            self.files[name] = path
            return base + quote(name)

        parts = ProseParts(piece_html=piece_html, link_address=link_address)
        return sanitising.sanitised_written_output(prose_html.cell_html(text, parts, CellContext(is_output=True)), base)

    def formula_html(self, formula: str) -> str | None:
        return self._math.output_formula(formula)

    def attach_file(self, content: bytes, number: int, suffix: str) -> str:
        """Publish a file that an output of the code cell with this number holds. Its address, seen from the note's page."""
        name = f"{ATTACHED}/output-{number}-{bytes_digest(content)[:12]}.{re.sub('[^a-z0-9]', '', suffix.lower()) or 'bin'}"
        self.attached[name] = content
        return name

    def _context(self, cell: Cell, given: set[str]) -> CellContext:
        at = self._cells.index(cell)
        addresses = self._addresses
        return CellContext(addresses=addresses.of_headings.get(at, ()), levels=addresses.levels.get(at, ()), is_first=at == 0, given=given)

    # -- the parts of a page ---------------------------------------------------------------------------------------------------------------

    def _page_parts(self, cell: Cell) -> ProseParts:
        return self._parts(cell.line_place, cell, lambda piece: self._sidenote_html(piece.text[2:-1]))

    def _parts(self, where: Callable[[int], str], cell: Cell | None, mark: Callable[[MarkdownPiece], str]) -> ProseParts:
        def piece_html(piece: MarkdownPiece) -> str:
            if piece.kind in (markdown_pieces.MATH, markdown_pieces.EQUATION):
                return self._math_html(piece, where(piece.line), cell)
            if piece.kind == markdown_pieces.BINDING:
                return self._bound_html(bindings.parse_binding(piece.text[2:-2]))
            if piece.kind == markdown_pieces.CROSS:
                return self._cross_reference(*bindings.cross_parts(piece.text))
            if piece.kind == markdown_pieces.CITATION:
                return self._citation_html(bindings.cited_keys(piece.text))
            if piece.kind == markdown_pieces.NAME:
                return _name_html(piece, {key: _citation_link(key, entry.text_citation) for key, entry in self._entries.items()})
            assert piece.kind == markdown_pieces.MARK, piece
            return mark(piece)

        return ProseParts(piece_html=piece_html, link_address=lambda link: self._page_address(link, cell))

    def _math_html(self, piece: MarkdownPiece, where: str, cell: Cell | None) -> str:
        """Math, or a reference to an equation, as it was set with all that stands before it; in a caption (without `cell`) below all cells."""
        made = self._set_pieces(cell)[piece.start] if cell else self._set_piece(piece, piece.text, self._math.below_all_cells())
        if isinstance(made, mathml.UnsupportedMath):
            self.problems.append(math_checks.math_problem(where, piece, made))
            return ""
        return self._in_own_language(made)

    def _in_own_language(self, made: str) -> str:
        """The HTML of a formula whose frame is named in the note's language, or said to be named in English."""
        if not self._words.is_marked:
            return made
        named, language = f'aria-label="{self._words.equation}"', self._note.settings.language
        if self._words.is_foreign:
            made = made.replace('<math display="block"', f'<math lang="{language}" display="block"')
        return made.replace('aria-label="Equation"', f"{named}{self._words.named}")

    def _set_pieces(self, cell: Cell) -> Mapping[int, str | mathml.UnsupportedMath]:
        """The HTML of each formula in a text cell by where it begins, or why it cannot be set. A macro holds below its definition and numbers go
        on, so they are set in the order of the cell, which is not that of the page: a footnote is shown where its mark stands."""
        if cell.number not in self._set:
            cell_math = self._math.cell(cell.number - 1)
            written = math_checks.formulas_of(prose_facts.cell_text(cell))
            self._set[cell.number] = {piece.start: self._set_piece(piece, text, cell_math) for piece, text in written}
        return self._set[cell.number]

    def _set_piece(self, piece: MarkdownPiece, text: str, cell_math: mathml.CellMath) -> str | mathml.UnsupportedMath:
        try:
            if piece.kind == markdown_pieces.EQUATION:
                return cell_math.reference_html(text)
            return cell_math.to_mathml(bindings.fill_math(text, self._claims, self._joined.facts))
        except mathml.UnsupportedMath as error:
            return error

    def _bound_html(self, binding: Binding) -> str:
        text = html.escape(bindings.shown_value(binding, self._claims, self._joined.facts))
        if binding.function == "claim":
            verdict = self._joined.quantity_verdict(QuantityKind.CLAIM, binding.name)
            return f'<a class="ln-claim" href="#claim-{binding.name}" data-verdict="{verdict}">{text}</a>'
        if binding.function == "cited":
            return f'<a class="ln-cite" href="#ref-{binding.name}">{text}</a>'
        return text

    def _cross_reference(self, sort: str, label: str) -> str:
        numbers = self._figures if sort == "fig" else self._tables
        if label not in numbers:  # the cell that makes it changed since the record was made
            return self._quoted_label(sort, label)
        word = self._words.figure if sort == "fig" else self._words.table
        return f'<a class="ln-xref" href="#{sort}-{label}"{self._words.named}>{word}&nbsp;{numbers[label]}</a>'

    def _quoted_label(self, sort: str, label: str) -> str:
        """A reference to a figure or table by its label alone."""
        shown = f"{self._words.figure if sort == 'fig' else self._words.table} “{label}”"
        return f"<span{self._words.named}>{shown}</span>" if self._words.is_foreign else shown

    def _citation_html(self, keys: Sequence[str]) -> str:
        return f"({'; '.join(_citation_link(key, self._entries[key].short_citation) for key in keys)})"

    def _sidenote_html(self, name: str) -> str:
        """A mark, and at the first of each footnote its text, which a wide page shows in the margin."""
        is_first = name not in self._numbers
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        if not is_first:
            return f'<a class="ln-fn" href="#sn-{number}">{number}</a>'
        cell = self._definitions[name]
        text = prose_html.footnote_html(prose_facts.cell_text(cell), name, self._page_parts(cell))
        return (
            f'<a class="ln-fn" id="fnref-{number}" href="#sn-{number}">{number}</a>'
            f'<small class="ln-sidenote" role="note" id="sn-{number}"><span class="ln-sn-num">{number}</span> {text}</small>'
        )

    # -- the parts of a notebook page -------------------------------------------------------------------------------------------------------

    def _notebook_parts(self, cell: Cell, inside: frozenset[str]) -> ProseParts:
        """The parts of a text cell, or of the footnotes that are named in `inside`, each of which stands in the one before."""

        def piece_html(piece: MarkdownPiece) -> str:
            if piece.kind == markdown_pieces.BINDING:
                return html.escape(bindings.shown_value(bindings.parse_binding(piece.text[2:-2]), self._claims, self._joined.facts))
            if piece.kind == markdown_pieces.CROSS:
                sort, label = bindings.cross_parts(piece.text)
                return self._quoted_label(sort, label)
            if piece.kind == markdown_pieces.CITATION:
                return f"({'; '.join(html.escape(self._entries[key].short_citation) for key in bindings.cited_keys(piece.text))})"
            if piece.kind in (markdown_pieces.MATH, markdown_pieces.EQUATION):
                return self._math_html(piece, cell.line_place(piece.line), cell)
            if piece.kind == markdown_pieces.NAME:
                return _name_html(piece, {key: html.escape(entry.text_citation) for key, entry in self._entries.items()})
            name = piece.text[2:-1]
            if name in inside:
                return ""
            defining = self._definitions[name]
            text = prose_html.footnote_html(prose_facts.cell_text(defining), name, self._notebook_parts(defining, inside | {name}))
            return f" [{text}]"

        return ProseParts(piece_html=piece_html, link_address=lambda link: self._notebook_address(link, cell))

    def _notebook_address(self, link: MarkdownLink, cell: Cell) -> str:
        address = self._page_address(link, cell)
        return f"../{address}" if address.startswith(("../", "#")) else address

    # -- links -----------------------------------------------------------------------------------------------------------------------------

    def _page_address(self, link: MarkdownLink, cell: Cell | None) -> str:
        """The address of a link that is right on the note's page and seen from where its Markdown lies (docs/notes/posts/SLUG.md).

        Collects what links lead to in `files` and `attached`, and links that lead nowhere in `problems`.
        """
        if link.image and cell is None:
            return ""  # a caption shows no picture
        fragment = link.target.partition("#")[2]
        if link.target.startswith("#"):
            return f"#{self._own_anchor(fragment)}"
        if link.target.lower().startswith(markdown_checks.ATTACHMENT) and cell:
            return self._attached_address(unquote(link.target[len(markdown_checks.ATTACHMENT) :]), cell)
        if not markdown_checks.is_local(link.target):
            return link.target
        path, folder = markdown_checks.link_path(link.target, self._note.folder), self._note.folder.resolve()
        if path == folder:
            return f"#{self._own_anchor(fragment)}" if fragment else f"../{self._note.slug}/"
        if path.is_relative_to(folder) and path.is_file():
            name = path.relative_to(folder).as_posix()
            self.files[name] = path
            return f"../{self._note.slug}/{quote(name)}" + (f"#{fragment}" if fragment else "")
        return self._site_address(path, fragment, link, cell)

    def _own_anchor(self, fragment: str) -> str:
        anchor = self._addresses.resolve_fragment(fragment)
        return fragment if anchor is None else anchor

    def _site_address(self, path: Path, fragment: str, link: MarkdownLink, cell: Cell | None) -> str:
        """The address of another note or page of the site."""
        notes = self._note.folder.parent.resolve()
        anchor = f"#{fragment}" if fragment else ""
        if path.is_relative_to(notes) and path != notes and (path.parent == notes or (path.stem == "note" and path.parent.parent == notes)):
            slug = path.relative_to(notes).parts[0]
            what, hint = f"links to {slug}, which is not published", "publish it first, or link to nothing"
            if slug in self._published:
                anchors = self._published[slug]
                if anchors is None:
                    return f"../{slug}/{anchor}"
                name = next((name for name in (unquote(fragment), heading_slug(unquote(fragment))) if name in anchors), "")
                if name or markdown_checks.leads_to_own(fragment):
                    return f"../{slug}/" + (f"#{name or fragment}" if fragment else "")
                what, hint = f"links to {anchor} of {slug}, which no heading there has", did_you_mean(fragment, anchors)
        elif path.is_relative_to(self._docs) and (path.suffix == ".md" or notebooks.is_notebook_file(path)):
            page = path.relative_to(self._docs).with_suffix("").as_posix()
            page = re.sub(r"(?:^|(?<=/))(?:index|README)$", "", page)
            return f"../../{quote(page)}{'/' if page and not page.endswith('/') else ''}{anchor}"
        else:
            what, hint = f"links to {link.target}, which is not on the site", "link to a note, a page in docs/, or a file beside the note"
        self.problems.append(Problem(cell.line_place(link.line) if cell else str(self._note.source.path), what, hint))
        return link.target

    def _attached_address(self, name: str, cell: Cell) -> str:
        """The address of a picture that was pasted into a cell, which is published as a file."""
        shown = f"{ATTACHED}/{cell.number}-{re.sub(r'[^A-Za-z0-9._-]', '-', name)}"
        if shown not in self.attached:
            try:
                self.attached[shown] = pasted_picture(notebooks.read_attachments(self._note.folder, self._note.source)[cell.number][name])
            except (KeyError, ValueError) as error:
                what = f"the picture {name!r:.120}, pasted into it, cannot be read: {error}"
                self.problems.append(Problem(cell.line_place(), what, "paste it again, or save it beside the note"))
        return f"../{self._note.slug}/{shown}"


def _citation_link(key: str, words: str) -> str:
    return f'<a class="ln-cite" href="#ref-{key}">{html.escape(words)}</a>'


def _name_html(piece: MarkdownPiece, in_text: Mapping[str, str]) -> str:
    """A name after an @: a citation in the text if it is a key, and what follows the key."""
    shown, rest = bindings.cited_name(piece.text, in_text)
    return (shown if rest or shown != piece.text else html.escape(shown)) + html.escape(rest)


def pasted_picture(forms: Mapping[str, str]) -> bytes:
    """A pasted picture as a file. Raises ValueError for what is none, or is no base64."""
    kind, content = notebooks.decode_picture(forms)
    return sanitising.sanitised_svg_text(content).encode() if kind == "image/svg+xml" else content
