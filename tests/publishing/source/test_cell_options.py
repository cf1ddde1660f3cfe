"""What authors of other programs say of a cell: tags, options and metadata, as one page and one run understand them."""

import nbformat
import pytest

from labnotes.source import cell_options
from labnotes.source.cell_options import CellView, Showing, all_tags, cell_view
from labnotes.source.notebooks import read_notebook

USUAL = CellView()
NO_CODE, NO_OUTPUT = CellView(code=Showing.REMOVED), CellView(outputs=Showing.REMOVED)
NOTHING = CellView(code=Showing.REMOVED, outputs=Showing.REMOVED)
FOLDED, OPEN = CellView(outputs=Showing.FOLDED), CellView(code=Showing.OPEN)
SCROLLS = CellView(scrolls=True)


@pytest.mark.parametrize(
    ("tags", "metadata", "code", "view"),
    [
        ([], {}, "x", USUAL),
        (["remove-cell"], {}, "x", NOTHING),
        (["remove_cell"], {}, "x", NOTHING),
        (["Remove-Input"], {}, "x", NO_CODE),
        (["remove_output"], {}, "x", NO_OUTPUT),
        (["hide-input"], {}, "x", USUAL),
        (["hide_output"], {}, "x", FOLDED),
        (["hide-cell"], {}, "x", FOLDED),
        (["hide-output", "remove-output"], {}, "x", NO_OUTPUT),
        (["scroll-output"], {}, "x", SCROLLS),
        (["output_scroll"], {}, "x", SCROLLS),
        (["remove-stderr", "remove_stdout"], {}, "x", CellView(without_streams=frozenset({"stdout", "stderr"}))),
        ([], {"jupyter": {"source_hidden": True}}, "x", USUAL),
        ([], {"jupyter": {"outputs_hidden": True}}, "x", FOLDED),
        ([], {"jupyter": "x", "collapsed": False, "scrolled": "auto"}, "x", USUAL),
        ([], {"collapsed": True}, "x", FOLDED),
        ([], {"scrolled": True}, "x", SCROLLS),
        ([], {"hide_input": True}, "x", NO_CODE),
        ([], {}, "#| echo: false\nx", NO_CODE),
        ([], {}, "# | echo: False  # not needed\nx", NO_CODE),
        ([], {}, '#| echo: "false"\nx', NO_CODE),
        ([], {}, "#|echo: true\nx", USUAL),
        ([], {}, "#| output: false\nx", NO_OUTPUT),
        ([], {}, "#| results: hide\nx", NO_OUTPUT),
        ([], {}, "#| include: false\nx", NOTHING),
        ([], {}, "#| echo: false\n#| output: false\nx", NOTHING),
        ([], {}, "#| code-fold: false\nx", OPEN),
        ([], {}, "#| code-fold: show\nx", OPEN),
        ([], {}, "#| code-fold: true\nx", USUAL),
        ([], {}, "#| warning: false\nx", CellView(without_streams=frozenset({"stderr"}))),
        ([], {}, "#| tags: [remove-input, mine]\nx", NO_CODE),
        ([], {}, "#| tags:\n#|   - mine\n#|   - remove_input\nx", NO_CODE),
        ([], {}, "#|hide\nx", NOTHING),
        ([], {}, "#| hide_input\nx", USUAL),
        ([], {}, "#| hide_output\nx", FOLDED),
        ([], {}, "x\n#| echo: false", USUAL),
        ([], {}, "# a remark\n#| echo: false", USUAL),
    ],
)
def test_a_cell_is_shown_as_its_author_says(tags, metadata, code, view):
    assert cell_view(all_tags(tags, metadata, code)) == view


@pytest.mark.parametrize(
    ("code", "tags"),
    [
        ("#| eval: false", ["skip-execution"]),
        ("#| error: true", ["raises-exception"]),
        ("#| error: false", []),
        ("#| eval: true", []),
        ("#| tags: [skip-execution]", ["skip-execution"]),
        ("#| echo: false", ["remove-input"]),
    ],
)
def test_options_that_a_run_obeys_are_tags(code, tags):
    assert all_tags([], {}, f"{code}\nx = 1") == tags


@pytest.mark.parametrize(
    ("code", "unknown"),
    [
        ("#| fig-cap: A line\n#| echo: fenced\n#| label: fig-a", ["fig-cap: A line", "echo: fenced"]),
        ("#| export", ["export"]),
        ("#| default_exp core", ["default_exp core"]),
        ("#| echo: false\n#| eval: true\n#| tags: [a]\n#| hide", []),
        ("#| output: asis", ["output: asis"]),
        ("#| eval: [2, 3]", ["eval: [2, 3]"]),
        ("x = 1  #| echo: x", []),
    ],
)
def test_options_that_change_nothing_are_named(code, unknown):
    assert cell_options.unknown_options(cell_options.read_options(code)) == unknown


def write_ipynb(folder, *cells):
    made = [
        {"cell_type": kind, "metadata": metadata, "source": source, **({"outputs": [], "execution_count": None} if kind == "code" else {})}
        for kind, source, metadata in cells
    ]
    path = folder / "note.ipynb"
    path.write_text(nbformat.writes(nbformat.from_dict({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": made})))
    return path


SOURCES = {
    "ipynb": None,
    "py": "# %%\nx = 1\n\n# %%\n#| eval: false\nlong()\n\n# %%\n#| echo: false\nx\n",
    "md": "```{python}\nx = 1\n```\n\n```{python, eval=FALSE}\nlong()\n```\n\n```{python, echo=FALSE}\nx\n```\n",
    "myst": "```{code-cell}\nx = 1\n```\n\n```{code-cell}\n:tags: [skip-execution]\nlong()\n```\n\n```{code-cell}\n:tags: [remove-input]\nx\n```\n",
}


@pytest.mark.parametrize("kind", list(SOURCES))
def test_options_are_read_in_every_format(tmp_path, kind):
    path = tmp_path / f"note.{'md' if kind == 'myst' else kind}"
    if SOURCES[kind] is None:
        write_ipynb(
            tmp_path,
            ("code", "x = 1", {}),
            ("code", "#| eval: false\nlong()", {}),
            ("code", "x", {"tags": ["remove_input"]}),
        )
    else:
        path.write_text(SOURCES[kind])
    source = read_notebook(path, path)
    assert [cell.is_skipped for cell in source.code_cells] == [False, True, False]
    assert [cell.view for cell in source.code_cells] == [USUAL, USUAL, NO_CODE]


def test_how_a_cell_is_shown_is_no_part_of_its_code(tmp_path):
    digests = {}
    for name, code, tags in (
        ("plain", "x = 1", []),
        ("hidden", "x = 1", ["remove-cell", "scroll-output"]),
        ("option", "#| echo: false\nx = 1", []),
        ("skipped", "#| eval: false\nx = 1", []),
        ("tagged", "x = 1", ["skip-execution"]),
    ):
        path = write_ipynb(tmp_path, ("code", "y = 0", {}), ("code", code, {"tags": tags}))
        digests[name] = read_notebook(path, path).code_cells[1].cell_digest
    assert digests["plain"] == digests["hidden"] == digests["option"] != digests["skipped"] == digests["tagged"]


def test_what_no_page_obeys_is_named_with_its_cells(tmp_path):
    path = write_ipynb(
        tmp_path,
        ("code", "x = 1", {"tags": ["hide-inputs", "mine", "full-width"]}),
        ("code", "#| fig-cap: A\nx = 1", {"tags": ["remove-cell", "full-width"]}),
        ("markdown", "a", {"tags": ["hide-cell"]}),
        ("markdown", "b", {"tags": ["remove_cell"]}),
    )
    source = read_notebook(path, path)
    assert source.remarks == (
        "tag 'hide-inputs' (cell 1) changes nothing: the cell is shown as any other; did you mean hide-input?",
        "tag 'full-width' (cell 1, 2) changes nothing: the cell is shown as any other",
        "option '#| fig-cap: A' (cell 2) changes nothing",
        "tags of text cell 1 change nothing: of text only remove-cell is obeyed",
    )
    assert [cell.is_left_out for cell in source.text_cells] == [False, True]
