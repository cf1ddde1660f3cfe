"""What a note's page shows of its notebook, from top to bottom: prose, code, figures, tables, outputs."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import jinja2
from markupsafe import Markup

from labnotes.errors import Problem
from labnotes.model.observation import Output
from labnotes.model.plots import DRAWING, PIXELS
from labnotes.model.quantities import QuantityKind
from labnotes.model.tables import Column
from labnotes.model.verdicts import Outcome
from labnotes.site.stage import (
    highlighting,
    interactive,
    page_words,
    pictures,
    prose_html,
    published_outputs,
    readouts,
    source_marks,
    table_frames,
    talk_back,
)
from labnotes.site.stage.cell_outputs import CellOutputs
from labnotes.site.stage.csv_files import cell_text, day_text
from labnotes.site.stage.note_page import NotePage, text_with_values
from labnotes.site.stage.note_prose import NoteProse
from labnotes.site.stage.page_parts import CODE, CODE_IN_PAGE, NotePart, NoteParts, PartSection
from labnotes.site.stage.prose_html import PageBlock
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import bibliography
from labnotes.source.cell_options import CellView, Showing
from labnotes.source.notebooks import Cell
from labnotes.store.check_log import LoggedCheck

WIDE = 700
"""CSS pixels from which a figure reaches into the margin."""

HERO_WIDTH = 700
"""CSS pixels up to which a picture can stand at the top of a note, which shows it 536 pixels wide: labels of 14 pixels have 11 there."""

SMALL = 240
"""CSS pixels below which a picture without values to read is no drawing of data, but a sign or a sample: it stays as large as it is."""

DRAWN_BY_LABNOTES = ("Plotly",)
"""Libraries whose own drawing needs a browser: labnotes draws the pictures of their figures from the data, and the page says so."""

MAX_ROWS = 40
"""Rows of a figure's or table's data in the page; the CSV holds all."""
SHORT, LONG = 30, 120
"""Characters from which a column of text gets room, and more room."""

PAPER, ROOM = 140, 40
"""Characters from which a table is turned on paper (A4), and those of one column that count, since longer text breaks."""

MARKED = ("moved", "changed", "missing", "unverified", "drawn anew", "run failed")
"""Verdicts that the caption of a figure or table says."""

_COMPARED = {PIXELS: "Compared by its pixels, not by data.", DRAWING: "Compared by the text of its drawing (SVG), not by data."}
"""What a caption says of a picture without data, by the kind of its mark."""

_NO_CAPTION = "Shown by the code without a caption."

TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("labnotes.site.stage"), autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
)

_OUR_WORDS = re.compile(r'<span class="ln-left-out"|<summary(?=>(?:Output <span>|Warnings and messages <span>|[\d,]+ more lines? <span>))')
"""Matches the beginnings of elements with words of labnotes between the outputs of a note."""

_NOTE_MARK = re.compile(r'<a [^>]*class="ln-fn"[^>]*>.*?</a>(?:<small [^>]*class="ln-sidenote".*?</small>)?', re.DOTALL)


@dataclass(frozen=True)
class RelatedNote:
    """Another note that a page names at its end."""

    slug: str
    title: str
    summary: str


@dataclass(frozen=True)
class PageContext:
    """What a page needs beside its own note: the site and related notes.

    `published` are the notes on the site by slug, each with the addresses in its prose; None for a note that cannot be staged.
    """

    site: SiteSettings
    published: Mapping[str, Sequence[str] | None]
    related: Sequence[RelatedNote] = ()


@dataclass(frozen=True)
class _ShownColumn:
    """A column of a table: its name, and the class of the style sheets for its width."""

    name: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class HeroPicture:
    """The picture at the top of a note: of the figure with this label, with its size in CSS pixels. `name` is the figure's as the page has it,
    `named` the attributes that say in which language that is."""

    label: str
    name: str
    named: Markup
    address: str
    width: int
    height: int
    alt: str
    caption: Markup


class PageBody:
    """The body of one page, as Markdown with parts in HTML.

    `shown` are the pictures as they are published, `prose` is the note's text, `outline` the address and the text of each section.
    """

    def __init__(self, joined: NotePage, context: PageContext) -> None:
        self._joined, self._context = joined, context
        self._note, self._record = joined.note, joined.recorded
        self.figures, self.tables = joined.display_numbers(QuantityKind.FIGURE), joined.display_numbers(QuantityKind.TABLE)
        self._words = page_words.words_in(self._note.settings.language)
        self.entries = bibliography.read_bibliography(self._note.folder / self._note.settings.references)
        # MkDocs leaves addresses in HTML as they are, Zensical reads them from where the source lies: this one is right for both
        self._base = f"../{self._note.slug}/"
        self.prose = NoteProse(
            joined, docs=context.site.docs, published=context.published, entries=self.entries, figures=self.figures, tables=self.tables
        )
        self.problems = self.prose.problems
        self._outputs = CellOutputs(self.prose, self._base)
        self.parts = NoteParts(self._base, self._words)
        self._code = {
            cell.number: _highlighted_code(cell) for cell in self._note.source.code_cells if cell.view.code is not Showing.REMOVED
        }
        self.outline: list[tuple[str, str]] = []
        self.shown: dict[str, pictures.PublishedPicture] = {}
        self._unreadable: dict[str, str] = {}
        for label, picture in self._record.pictures.items():
            if picture.suffix != "html":
                try:
                    self.shown[label] = pictures.publish_picture(
                        picture, self.caption_or_alt(label, "alt", self._record.figures[label].alt)
                    )
                except ValueError as error:
                    if self._record.figures[label].automatic:
                        self._unreadable[label] = f"what the code gave out as {picture.mime_type} {error}"
                    else:
                        self.problems.append(Problem(f"{self._note.slug}: picture of {label!r}", str(error), "record the note again"))

    def markdown_text(self) -> str:
        """The Markdown of the body. Fills `outline` and `problems`, and what `prose` collects."""
        parts: list[str] = []
        folded = [cell for cell in self._note.source.code_cells if cell.view.code is Showing.FOLDED]
        self._code_apart = sum(len(self._code[cell.number].encode()) for cell in folded) > CODE_IN_PAGE
        if self._code_apart:
            sections = [PartSection(f"cell-{cell.number}", f"Cell {cell.number}", self._code[cell.number]) for cell in folded]
            self.parts.add_part(CODE, NotePart(title="Code", sections=sections))
        for cell in self._note.source.cells:
            parts.append(source_marks.cell_mark(cell))
            if cell.kind == "text" and not cell.is_left_out:
                parts += self._prose_parts(cell)
            elif cell.kind == "code":
                parts += self._code_cell_parts(cell)
        return "\n\n".join(part.strip("\n") for part in [*parts, source_marks.END] if part.strip())

    def _prose_parts(self, cell: Cell) -> Iterator[str]:
        """A text cell as headings in Markdown, which the builder lists, and HTML, which it leaves as it is."""
        for is_heading, blocks in groupby(self.prose.cell_blocks(cell), key=lambda block: bool(block.level)):
            if is_heading:
                yield from (self._heading_markdown(block) for block in blocks)
            else:
                yield from map(self._block_html, blocks)

    def _block_html(self, block: PageBlock) -> str:
        return table_frames.framed_table(block.html, self._words.english) if block.html.startswith("<table") else block.html

    def _heading_markdown(self, block: PageBlock) -> str:
        bare = _NOTE_MARK.sub("", block.html)
        words = prose_html.plain_text(bare)
        if block.level == 2:
            self.outline.append((block.address, words))
        # the contents list a heading without its footnote
        label = re.sub(r"[^\w\s,;:.-]", "", words)
        return prose_html.heading_markdown(block, f' data-toc-label="{label}"' if bare != block.html else "")

    def notebook_output(self, output: Output, cell: Cell) -> str:
        """An output as the notebook page shows it, where that differs from what the notebook to download holds; else ""."""
        if output["output_type"] != "figure":
            return self._outputs.notebook_html(output, cell)
        label = output["label"]
        shown = self.shown.get(label)
        if not shown:
            return ""
        picture = self._record.pictures[label]
        path = f"../figures/{label}.{picture.suffix}"
        alt = html.escape(self.caption_or_alt(label, "alt", self._record.figures[label].alt) or "No description was given.")
        if picture.is_film:
            return f'<video controls src="{path}" aria-label="{alt}"></video>'
        return f'<img src="{path}" alt="{alt}" width="{shown.width}" height="{shown.height}">'

    def caption_or_alt(self, label: str, kind: str, recorded: str) -> str:
        """A caption, or an alt text with its values: as written in the source now, or as recorded where the source computes it."""
        text = self._note.definitions.words.get(label, {}).get(kind, recorded)
        return text_with_values(text, self._joined) if kind == "alt" else text

    def caption_html(self, text: str) -> Markup:
        return Markup(self.prose.short_html(text))

    def _caption_verdict(self, kind: QuantityKind, label: str) -> str:
        """The verdict on a figure or table that its caption says: one that a reader should know of before reading it; "" for the others."""
        verdict = self._joined.quantity_verdict(kind, label)
        return verdict if verdict in MARKED else ""

    def _code_cell_parts(self, cell: Cell) -> Iterator[str]:
        view = cell.view
        yield self._code_html(cell, view)
        if cell.number not in self._joined.outputs and not cell.is_skipped:
            yield f'<p class="ln-changed"{self._words.english}>This cell changed since the record was made; it has no recorded output.</p>'
        latest = self._joined.latest_check
        if latest and latest.failed and latest.failed.cell == cell.number:
            yield self._failure_html(latest)
        if view.outputs is not Showing.REMOVED:
            made = [made for made in self._outputs_html(cell, view) if made.strip()]
            yield from map(self._in_own_language, _outputs_box(cell, view, made))

    def _in_own_language(self, made: str) -> str:
        """The HTML of outputs, in which the words that are ours are said to be English if the note is not."""
        return _OUR_WORDS.sub(rf"\g<0>{self._words.english}", made) if self._words.is_marked else made

    def _outputs_html(self, cell: Cell, view: CellView) -> Iterator[str]:
        for output in self._joined.outputs.get(cell.number, ()):
            if output["output_type"] != "stream" or output["name"] not in view.without_streams:
                yield self._output_html(output, cell)

    def _code_html(self, cell: Cell, view: CellView) -> str:
        """The code of a cell; where its author removes it, only the place to which links to the cell lead."""
        if view.code is Showing.REMOVED:
            return f'<div id="cell-{cell.number}"></div>'
        lines = cell.source.count("\n") + 1
        skipped = " · not run" if cell.is_skipped else ""
        english = self._words.english
        summary = f"Code <span>cell {cell.number} · {lines} line{'s' if lines > 1 else ''}{skipped}</span>"
        block = self._code[cell.number]
        if self._code_apart and view.code is Showing.FOLDED:
            block = self.parts.link_html(CODE, f"cell-{cell.number}", f"Code of cell {cell.number}")
        opened = " open" if view.code is Showing.OPEN else ""
        source = self._source_link(cell, lines)
        return f'<details class="ln-code" id="cell-{cell.number}"{opened}><summary{english}>{summary}</summary>{block}{source}</details>'

    def _source_link(self, cell: Cell, lines: int) -> str:
        """A link to the lines of a cell in the lab's repository, at the commit that they are of; "" where a source has no lines or no commit."""
        commits = self._joined.commits
        if cell.line is None:
            return ""
        address = talk_back.source_address(self._context.site, commits.source, commits.path, cell.line, cell.line + lines - 1)
        place = f"{html.escape(cell.path.name)}, line {cell.line}, at {commits.source[:9]}"
        return f'<p class="ln-at"{self._words.english}><a href="{html.escape(address)}">{place}</a></p>' if address else ""

    def _failure_html(self, latest: LoggedCheck) -> str:
        """The HTML that says how the last check failed in this cell. What the page shows below it was recorded before."""
        assert latest.failed is not None
        said = "timed out" if latest.outcome is Outcome.TIMED_OUT else "failed"
        lead = f"In the check of {day_text(latest.started)} the note {said} in this cell. What the page shows was recorded before."
        return f'<div class="ln-failed"{self._words.english}><p><strong>{lead}</strong></p><pre><code>{html.escape(latest.failed.what)}</code></pre></div>'

    def _output_html(self, output: Output, cell: Cell) -> str:
        kind = output["output_type"]
        if kind == "claim":
            return ""  # stands in the prose and in the badge
        if kind == "figure":
            return self._figure_html(output["label"])
        if kind == "table":
            return self._table_html(output["label"])
        return self._outputs.page_html(output, cell)

    def _figure_html(self, label: str) -> str:
        made, picture, shown = self._record.figures[label], self._record.pictures.get(label), self.shown.get(label)
        caption = self.caption_or_alt(label, "caption", made.caption)
        readout = bool(shown and readouts.figure_readout(made.data, shown.views))
        library = self.browser_library(label)
        held = self._outputs.figure_html(picture, made.cell) if picture and picture.suffix == "html" else ""
        return TEMPLATES.get_template("figure.html.j2").render(
            base=self._base,
            label=label,
            words=self._words,
            number=self.figures[label],
            caption=self.caption_html(caption)
            if caption
            else Markup(f"<span{self._words.english}>{_NO_CAPTION}</span>" if self._words.is_marked else _NO_CAPTION),
            mark=self._caption_verdict(QuantityKind.FIGURE, label),
            alt=self.caption_or_alt(label, "alt", made.alt) or "No description was given.",
            cell=made.cell,
            html=Markup(held),
            small=bool(shown and shown.width < SMALL and not readout),
            picture=f"{self._base}figures/{label}.{picture.suffix}" if picture and shown else "",
            suffix=picture.suffix.upper() if picture else "",
            film=bool(picture and picture.is_film),
            width=shown.width if shown else 0,
            height=shown.height if shown else 0,
            wide=bool(shown and shown.width >= WIDE),
            readout=readout,
            data=self._data_link(label, shown.views if shown else ()),
            unverified="; ".join(made.data.unverified),
            compared=_COMPARED.get(made.data.picture.kind, "") if made.data.picture is not None else "",
            drawn_from=made.data.library if picture and made.data.library in DRAWN_BY_LABNOTES else "",
            embedded=label in self.embedded,
            interactive=library,
            download=interactive.download_size(library.name) if library else "",
            why=self._unreadable.get(label) or published_outputs.why_no_picture(made.data.unverified[0] if made.data.unverified else ""),
        )

    @property
    def hero(self) -> HeroPicture | None:
        """The picture that tells the result at once: the first figure, if its words can still be read at the width of the first screen."""
        label = next((label for label in self.figures if label in self.shown and not self._record.pictures[label].is_film), None)
        shown = self.shown[label] if label else None
        if not label or shown is None or not SMALL < shown.width <= HERO_WIDTH:
            return None
        made = self._record.figures[label]
        return HeroPicture(
            label=label,
            name=f"{self._words.figure} {self.figures[label]}",
            named=self._words.named,
            address=f"{self._base}figures/{label}.{self._record.pictures[label].suffix}",
            width=shown.width,
            height=shown.height,
            alt=self.caption_or_alt(label, "alt", made.alt),
            caption=self.caption_html(self.caption_or_alt(label, "caption", made.caption)),
        )

    def _data_link(self, label: str, views: readouts.Views) -> Markup:
        """The link to the tables of a figure's data; "" where it has none."""
        grids = readouts.value_grids(self._record.figures[label].data, MAX_ROWS, views)
        if not grids:
            return Markup("")
        name = f"{self._words.figure} {self.figures[label]}"
        tables = TEMPLATES.get_template("data.html.j2").render(
            grids=grids, name=name, words=self._words, shown_rows=table_frames.SHOWN_ROWS
        )
        path, title = f"figures/{label}.data.html", f"Data of Figure {self.figures[label]}"
        self.parts.add_part(path, NotePart(title=title, origin=f"fig-{label}", sections=[PartSection("data", "", Markup(tables))]))
        return self.parts.link_html(path, "data", title)

    def browser_library(self, label: str) -> interactive.BrowserLibrary | None:
        """The library that draws a figure in a reader's browser; None if none does, or this installation does not have its script."""
        name = self._record.figures[label].data.library
        drawn = label in self._record.interactive and label in self.shown and name in interactive.installed_libraries()
        return interactive.library_named(name) if drawn else None

    def interactive_page(self, label: str) -> str:
        """The page on which a figure's own library draws it."""
        return TEMPLATES.get_template("interactive.html.j2").render(
            name=f"Figure {self.figures[label]}",
            label=label,
            title=self._note.settings.title,
            alt=self.caption_or_alt(label, "alt", self._record.figures[label].alt),
            library=self.browser_library(label),
            scripts=interactive.SCRIPTS,
            drawing=interactive.json_in_page(self._record.interactive[label]),
            root="../../../",
        )

    def embed_page(self, label: str) -> str:
        """The page that shows a figure alone, for frames on other sites."""
        made, picture, shown = self._record.figures[label], self._record.pictures[label], self.shown[label]
        caption = self.caption_or_alt(label, "caption", made.caption)
        settings, site = self._note.settings, self._context.site
        return TEMPLATES.get_template("embed.html.j2").render(
            language=settings.language or site.language,
            name=f"{self._words.figure} {self.figures[label]}",
            label=label,
            suffix=picture.suffix,
            title=settings.title,
            alt=self.caption_or_alt(label, "alt", made.alt) or "No description was given.",
            caption=prose_html.plain_text(self.caption_html(caption)) if caption else "",
            width=shown.width,
            height=shown.height,
            authors=", ".join(author.name for author in settings.authors),
            site=site.name,
            state=f"{self._joined.state_text} {day_text(self._joined.last_execution_day)}",
            address=f"{site.url}notes/{self._note.slug}/figures/{label}.embed.html",
            root="../../../",
        )

    @property
    def embedded(self) -> list[str]:
        """The figures that have such a page: those with a picture that stands still."""
        return [label for label in self.figures if label in self.shown and not self._record.pictures[label].is_film]

    def _table_html(self, label: str) -> str:
        made = self._record.tables[label]
        columns, total = made.data.columns, len(made.data.columns[0].values) if made.data.columns else 0
        texts = [[cell_text(value, column) for value in column.values[:MAX_ROWS]] for column in columns]
        fitting = table_frames.fitting_rows(texts)
        texts = [shown[:fitting] for shown in texts]
        rows = [[self._outputs.text_html(text) for text in row] for row in zip(*texts, strict=True)]
        frame = table_frames.frame_of([[column.name, *shown] for column, shown in zip(columns, texts, strict=True)], len(rows))
        return TEMPLATES.get_template("table.html.j2").render(
            base=self._base,
            label=label,
            words=self._words,
            number=self.tables[label],
            caption=self.caption_html(self.caption_or_alt(label, "caption", made.caption)),
            mark=self._caption_verdict(QuantityKind.TABLE, label),
            columns=[_ShownColumn(self._outputs.text_html(column.name), _column_class(column)) for column in columns],
            rows=rows,
            frame=frame,
            fold_button=table_frames.fold_button(len(rows), self._words.english) if frame.folded else "",
            turned=_is_wider_than_paper(columns),
            index=made.data.index,
            total=total,
            cell=made.cell,
        )


def _highlighted_code(cell: Cell) -> Markup:
    code = highlighting.highlight_python(cell.source.rstrip("\n"))
    return Markup(
        f'<div class="highlight" tabindex="0" role="region" aria-label="Code of cell {cell.number}"><pre><code>{code}</code></pre></div>'
    )


def _outputs_box(cell: Cell, view: CellView, made: Sequence[str]) -> Iterator[str]:
    """The outputs of a cell as its author wants them: each for itself, or all folded, or in a box that scrolls."""
    shown = "\n".join(made)
    if not shown or (view.outputs is Showing.OPEN and not view.scrolls):
        yield from made
        return
    if view.scrolls:
        shown = f'<div class="ln-tall" tabindex="0" role="region" aria-label="Outputs of cell {cell.number}">\n{shown}\n</div>'
    if view.outputs is Showing.FOLDED:
        count = f"{len(made)} output{'' if len(made) == 1 else 's'}"
        shown = (
            f'<details class="ln-code ln-messages"><summary>Output <span>cell {cell.number} · {count}</span></summary>\n{shown}\n</details>'
        )
    yield shown


def _is_wider_than_paper(columns: Sequence[Column]) -> bool:
    """Whether a table is read better on paper that is turned: its columns, each with the room of a few words, take more than a line."""
    widths = []
    for column in columns:
        words = max((len(word) for word in column.name.split()), default=0)  # names break between words
        widths.append(max(words, min(ROOM, max((len(cell_text(value, column)) for value in column.values), default=0))))
    return sum(width + 2 for width in widths) > PAPER


def _column_class(column: Column) -> str:
    """The CSS class for the width of a column: numbers never break, long texts get room for several words a line."""
    if column.kind in ("integer", "float"):
        return "n"
    longest = max((len(str(value)) for value in column.values if value is not None), default=0)
    return "text long" if longest > LONG else "text" if longest > SHORT else ""
