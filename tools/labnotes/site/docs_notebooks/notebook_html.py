"""The HTML that mkdocs-jupyter makes of a notebook, without what it puts into each page around it: 575 KB of style sheets, scripts, and the address
of a script of another site. The only module that knows mkdocs-jupyter.
"""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labnotes.site.docs_notebooks.docs_page import CodePart, HtmlPart, ShownOutput

WITHOUT_INPUT = "labnotes-without-input"
"""The tag by which mkdocs-jupyter is told to show the outputs of a cell alone."""


@dataclass(frozen=True, kw_only=True)
class LayoutOptions:
    """The settings of mkdocs-jupyter that say how cells are shown, by their names there."""

    show_input: bool = True
    no_input: bool = False
    no_prompt: bool = False
    highlight_extra_classes: str = ""


_START, _END = '<div class="jupyter-wrapper">', "<!-- jupyter-wrapper -->"
"""What stands around the cells in its HTML."""

_COPY_BUTTON = re.compile(r'<div class="zeroclipboard-container">.*?</clipboard-copy>\s*</div>', re.DOTALL)
"""Its button needs a script in the page; the theme has one of its own."""

_COPIED_TEXT = re.compile(r'<div(?: id="cell-\d+"| class="clipboard-copy-txt"){2}>[^<]*</div>')
"""The code of a cell again, for that button."""

_CODE = re.compile(r'<div class="(highlight-ipynb [^"]*?) *"><pre>(?:<span></span>)?(.*?)\n?</pre></div>', re.DOTALL)
"""The code of a cell, which has the same look as code on all other pages."""

_FOCUSED_BOX = re.compile(r'(<div class="jp-(?:Cell-inputWrapper|[^"]*jp-OutputArea-output[^"]*)"[^>]*?) tabindex="0">')
"""A part of a cell that can be reached by keys for no use: what scrolls in it is reached by itself."""

_EMPTY_LINES = re.compile(r"(<pre\b.*?</pre>)|\n\s*\n", re.DOTALL)
"""Lines that its template leaves empty; those of code and of what it printed mean something."""

_COLLAPSER = re.compile(r'<div class="jp-Collapser[^"]*">\s*</div>')


def notebook_html(parts: Sequence[HtmlPart | CodePart], language: str, options: LayoutOptions) -> str:
    """The HTML of a notebook whose text and outputs are finished HTML, and whose code is in this language ("" for Python)."""
    from mkdocs_jupyter.convert import nb2html  # loads nbconvert

    with tempfile.TemporaryDirectory() as folder, _without_configuration(folder):
        path = Path(folder) / "page.ipynb"
        path.write_text(json.dumps(_notebook_fields(parts, language)), encoding="utf-8")
        made = nb2html(
            path.name,
            remove_tag_config={"remove_input_tags": [WITHOUT_INPUT]},
            custom_mathjax_url="",
            **asdict(options),
        )
    start = made.index(_START)
    content = made[start : made.index(_END, start)]
    for pattern in (_COPY_BUTTON, _COPIED_TEXT, _COLLAPSER):
        content = pattern.sub("", content)
    content = _FOCUSED_BOX.sub(r"\1>", content)
    content = _CODE.sub(r'<div class="highlight \1" tabindex="0"><pre><code>\2</code></pre></div>', content)
    content = content.replace(f" celltag_{WITHOUT_INPUT}", "")
    return _EMPTY_LINES.sub(lambda match: match[1] or "\n", content)


def _notebook_fields(parts: Sequence[HtmlPart | CodePart], language: str) -> dict[str, Any]:
    """The fields of an .ipynb. Its version is one whose cells have no ids."""
    name = language or "python"
    metadata = {"kernelspec": {"name": name, "display_name": name, "language": name}, "language_info": {"name": name}}
    cells = [_html_cell(part) if isinstance(part, HtmlPart) else _code_cell(part) for part in parts]
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": cells}


def _html_cell(part: HtmlPart) -> dict[str, Any]:
    return {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": part.html}


def _code_cell(part: CodePart) -> dict[str, Any]:
    tags = [*map(html.escape, part.tags), *([] if part.shows_code else [WITHOUT_INPUT])]  # its template prints them as they are
    outputs = [_output_fields(output, part.count) for output in part.outputs]
    return {"cell_type": "code", "metadata": {"tags": tags}, "source": part.code, "outputs": outputs, "execution_count": part.count}


def _output_fields(output: ShownOutput, count: int | None) -> dict[str, Any]:
    shown = {"data": {"text/html": output.html}, "metadata": {}}
    return (
        {"output_type": "execute_result", "execution_count": count, **shown}
        if output.is_result
        else {"output_type": "display_data", **shown}
    )


@contextlib.contextmanager
def _without_configuration(folder: str) -> Iterator[None]:
    """Work in an empty folder, and let nbconvert read no settings, which may be code: neither the user's nor any that lie in the lab."""
    known = os.environ.get("JUPYTER_NO_CONFIG")
    os.environ["JUPYTER_NO_CONFIG"] = "1"
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        if known is None:
            del os.environ["JUPYTER_NO_CONFIG"]
        else:
            os.environ["JUPYTER_NO_CONFIG"] = known
