"""A notebook among the hand-written pages: what its page shows of it, by the rules that the pages of notes keep.

Text cells are read and outputs sanitised as those of notes are. Nothing binds in it, and nothing of it is executed. How its cells stand on the
page is mkdocs-jupyter's work, which gets a notebook with finished HTML.
"""

from __future__ import annotations

import datetime
import html
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import yaml

from labnotes.errors import Problem
from labnotes.site.docs_notebooks.docs_prose import DocsProse
from labnotes.site.stage import published_outputs, sanitising, source_marks
from labnotes.site.stage.cell_outputs import CellOutputs
from labnotes.site.stage.note_prose import pasted_picture
from labnotes.source import (
    cell_options,
    code_digest,
    notebooks,
    plain_yaml,
    raw_cells,
)
from labnotes.source.cell_options import Showing
from labnotes.source.note_guard import guard_note
from labnotes.source.notebooks import Cell, StoredCell, StoredNotebook
from labnotes.source.prose_facts import MarkdownLink

_FOLDING = frozenset({cell_options.HIDE_INPUT, cell_options.HIDE_CELL})
"""The tags by which code is folded: that of other cells is open, for it is what such a page is about."""

_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp")
_BEFORE_PICTURES = ("text/html", "text/markdown")
"""What Jupyter shows rather than a picture that was displayed with it."""

_LISTS = ("tags", "hide")
_TEXTS = {"title": "What the page is about", "description": "A sentence on it", "template": "main.html", "icon": "material/book"}
_SCALARS = (str, int, float, datetime.date)
"""What MkDocs and its theme read of a page's front matter: lists of texts and texts, each with an example."""

MOST_TEXT = 1_000_000
"""Characters of text that the outputs of a cell may hold: a browser needs seconds for more."""

LinkResolver = Callable[[str], str | None]
"""The address of a file of the site as a page sees it, by its path in the folder of the hand-written pages; None if there is no such file."""


@dataclass(frozen=True, kw_only=True)
class TagRules:
    """The tags by which a lab leaves out parts of its notebooks: settings of mkdocs-jupyter (`remove_tag_config`)."""

    cells: frozenset[str] = frozenset()
    inputs: frozenset[str] = frozenset()
    all_outputs: frozenset[str] = frozenset()
    outputs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HtmlPart:
    """A part of a page that is finished HTML."""

    html: str


@dataclass(frozen=True)
class ShownOutput:
    """An output of a cell as finished HTML; `is_result` tells the value of its last line from what it displayed."""

    html: str
    is_result: bool = False


@dataclass(frozen=True)
class CodePart:
    """A cell of code. Of one that does not show its code only the outputs are seen. `count` is the number that the kernel gave it."""

    code: str
    count: int | None
    tags: tuple[str, ...]
    outputs: tuple[ShownOutput, ...] = ()
    shows_code: bool = True


@dataclass(frozen=True, kw_only=True)
class DocsPage:
    """What a page is made of: its front matter in YAML, with the title; its parts, whose code is in `language`; its `text` as Markdown for
    plugins that read it; the files that it shows, by their names in its folder; and what is wrong."""

    front: str
    parts: tuple[HtmlPart | CodePart, ...]
    language: str = ""
    text: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    problems: Sequence[Problem] = ()


def read_docs_page(path: Path, docs: Path, resolve: LinkResolver, files_base: str, rules: TagRules) -> DocsPage:
    """The page of the notebook at `path` in the folder `docs`. `files_base` is the address of the folder of its files as the page sees it.

    What is wrong is among its problems; a file that is no notebook has a page that says so.
    """
    shown = Path(docs.name) / path.relative_to(docs)
    problems: list[Problem] = []
    with guard_note(str(shown), problems):
        stored = notebooks.read_stored_notebook(path, shown)
        return _PageMaker(stored, PurePosixPath(path.relative_to(docs).as_posix()), resolve, files_base, rules).make_page()
    box = _problems_html("This notebook cannot be shown", problems)
    return DocsPage(front=_yaml_text({"title": html.escape(path.stem)}), parts=(HtmlPart(box),), problems=problems)


def _problems_html(title: str, problems: Sequence[Problem]) -> str:
    said = "".join(f"<pre>{html.escape(str(problem))}</pre>" for problem in problems)
    return f'<div class="admonition failure"><p class="admonition-title">{title}</p>{said}</div>'


def _yaml_text(front: Mapping[str, Any]) -> str:
    return str(yaml.safe_dump(dict(front), allow_unicode=True))


class _PageMaker:
    def __init__(self, stored: StoredNotebook, place: PurePosixPath, resolve: LinkResolver, files_base: str, rules: TagRules) -> None:
        self._stored, self._place, self._resolve, self._rules = stored, place, resolve, rules
        self._prose = DocsProse(
            [part.cell for part in self._shown_cells() if part.cell.kind == "text"], self._link_address, self._pasted_address, files_base
        )
        self._outputs = CellOutputs(self._prose, files_base)
        self._attachments = {part.cell.number: part.attachments for part in stored.cells if part.cell.kind == "text"}
        self.problems = self._prose.problems

    def make_page(self) -> DocsPage:
        front = self._front_matter()
        parts = [part for stored in self._shown_cells() for part in self._page_parts(stored)]
        title = str(front.get("title") or self._prose.title or self._place.stem.replace("-", " ").replace("_", " ").capitalize())
        front = {**front, "title": html.escape(title, quote=False), "headline": title}
        told = [HtmlPart(_problems_html("labnotes build refuses this page", self.problems))] if self.problems else []  # for a preview
        return DocsPage(
            front=_yaml_text(front),
            parts=(*told, *parts, HtmlPart(source_marks.END)),
            language=self._stored.language,
            text="\n\n".join(part.cell.source for part in self._shown_cells() if part.cell.kind == "text"),
            files=self._prose.files,
            problems=self.problems,
        )

    def _shown_cells(self) -> Iterator[StoredCell]:
        """The cells of which a page shows something."""
        for part in self._stored.cells:
            if part.cell.kind != "raw" and not part.cell.is_left_out and self._rules.cells.isdisjoint(part.written_tags):
                yield part

    def _front_matter(self) -> Mapping[str, Any]:
        """The settings at the head of the notebook: a first raw or text cell between lines of dashes."""
        first = next(iter(self._stored.cells), None)
        written = raw_cells.front_matter(first.cell.source) if first and first.cell.kind != "code" else ""
        if not written or first is None:
            return {}
        try:
            _, said = plain_yaml.read_yaml(written)
        except plain_yaml.UnreadableYaml as error:
            what = f"line {error.line} of the settings at its head {error.what}"
            self.problems.append(Problem(str(self._stored.path), what, error.hint or "title: What the page is about"))
            return {}
        return dict(self._usable_settings(said)) if isinstance(said, dict) else {}

    def _usable_settings(self, said: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
        """The settings at the head of the notebook that MkDocs can use; the others are problems."""
        for key, value in said.items():
            name = str(key)
            is_list = isinstance(value, list) and all(isinstance(entry, _SCALARS) for entry in value)
            if name in _LISTS and not is_list and value is not None:
                hint = f"{name}: [{value}]" if isinstance(value, _SCALARS) else f"{name}: [one, another]"
                self.problems.append(Problem(str(self._stored.path), f"{name} in the settings at its head is no list of texts", hint))
            elif name in _TEXTS and not isinstance(value, _SCALARS) and value is not None:
                what = f"{name} in the settings at its head is no text: {value!r:.80}"
                self.problems.append(Problem(str(self._stored.path), what, f"{name}: {_TEXTS[name]}"))
            else:
                yield name, [str(entry) for entry in value] if name in _LISTS and value else value

    # -- cells -----------------------------------------------------------------------------------------------------------------------------

    def _page_parts(self, stored: StoredCell) -> Iterator[HtmlPart | CodePart]:
        cell, tags = stored.cell, stored.written_tags
        mark = source_marks.cell_mark(cell)
        if cell.kind == "text":
            yield HtmlPart(mark + self._prose.cell_html(cell))  # in a box, a heading would be the end of what the search finds below it
            return
        self._check_syntax(cell)
        yield HtmlPart(mark)
        outputs = () if cell.view.outputs is Showing.REMOVED else tuple(self._shown_outputs(stored))
        if cell.view.code is Showing.REMOVED or not self._rules.inputs.isdisjoint(tags):
            yield CodePart(cell.source, stored.execution_count, tags, outputs, shows_code=False)
        elif not _FOLDING.isdisjoint(cell.tags):
            lines = cell.source.count("\n") + 1
            summary = f"Code <span>{lines} line{'s' if lines > 1 else ''}</span>"
            yield HtmlPart(f'<details class="ln-code"><summary>{summary}</summary>')
            yield CodePart(cell.source, stored.execution_count, tags)
            yield HtmlPart("</details>")
            yield CodePart(cell.source, stored.execution_count, tags, outputs, shows_code=False)
        else:
            yield CodePart(cell.source, stored.execution_count, tags, outputs)

    def _check_syntax(self, cell: Cell) -> None:
        if self._stored.language.lower() not in ("", "python") or cell.may_raise or cell.is_skipped:
            return
        error = code_digest.syntax_error(cell.source)
        if error is not None:
            hint = f"a cell that is meant to fail says so by the tag {cell_options.MAY_RAISE}"
            self.problems.append(Problem(cell.line_place(error.lineno or 1), f"code cell {cell.number} does not parse: {error.msg}", hint))

    def _shown_outputs(self, stored: StoredCell) -> Iterator[ShownOutput]:
        """The outputs of a cell; in one box if its author wants them folded, or in one that scrolls."""
        view, tags = stored.cell.view, stored.written_tags
        if not self._rules.all_outputs.isdisjoint(tags):
            return
        kept = [
            output
            for output in stored.outputs
            if output.get("name") not in view.without_streams and self._rules.outputs.isdisjoint(output.get("metadata", {}).get("tags", ()))
        ]
        size = sum(map(_text_size, kept))
        if size > MOST_TEXT:
            what = f"the outputs of code cell {stored.cell.number} hold {size:,} characters of text; a page shows {MOST_TEXT:,} at most"
            self.problems.append(Problem(stored.cell.line_place(), what, "print less, or write it into a file beside the notebook"))
            return
        made = [ShownOutput(self._output_html(output, stored.cell), output["output_type"] == "execute_result") for output in kept]
        made = [output for output in made if output.html.strip()]
        if made and (view.scrolls or view.outputs is Showing.FOLDED):
            yield ShownOutput(_output_box(stored.cell, [output.html for output in made]))
        else:
            yield from made

    def _output_html(self, output: Mapping[str, Any], cell: Cell) -> str:
        if output["output_type"] in ("stream", "error"):
            return self._outputs.page_html(output, cell)
        data = {mime: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for mime, value in output["data"].items()}
        picture = next((mime for mime in _PICTURES if mime in data), "")
        if picture and not any(mime in data for mime in _BEFORE_PICTURES):
            return self._picture_html(picture, data[picture], output.get("metadata", {}).get(picture, {}), cell)
        published = {**output, "output_type": "display_data", "data": published_outputs.publishable_data(data)}
        return self._outputs.page_html(published, cell)

    def _picture_html(self, mime: str, encoded: str, metadata: Any, cell: Cell) -> str:
        said = metadata if isinstance(metadata, Mapping) else {}
        try:
            content = sanitising.sanitised_svg_text(encoded.encode()).encode() if mime == _PICTURES[0] else pasted_picture({mime: encoded})
        except ValueError as error:
            return sanitising.left_out_words(html.escape(f"A picture is not shown: {error}."))
        address = self._prose.files_base + self._prose.attach_file(content, cell.number, mime.partition("/")[2].removesuffix("+xml"))
        alt = str(said.get("alt") or "Picture that the code displayed")
        size = "".join(f' {name}="{said[name]}"' for name in ("width", "height") if isinstance(said.get(name), int))
        return f'<img src="{html.escape(address)}" alt="{html.escape(alt)}"{size}>'

    # -- links -----------------------------------------------------------------------------------------------------------------------------

    def _link_address(self, link: MarkdownLink) -> str:
        """Where a local link leads from the page: a file of the site by its path from the notebook, or what its author wrote."""
        written, _, fragment = link.target.partition("#")
        parts = PurePosixPath(unquote(written.partition("?")[0]))
        if parts.is_absolute():
            return link.target
        path: list[str] = []
        for part in (*self._place.parent.parts, *parts.parts):
            if part != "..":
                path.append(part)
            elif path:
                path.pop()
            else:
                return link.target
        address = self._resolve("/".join(path))
        return link.target if address is None else address + (f"#{fragment}" if fragment else "")

    def _pasted_address(self, name: str, cell: Cell) -> str:
        forms = self._attachments[cell.number].get(name)
        try:
            content = pasted_picture(forms or {})
        except ValueError as error:
            why = error if forms is not None else "it is not in the cell"
            what = f"the picture {name!r:.120}, pasted into it, cannot be read: {why}"
            self.problems.append(Problem(cell.line_place(), what, "paste it again, or save it beside the notebook"))
            return ""
        suffix = "svg" if content.lstrip().startswith(b"<") else PurePosixPath(name).suffix.lstrip(".")
        return self._prose.files_base + self._prose.attach_file(content, cell.number, suffix)


def _text_size(output: Mapping[str, Any]) -> int:
    """The number of characters in an output, but for pictures, sound and films, which become files."""
    texts = {"text/plain": output.get("text", ""), **output.get("data", {})}
    return sum(len(str(value)) for mime, value in texts.items() if not mime.startswith(("image/", "audio/", "video/", "application/")))


def _output_box(cell: Cell, made: Sequence[str]) -> str:
    """Outputs in a box that scrolls, or folded, as their author wants them."""
    shown = "\n".join(made)
    if cell.view.scrolls:
        shown = f'<div class="ln-tall" tabindex="0" role="region" aria-label="Outputs of cell {cell.number}">{shown}</div>'
    if cell.view.outputs is Showing.FOLDED:
        shown = f'<details class="ln-code ln-messages"><summary>Output <span>cell {cell.number}</span></summary>{shown}</details>'
    return shown
