"""Raw cells: HTML and Markdown are shown, other formats named, front matter held against note.yml."""

import nbformat
import pytest

from labnotes.source import notes, raw_cells
from labnotes.source.labs import Lab
from labnotes.source.notebooks import read_notebook


def write_ipynb(folder, *cells):
    made = [
        {"cell_type": kind, "metadata": metadata, "source": source, **({"outputs": [], "execution_count": None} if kind == "code" else {})}
        for kind, source, metadata in (*cells, ("code", "x = 1", {}))
    ]
    path = folder / "note.ipynb"
    path.write_text(nbformat.writes(nbformat.from_dict({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})))
    return path


@pytest.mark.parametrize(
    ("source", "metadata", "shown"),
    [
        ("A sentence.", {}, "<div>A sentence.</div>"),
        ("<b>x</b>\n\n    y\n", {"raw_mimetype": "text/html"}, "<div><b>x</b>\n&#32;\n    y</div>"),
        ("<b>x</b>", {"format": "text/HTML"}, "<div><b>x</b></div>"),
        ("**x**", {"raw_mimetype": "text/markdown"}, "**x**"),
        (r"\alpha", {"raw_mimetype": "text/latex"}, None),
        (".. toctree::", {"format": "text/restructuredtext"}, None),
        ("---\ntitle: A\n---\n", {}, None),
        ("---\ntitle: A\n---", {"raw_mimetype": "text/markdown"}, None),
        ("  \n", {}, None),
        ("x", {"format": ["a"]}, "<div>x</div>"),
    ],
)
def test_raw_html_and_markdown_are_text(source, metadata, shown):
    assert raw_cells.text_of_raw_cell(source, raw_cells.raw_format(metadata)) == shown


def test_raw_cells_that_no_page_shows_are_named(tmp_path):
    path = write_ipynb(
        tmp_path,
        ("raw", "---\ntitle: A\n---", {}),
        ("raw", r"\alpha", {"raw_mimetype": "text/latex"}),
        ("raw", "<i>x</i>", {}),
        ("markdown", "y", {}),
    )
    source = read_notebook(path, path)
    assert [(cell.kind, cell.source) for cell in source.cells[:-1]] == [
        ("raw", "---\ntitle: A\n---"),
        ("raw", r"\alpha"),
        ("text", "<div><i>x</i></div>"),
        ("text", "y"),
    ]
    assert [cell.line_place(1).partition(", ")[2] for cell in source.cells[:-1]] == [
        "raw cell 1, line 1",
        "raw cell 2, line 1",
        "raw cell 3, line 1",
        "text cell 2, line 1",
    ]
    assert source.remarks == ("raw cell 2 of 3 is not shown: a page shows raw HTML and Markdown, and this one is text/latex",)


@pytest.mark.parametrize("suffix", ["py", "md"])
def test_lines_of_raw_cells_in_text_files_are_known(tmp_path, suffix):
    written = {
        "py": '# %% [raw] raw_mimetype="text/html"\n# <b>x</b>\n#\n# <i>y</i>\n\n# %%\nx = 1\n',
        "md": '<!-- #raw raw_mimetype="text/html" -->\n<b>x</b>\n\n<i>y</i>\n<!-- #endraw -->\n\n```python\nx = 1\n```\n',
    }
    path = tmp_path / f"note.{suffix}"
    path.write_text(written[suffix])
    (cell,) = read_notebook(path, path).text_cells
    assert cell.source == "<div><b>x</b>\n&#32;\n<i>y</i></div>"
    assert cell.line == 2


FRONT = "---\ntitle: Another\nauthor:\n  - name: B\n  - A\ndate: 2026-01-02T10:00\n---\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: T\nauthors: [A, B]\ndate: 2026-01-01", []),
        (
            "title: Another\nauthor: A\ndate: 2026-01-02",
            ["title 'Another', note.yml 'T'", "authors A, note.yml A, B", "date 2026-01-02, note.yml 2026-01-01"],
        ),
        ("author: [{name: B, orcid: 1}, A]", []),
        ("- a list", []),
        ("a: [", []),
        ("title: [1]\ndate: soon", []),
    ],
)
def test_front_matter_is_told_where_it_says_something_else(text, told):
    assert list(raw_cells.told_differences(text, title="T", authors=["A", "B"], date="2026-01-01")) == told


@pytest.mark.parametrize("kind", ["raw", "markdown", "md"])
def test_front_matter_is_read_in_the_first_cell_of_any_kind(lab, kind):
    settings = {"title": "T", "summary": "S."}
    if kind == "md":
        lab.write_note("a", f"{FRONT}\n# T\n\n```python\nx = 1\n```\n", suffix="md", settings=settings)
    else:
        folder = lab.write_note("a", "{}", suffix="ipynb", settings=settings)
        write_ipynb(folder, (kind, FRONT, {}))
    note = notes.read_note(Lab(lab.root), "a")
    assert "its front matter says title 'Another', note.yml 'T': a page says what note.yml does" in " ".join(
        notes.front_matter_remarks(note)
    )
