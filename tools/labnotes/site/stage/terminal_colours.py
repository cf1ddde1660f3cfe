"""Printed text as HTML: colours as the classes of nbconvert, for which the style sheets have a colour on light and on dark pages."""

from __future__ import annotations

import html
import re

from labnotes.execute.streams import final_text
from labnotes.execute.terminal_screen import open_colours
from labnotes.site.stage import output_styles

FOLDED_FROM = 30
"""Lines of printed text that are shown at once; what is longer opens at a click."""

_CODE = "\x1b["
_STYLE = re.compile(r' style="([^"]*)"')


def printed_html(text: str) -> str:
    """The HTML of what a cell printed; "" if it is white space only. Behind the first lines a long text is folded."""
    shown = final_text(text).rstrip("\n")
    if not shown.strip():
        return ""
    lines = shown.split("\n")
    if len(lines) <= FOLDED_FROM:
        return _lines_html(shown)
    head, rest = "\n".join(lines[:FOLDED_FROM]), "\n".join(lines[FOLDED_FROM:])
    left = len(lines) - FOLDED_FROM
    summary = f"{left:,} more line{'s' if left > 1 else ''} <span>of {len(lines):,}</span>"
    folded = f'<details class="ln-code ln-printed"><summary>{summary}</summary>{_lines_html(open_colours(head) + rest)}</details>'
    return _lines_html(head) + folded


def messages_html(text: str) -> str:
    """The HTML of what a cell printed that is no result (warnings, logs, progress bars): folded. "" if there is nothing."""
    shown = final_text(text).strip("\n")
    if not shown.strip():
        return ""
    lines = shown.count("\n") + 1
    summary = f"Warnings and messages <span>{lines:,} line{'' if lines == 1 else 's'}</span>"
    return f'<details class="ln-code ln-messages"><summary>{summary}</summary>{_lines_html(shown)}</details>'


def _lines_html(text: str) -> str:
    return f'<pre class="ln-output" tabindex="0"><code>{coloured_html(text)}</code></pre>'


def coloured_html(text: str) -> str:
    """Text with codes of colours as HTML."""
    if _CODE not in text:
        return html.escape(text, quote=False)
    from nbconvert.filters.ansi import ansi2html  # takes half a second, and most text has no colours

    # what has one of 256 or of all colours has it as a style
    return _STYLE.sub(lambda match: f' style="{output_styles.readable_style(match[1])}"', str(ansi2html(text)))
