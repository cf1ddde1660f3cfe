"""What a note's page shows of its notebook, from top to bottom: prose, code, figures, tables, outputs."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import jinja2
import markdown
from markupsafe import Markup

from labnotes.errors import Problem, did_you_mean
from labnotes.execute.streams import final_text
from labnotes.model.observation import Output
from labnotes.model.quantities import QuantityKind
from labnotes.model.tables import Column
from labnotes.model.verdicts import Outcome
from labnotes.site.stage import highlighting, mathml, pictures, readouts, sanitising
from labnotes.site.stage.csv_files import cell_text, day_text
from labnotes.site.stage.note_page import NotePage
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import bibliography, bindings, markdown_checks
from labnotes.source.markdown_segments import math_segments, outside_code
from labnotes.source.notebooks import Cell
from labnotes.store.check_log import LoggedCheck

WIDE = 700
"""CSS pixels from which a figure reaches into the margin."""

MAX_ROWS = 40
"""Rows of a figure's or table's data in the page; the CSV holds all."""
SHORT, LONG = 30, 120
"""Characters from which a column of text gets room, and more room."""

MARKED = ("moved", "changed", "missing", "unverified", "drawn anew", "run failed")
"""Verdicts that the caption of a figure or table says."""

BACK = ("updates", "reproduce", "cite", "references", "related")
"""Addresses of the sections that the page's template adds."""

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("labnotes.site.stage"), autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
)

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FIRST_HEADING = re.compile(r"\A\s*+(?:# [^\n]*|[^\n]+\n=+[ \t]*(?=\n|\Z))\n?")
_IN_SHORT = re.compile(r"^\*\*In short\.\*\*.*(?:\n.+)*", re.MULTILINE)
_HEADING_LINE = re.compile(r"^[ ]{0,3}#{1,6}[ \t][^\n]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class RelatedNote:
    """Another note that a page names at its end."""

    slug: str
    title: str
    summary: str


@dataclass(frozen=True)
class PageContext:
    """What a page needs beside its own note: the site, related notes, and how many characters of it the search may index.

    `published` are the notes on the site by slug, each with the addresses of its headings where they are known.
    """

    site: SiteSettings
    published: Mapping[str, Sequence[str] | None]
    share: int
    related: Sequence[RelatedNote] = ()


@dataclass(frozen=True)
class _ShownColumn:
    """A column of a table: its name, and the class of the style sheets for its width."""

    name: str
    kind: str


class PageBody:
    """The body of one page, as Markdown with parts in HTML.

    `shown` are the pictures as they are published, `files` the files beside the note that the page links to, `outline` the address and
    the text of each section.
    """

    def __init__(self, joined: NotePage, context: PageContext) -> None:
        self._joined, self._context = joined, context
        self._note, self._record = joined.note, joined.recorded
        self.figures, self.tables = joined.display_numbers(QuantityKind.FIGURE), joined.display_numbers(QuantityKind.TABLE)
        self.entries = bibliography.read_bibliography(self._note.folder / self._note.settings.references)
        self._inline = markdown.Markdown()
        # MkDocs leaves addresses in HTML as they are, Zensical reads them from where the source lies: this one is right for both
        self._base = f"../{self._note.slug}/"
        self._where = str(self._note.source.path)
        self.problems: list[Problem] = []
        self.files: dict[str, Path] = {}
        self.outline: list[tuple[str, str]] = []
        self._first = next(iter(self._note.source.text_cells), None)
        self._footnotes = self._footnotes_of(self._address_on_page)
        self._math = mathml.NoteMath([math_segments(cell.source) for cell in self._note.source.text_cells], self._note.settings.macros)
        self.shown: dict[str, pictures.PublishedPicture] = {}
        for label, picture in self._record.pictures.items():
            if picture.suffix != "html":
                try:
                    self.shown[label] = pictures.publish_picture(
                        picture, self.caption_or_alt(label, "alt", self._record.figures[label].alt)
                    )
                except ValueError as error:
                    self.problems.append(Problem(f"{self._note.slug}: picture of {label!r}", str(error), "record the note again"))

    def markdown_text(self) -> str:
        """The Markdown of the body. Fills `files`, `outline` and `problems`."""
        cells = list(self._note.source.cells)
        indexed = 0
        parts: list[str] = []
        headings: list[str] = []
        prose_size = sum(len(cell.source) for cell in self._note.source.text_cells)
        for cell in cells:
            if cell.kind == "text":
                text = self._prose_markdown(cell)
                headings += markdown_checks.heading_lines(text)
                indexed += len(cell.source)
                parts.append(text if indexed <= self._context.share else _exclude_from_search(text))
            elif cell.kind == "code":
                prose_size += len(cell.source)
                parts += self._code_cell_parts(cell, searched=prose_size <= self._context.share)
        self.outline = _page_outline(headings)
        return "\n\n".join(part.strip("\n") for part in parts if part.strip())

    def _prose_markdown(self, cell: Cell) -> str:
        text = self._footnotes.place_beside(markdown_checks.replace_targets(cell.source, self._address_on_page(cell)))
        if cell is self._first:
            text = _FIRST_HEADING.sub("", text)
        for line, binding in bindings.logged_bindings(cell.source):
            if (f"seed {binding.name}", binding.field) not in self._joined.facts:
                what = f"names a block of seeds that the log of checks does not hold for this record: seed {binding.name}"
                hint = f"labnotes check {self._note.slug} --seed {binding.name} --fresh, and commit the log"
                self.problems.append(Problem(cell.line_place(line), what, hint))
        text = self._text_with_values(text, lambda part: cell.line_place(_line_of(cell.source, part)), self._math.cell(cell.number - 1))
        return _IN_SHORT.sub(r"\g<0>\n{: .ln-tldr }", text, count=1) if cell is self._first else text

    def _address_on_page(self, cell: Cell) -> Callable[[markdown_checks.MarkdownLink], str]:
        return lambda link: self._link_target(link, cell)

    def notebook_prose(self, cell: Cell) -> str:
        """A text cell as the notebook page shows it: links lead from there, footnotes stand in brackets."""
        source = _FIRST_HEADING.sub("", cell.source) if cell is self._first else cell.source
        cell_math = self._math.cell(cell.number - 1)
        return bindings.fill_bindings(
            self._notebook_footnotes.place_inline(markdown_checks.replace_targets(source, self._address_in_notebook(cell))),
            self._record.claims,
            show=lambda binding, value: html.escape(value),
            cross=lambda sort, label: f"{'Figure' if sort == 'fig' else 'Table'} “{label}”",
            cite=lambda keys, inside: f"({'; '.join(html.escape(self.entries[key].short_citation) for key in keys)})",
            math=lambda filled, written: cell_math.to_mathml(filled),
            facts=self._joined.facts,
            in_text={key: html.escape(entry.text_citation) for key, entry in self.entries.items()},
        )

    @cached_property
    def _notebook_footnotes(self) -> markdown_checks.Footnotes:
        return self._footnotes_of(self._address_in_notebook)

    def _footnotes_of(self, at: Callable[[Cell], Callable[[markdown_checks.MarkdownLink], str]]) -> markdown_checks.Footnotes:
        """The footnotes of the note. `at` gives, for a text cell, the function that turns a link of that cell into an address."""
        cells = self._note.source.text_cells
        return markdown_checks.Footnotes([replace(cell, source=markdown_checks.replace_targets(cell.source, at(cell))) for cell in cells])

    def _address_in_notebook(self, cell: Cell) -> Callable[[markdown_checks.MarkdownLink], str]:
        def notebook_address(link: markdown_checks.MarkdownLink) -> str:
            target = self._link_target(link, cell)
            if target.startswith("../../"):  # a page in docs/, as a path
                path, _, anchor = target.removeprefix("../../").removesuffix("index.md").partition("#")
                return "../../../" + path.replace(".md", "/") + (f"#{anchor}" if anchor else "")
            if target.startswith("#"):
                return f"../{target}"
            return re.sub(r"\.md(?=#|$)", "/", f"../../{target.removeprefix('../')}") if markdown_checks.is_local(link.target) else target

        return notebook_address

    def notebook_picture(self, label: str) -> str:
        """A figure as the notebook page shows it: the picture that the note's page shows."""
        shown = self.shown.get(label)
        if not shown:
            return ""
        path = f"../figures/{label}.{self._record.pictures[label].suffix}"
        alt = html.escape(self.caption_or_alt(label, "alt", self._record.figures[label].alt) or "No description was given.")
        return f'<img src="{path}" alt="{alt}" width="{shown.width}" height="{shown.height}">'

    def _text_with_values(self, text: str, where: Callable[[str], str], cell_math: mathml.CellMath) -> str:
        """Markdown with its bindings, citations and math as HTML. `where` gives the place in the source of a part of the text, `cell_math`
        sets the math of the cell that it stands in."""

        def math_html(filled: str, written: str) -> str:
            try:
                return cell_math.to_mathml(filled)
            except mathml.UnsupportedMath as error:
                self.problems.append(Problem(where(written), f"math {written.strip()}: {error}", "write it in another way, or as text"))
                return ""

        return bindings.fill_bindings(
            text,
            self._record.claims,
            self._bound_value_html,
            self._cross_reference,
            self._citation_html,
            math_html,
            self._joined.facts,
            {key: self._citation_link(key, entry.text_citation) for key, entry in self.entries.items()},
        )

    def _link_target(self, link: markdown_checks.MarkdownLink, cell: Cell) -> str:
        """The address of a link, as the site builder resolves it from the staged page (docs/notes/posts/SLUG.md).

        Collects the files that links lead to in `files`, and links that lead nowhere in `problems`.
        """
        if not markdown_checks.is_local(link.target):
            return link.target
        path = markdown_checks.link_path(link.target, self._note.folder)
        anchor = "#" + link.target.split("#", 1)[1] if "#" in link.target else ""
        notes, docs = self._note.folder.parent.resolve(), self._context.site.docs.resolve()
        if path == self._note.folder.resolve():
            return anchor or f"{self._note.slug}.md"
        if path.is_relative_to(self._note.folder.resolve()) and path.is_file():
            name = path.relative_to(self._note.folder.resolve()).as_posix()
            self.files[name] = path
            return f"../{self._note.slug}/{name}"
        if path.is_relative_to(notes) and path != notes and (path.parent == notes or (path.stem == "note" and path.parent.parent == notes)):
            slug = path.relative_to(notes).parts[0]
            anchors = self._context.published.get(slug)
            known = anchors is None or anchor[1:] in anchors or anchor[1:].startswith(markdown_checks.ANCHORS)
            if slug in self._context.published and (not anchor or known):
                return f"{slug}.md{anchor}"
            what, hint = f"links to {slug}, which is not published", "publish it first, or link to nothing"
            if slug in self._context.published:
                what, hint = f"links to {anchor} of {slug}, which no heading there has", did_you_mean(anchor[1:], anchors or ())
        elif path.is_relative_to(docs) and path.suffix == ".md":
            return "../../" + path.relative_to(docs).as_posix() + anchor
        else:
            what, hint = f"links to {link.target}, which is not on the site", "link to a note, a page in docs/, or a file beside the note"
        self.problems.append(Problem(cell.line_place(cell.source.count("\n", 0, link.offset) + 1), what, hint))
        return link.target

    def _bound_value_html(self, binding: bindings.Binding, value: str) -> str:
        text = html.escape(value)
        if binding.function == "claim":
            verdict = self._joined.quantity_verdict(QuantityKind.CLAIM, binding.name)
            return f'<a class="ln-claim" href="#claim-{binding.name}" data-verdict="{verdict}">{text}</a>'
        if binding.function == "cited":
            return f'<a class="ln-cite" href="#ref-{binding.name}">{text}</a>'
        return text

    def _cross_reference(self, sort: str, label: str) -> str:
        word, numbers = ("Figure", self.figures) if sort == "fig" else ("Table", self.tables)
        if label not in numbers:  # the cell that makes it changed since the record was made
            return f"{word} “{label}”"
        return f'<a class="ln-xref" href="#{sort}-{label}">{word}&nbsp;{numbers[label]}</a>'

    def _citation_html(self, keys: list[str], inside: str) -> str:
        return f"({'; '.join(self._citation_link(key, self.entries[key].short_citation) for key in keys)})"

    def _citation_link(self, key: str, words: str) -> str:
        return f'<a class="ln-cite" href="#ref-{key}">{html.escape(words)}</a>'

    def caption_or_alt(self, label: str, kind: str, recorded: str) -> str:
        """A caption or alt text: as written in the source now, or as recorded where the source computes it."""
        return self._note.definitions.words.get(label, {}).get(kind, recorded)

    def caption_html(self, text: str) -> Markup:
        made = self._inline.reset().convert(
            self._text_with_values(text, lambda _: f"{self._where}: {text[:60]!r}", self._math.below_all_cells())
        )
        return Markup(sanitising.sanitised_inline(re.sub(r"^<p>|</p>$", "", made.strip())))

    def _caption_verdict(self, kind: QuantityKind, label: str) -> str:
        """The verdict on a figure or table that its caption says: one that a reader should know of before reading it; "" for the others."""
        verdict = self._joined.quantity_verdict(kind, label)
        return verdict if verdict in MARKED else ""

    def _code_cell_parts(self, cell: Cell, *, searched: bool) -> Iterator[str]:
        lines = cell.source.count("\n") + 1
        skipped = " · not run" if cell.is_skipped else ""
        summary = f"Code <span>cell {cell.number} · {lines} line{'s' if lines > 1 else ''}{skipped}</span>"
        hidden = "" if searched else " data-search-exclude"
        code = highlighting.highlight_python(_without_ansi_codes(cell.source))
        block = f'<div class="highlight" tabindex="0" role="region" aria-label="Code of cell {cell.number}"><pre><code>{code}</code></pre></div>'
        yield f'<details class="ln-code" id="cell-{cell.number}"{hidden}><summary>{summary}</summary>{block}</details>'
        if cell.number not in self._joined.outputs and not cell.is_skipped:
            yield '<p class="ln-changed">This cell changed since the record was made; it has no recorded output.</p>'
        latest = self._joined.latest_check
        if latest and latest.failed and latest.failed.cell == cell.number:
            yield self._failure_html(latest)
        for output in self._joined.outputs.get(cell.number, ()):
            yield self._output_html(output, searched=searched)

    def _failure_html(self, latest: LoggedCheck) -> str:
        """The HTML that says how the last check failed in this cell. What the page shows below it was recorded before."""
        assert latest.failed is not None
        said = "timed out" if latest.outcome is Outcome.TIMED_OUT else "failed"
        lead = f"In the check of {day_text(latest.started)} the note {said} in this cell. What the page shows was recorded before."
        return f'<div class="ln-failed"><p><strong>{lead}</strong></p><pre><code>{html.escape(latest.failed.what)}</code></pre></div>'

    def _output_html(self, output: Output, *, searched: bool) -> str:
        kind = output["output_type"]
        if kind == "claim":
            return ""  # stands in the prose and in the badge
        if kind == "figure":
            return self._figure_html(output["label"])
        if kind == "table":
            return self._table_html(output["label"], searched=searched)
        if kind == "stream":
            return _stream_html(output["name"], final_text(output["text"]))
        if kind == "error":
            return _printed_html("\n".join(output["traceback"]))
        if "text/html" in output["data"]:
            return f'<div class="ln-html ln-scroll" data-search-exclude tabindex="0" role="region" aria-label="Output">{output["data"]["text/html"]}</div>'
        return _printed_html(str(output["data"].get("text/plain", "")))

    def _figure_html(self, label: str) -> str:
        made, picture, shown = self._record.figures[label], self._record.pictures.get(label), self.shown.get(label)
        held = sanitising.sanitised_output(picture.content.decode()) if picture and picture.suffix == "html" else ""
        return TEMPLATES.get_template("figure.html.j2").render(
            base=self._base,
            label=label,
            number=self.figures[label],
            caption=self.caption_html(self.caption_or_alt(label, "caption", made.caption) or "Shown by the code without a caption."),
            mark=self._caption_verdict(QuantityKind.FIGURE, label),
            alt=self.caption_or_alt(label, "alt", made.alt) or "No description was given.",
            cell=made.cell,
            html=Markup(held),
            picture=f"{self._base}figures/{label}.{picture.suffix}" if picture and shown else "",
            suffix=picture.suffix.upper() if picture else "",
            width=shown.width if shown else 0,
            height=shown.height if shown else 0,
            wide=bool(shown and shown.width >= WIDE),
            readout=bool(shown and readouts.figure_readout(made.data, shown.views)),
            grids=readouts.value_grids(made.data, MAX_ROWS, shown.views if shown else ()),
            unverified="; ".join(made.data.unverified),
        )

    def _table_html(self, label: str, *, searched: bool) -> str:
        made = self._record.tables[label]
        columns, total = made.data.columns, len(made.data.columns[0].values) if made.data.columns else 0
        rows = [
            [cell_text(value, column) for value, column in zip(values, columns, strict=True)]
            for values in list(zip(*(column.values for column in columns), strict=True))[:MAX_ROWS]
        ]
        return TEMPLATES.get_template("table.html.j2").render(
            base=self._base,
            label=label,
            number=self.tables[label],
            caption=self.caption_html(self.caption_or_alt(label, "caption", made.caption)),
            mark=self._caption_verdict(QuantityKind.TABLE, label),
            columns=[_ShownColumn(column.name, _column_class(column)) for column in columns],
            rows=rows,
            searched=searched,
            index=made.data.index,
            total=total,
            cell=made.cell,
        )


def _column_class(column: Column) -> str:
    """The CSS class for the width of a column: numbers never break, long texts get room for several words a line."""
    if column.kind in ("integer", "float"):
        return "n"
    longest = max((len(str(value)) for value in column.values if value is not None), default=0)
    return "text long" if longest > LONG else "text" if longest > SHORT else ""


def _page_outline(headings: list[str]) -> list[tuple[str, str]]:
    """Address and text of each section, from the builder's own extension: all headings are given to it, as it numbers equal ones."""
    reader = markdown.Markdown(extensions=["toc", "attr_list"])
    reader.convert("\n\n".join([*headings, *(f"## x {{: #{anchor} }}" for anchor in BACK)]))
    sections: list[tuple[str, str]] = []

    waiting = list(reader.toc_tokens)
    while waiting:
        token = waiting.pop(0)
        if token["level"] == 2 and token["id"] not in BACK:
            sections.append((token["id"], html.unescape(token["name"])))
        waiting = [*token["children"], *waiting]
    return sections


def _line_of(source: str, part: str) -> int:
    at = source.find(part)
    return source.count("\n", 0, at) + 1 if at >= 0 else 1


def _exclude_from_search(text: str) -> str:
    """Markdown whose headings the search indexes, and nothing else of it."""
    parts, position = [], 0
    headings = outside_code(_HEADING_LINE.finditer(text), text)
    for start, end in [*((match.start(), match.end()) for match in headings), (len(text), len(text))]:
        if text[position:start].strip():
            # the search takes the first end of an element of the same name for the end of what it leaves out; no other is a section
            parts.append(f'<section data-search-exclude markdown="1">\n\n{text[position:start].strip()}\n\n</section>')
        parts.append(text[start:end])
        position = end
    return "\n\n".join(parts)


def _without_ansi_codes(text: str) -> str:
    return _ANSI.sub("", text).rstrip("\n")


def _stream_html(name: str, text: str) -> str:
    """The HTML of a stream. What is no result (warnings, logs, progress bars) is folded."""
    if name != "stderr":
        return _printed_html(text)
    lines = len(text.strip().splitlines())
    summary = f"Warnings and messages <span>{lines} line{'' if lines == 1 else 's'}</span>"
    return f'<details class="ln-code ln-messages" data-search-exclude><summary>{summary}</summary>{_printed_html(text)}</details>'


def _printed_html(text: str) -> str:
    """The HTML of what a cell printed; "" if it is white space only."""
    lines = html.escape(_without_ansi_codes(text), quote=False)
    return f'<pre class="ln-output" data-search-exclude tabindex="0"><code>{lines}</code></pre>' if lines.strip() else ""
