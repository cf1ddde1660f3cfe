"""What cells displayed, as the note's page and its notebook page show it: HTML, Markdown and formulas, sound and films as files, printed text."""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Mapping
from typing import Protocol

from markupsafe import Markup

from labnotes.model.observation import FigurePicture, Output
from labnotes.site.stage import sanitising, terminal_colours
from labnotes.site.stage.published_outputs import RANKED, WRITTEN
from labnotes.source import markdown_pieces
from labnotes.source.notebooks import Cell

_HELD_MEDIA = re.compile(r'src="data:(?:audio|video)/([\w.+-]+);base64,([^"]*)"')
_MAY_HAVE_MATH = re.compile(r"\$|\\[(\[b]")
_TAG = re.compile(r'(<(?:"[^"]*"|[^">])*>)')
_LITERAL = re.compile(r"<(/?)(?:pre|code|kbd|samp|tt|math)\b")


class OutputProse(Protocol):
    """The prose of a page, by which what is displayed in Markdown is read, formulas are set, and the files that outputs hold are published."""

    def output_html(self, text: str, cell: Cell, base: str) -> str: ...

    def formula_html(self, formula: str) -> str | None: ...

    def attach_file(self, content: bytes, number: int, suffix: str) -> str: ...


class CellOutputs:
    """Renders the outputs of a page's code cells. Files that they hold are collected with those of its prose; `base` leads to these files."""

    def __init__(self, prose: OutputProse, base: str) -> None:
        self._prose, self._base = prose, base

    def page_html(self, output: Output, cell: Cell) -> str:
        """A printed, raised or displayed output as the page shows it; "" if there is nothing to see."""
        kind = output["output_type"]
        if kind == "stream":
            return (
                terminal_colours.messages_html(output["text"])
                if output["name"] == "stderr"
                else terminal_colours.printed_html(output["text"])
            )
        if kind == "error":
            return terminal_colours.printed_html("\n".join(output["traceback"]))
        shown = self._displayed_html(output["data"], cell, self._base)
        if "text/html" in output["data"]:
            return f'<div class="ln-html ln-scroll" tabindex="0" role="region" aria-label="Output">{shown}</div>'
        if shown:
            return f'<div class="ln-said" role="group" aria-label="Output">{shown}</div>'
        return "" if not WRITTEN.isdisjoint(output["data"]) else terminal_colours.printed_html(str(output["data"].get("text/plain", "")))

    def notebook_html(self, output: Output, cell: Cell) -> str:
        """A displayed output as the notebook page shows it, where that is no text: its files lie one folder above. Else ""."""
        return self._displayed_html(output.get("data", {}), cell, "../")

    def figure_html(self, picture: FigurePicture, number: int) -> str:
        """The HTML of a figure of the code cell with this number, from a record of the time when displayed HTML was a figure."""
        made = sanitising.sanitised_output(picture.content.decode())
        return self._with_files(made, number, self._base) if sanitising.shows_something(made) else ""

    def _displayed_html(self, data: Mapping[str, str], cell: Cell, base: str) -> str:
        if "text/html" in data:
            return self._with_files(data["text/html"], cell.number, base)
        written = next((data[mime] for mime in RANKED if mime in data), "")
        return self._prose.output_html(written, cell, base) if written else ""

    def _with_files(self, made: str, number: int, base: str) -> str:
        """HTML whose sound and films are files beside the note's page: held in it, they would be loaded with it."""

        def file_address(match: re.Match[str]) -> str:
            try:
                content = base64.b64decode(html.unescape(match[2]), validate=True)
            except (binascii.Error, ValueError):
                return 'src=""'
            name = self._prose.attach_file(content, number, match[1])
            return f'src="{base}{name}"'

        return self._with_formulas(_HELD_MEDIA.sub(file_address, made))

    def _with_formulas(self, made: str) -> str:
        """HTML whose formulas are set, as Jupyter sets them: in text that is no code. What cannot be set stays as it is written, since it is a
        result."""
        if not _MAY_HAVE_MATH.search(made):
            return made
        parts, literal = _TAG.split(made), 0
        for at, part in enumerate(parts):
            if at % 2:
                tag = _LITERAL.match(part)
                literal += 0 if tag is None else -1 if tag[1] else 1
            elif not literal and part:
                parts[at] = self.text_html(html.unescape(part))
        return "".join(parts)

    def text_html(self, text: str) -> Markup:
        """A text that code made, such as the name of a column, with its formulas set."""
        if not _MAY_HAVE_MATH.search(text):
            return Markup(html.escape(text, quote=False))
        marked, parts, position = markdown_pieces.mark_plain_text(text), [], 0
        for piece in marked.pieces:
            formula = self._prose.formula_html(piece.text) if piece.kind == markdown_pieces.MATH else None
            if formula is not None:
                parts += [html.escape(text[position : piece.start], quote=False), formula]
                position = piece.end
        return Markup("".join([*parts, html.escape(text[position:], quote=False)]))
