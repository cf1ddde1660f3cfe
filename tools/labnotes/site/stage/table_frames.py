"""How a table stands on the page of a note, whether its code recorded it or its author wrote it: its width, what is folded, and what sorts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest

from markupsafe import Markup

from labnotes.site.stage.prose_html import plain_text

SHOWN_ROWS = 12
"""Rows of a table that a reader sees before unfolding it; note.css counts them too."""

SORTED_ROWS = 3
"""Rows from which on an order is worth choosing."""

COLUMN, LETTER, GAP = 640, 7, 16
"""CSS pixels: the column of text, about what a letter of a table takes, and what stands between two columns of it."""

LETTERS = 20_000
"""How many letters of a table a page shows; its CSV holds all."""

LINE = 40
"""Letters after which a text in a cell may go on in a second line."""

_ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
_CELL = re.compile(r"<t[hd]\b([^>]*)>(.*?)</t[hd]>", re.DOTALL)
_MERGED = re.compile(r"\b(?:col|row)span\s*=\s*\"?(?!1\b)\d", re.IGNORECASE)
_PLAIN = re.compile(r"<table>(?=\s*<thead)")


@dataclass(frozen=True)
class TableFrame:
    """How a table stands: `wide` where it reaches into the margin, `folded` where rows wait for a press of a button, `sorts` where its columns do."""

    wide: bool
    folded: bool
    sorts: bool


def frame_of(columns: Sequence[Sequence[str]], rows: int) -> TableFrame:
    """The frame of a table with these columns of texts, each with its head, and so many rows of data."""
    width = sum(LETTER * max((min(len(text), LINE) for text in column), default=0) + GAP for column in columns)
    return TableFrame(width > COLUMN, rows > SHOWN_ROWS, rows >= SORTED_ROWS)


def fitting_rows(columns: Sequence[Sequence[str]]) -> int:
    """How many rows of these columns a page shows, at least one: as many as have no more than `LETTERS` letters."""
    sizes = accumulate(sum(map(len, row)) for row in zip(*columns, strict=True))
    return max(1, sum(size <= LETTERS for size in sizes))


def framed_table(made: str, words: str = "") -> Markup:
    """The HTML of an author's table in a frame, if it has a head and no class of its own; else as it is. `words` are attributes of what
    labnotes says in it, such as its language."""
    match = _PLAIN.match(made)
    if match is None or made.count("<table") > 1:
        return Markup(made)
    cells = [_CELL.findall(row) for row in _ROW.findall(made)]
    texts = [[plain_text(cell) for _, cell in row] for row in cells]
    merged = any(_MERGED.search(attributes) for row in cells for attributes, _ in row)
    body = len(_ROW.findall(made.partition("</thead>")[2]))
    frame = frame_of(list(zip_longest(*texts, fillvalue="")), body)
    table = made[match.end() :].rstrip()
    return Markup(
        f'<div class="ln-written{" ln-wide" if frame.wide else ""}">'
        f'<div class="ln-scroll{" ln-long ln-folded" if frame.folded else ""}" tabindex="0" role="region" aria-label="Table">'
        f'<table class="ln-grid"{" data-ln-sort" if frame.sorts and not merged else ""}>{table}</div>'
        f"{fold_button(body, words) if frame.folded else ''}</div>"
    )


def fold_button(rows: int, words: str = "") -> Markup:
    """The button that shows the rows of a folded table. Without script all are seen, and it is not."""
    return Markup(f'<p class="ln-rows"{words}><button class="ln-button" type="button" aria-expanded="false">All {rows} rows</button></p>')
