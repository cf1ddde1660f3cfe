"""Notebooks as authors' programs write them: how they are read, and what of them is run."""

import json
from pathlib import Path

import nbformat
import pytest

from labnotes.errors import InvalidNote
from labnotes.site.stage.note_page import join_record
from labnotes.site.stage.page import PageContext, render_note_page
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.source.notebooks import read_notebook, strip_outputs
from labnotes.store import check_log, records


def write_ipynb(folder, *cells, minor=5):
    """Write note.ipynb of cells given as (kind, source, metadata)."""
    made = [
        {
            "cell_type": kind,
            "id": f"c{i}",
            "metadata": metadata,
            "source": source,
            **({"outputs": [], "execution_count": None} if kind == "code" else {}),
        }
        for i, (kind, source, metadata) in enumerate(cells)
    ]
    path = folder / "note.ipynb"
    path.write_text(nbformat.writes(nbformat.from_dict({"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": made})))
    return path


TAGGED = {
    "ipynb": None,
    "py": '# %%\nx = 1\n\n# %% tags=["raises-exception"]\n1 / 0\n\n# %% tags=["skip-execution", "mine"]\nlong()\n',
    "md": '```python\nx = 1\n```\n\n```python tags=["raises-exception"]\n1 / 0\n```\n\n```python tags=["skip-execution", "mine"]\nlong()\n```\n',
}


def read_tagged(folder, suffix):
    path = folder / f"note.{suffix}"
    if suffix == "ipynb":
        tags = [[], ["raises-exception"], ["skip-execution", "mine"]]
        codes = ["x = 1", "1 / 0", "long()"]
        write_ipynb(folder, *(("code", code, {"tags": words} if words else {}) for code, words in zip(codes, tags, strict=True)))
    else:
        path.write_text(TAGGED[suffix])
    return read_notebook(path, path)


@pytest.mark.parametrize("suffix", list(TAGGED))
def test_tags_of_cells_are_read_in_every_format(tmp_path, suffix):
    source = read_tagged(tmp_path, suffix)
    assert [cell.tags for cell in source.code_cells] == [(), ("raises-exception",), ("skip-execution", "mine")]
    assert [cell.may_raise for cell in source.code_cells] == [False, True, False]
    assert [cell.source for cell in source.run_cells] == ["x = 1", "1 / 0"]


@pytest.mark.parametrize("tag", ["skip-execution", "raises-exception"])
def test_a_tag_that_a_run_obeys_is_part_of_the_code_and_another_is_not(tmp_path, tag):
    digests = []
    for tags in ([], [tag], ["mine"]):
        path = write_ipynb(tmp_path, ("code", "y = 0", {}), ("code", "x = 1", {"tags": tags}))
        digests.append(read_notebook(path, path).code_cells[1].cell_digest)
    plain, obeyed, other = digests
    assert plain == other != obeyed


def code_cell(**fields):
    return {"cell_type": "code", "metadata": {}, "source": ["x = 1\n", "y = 2"], "outputs": [], "execution_count": None, **fields}


OLD = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": ""},
    "worksheets": [
        {
            "cells": [
                {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["Title"]},
                {
                    **{"cell_type": "code", "collapsed": False, "language": "python", "metadata": {}, "prompt_number": 1},
                    **{"input": ["x = 1\n", "y = 2"], "outputs": [{"output_type": "pyout", "prompt_number": 1, "text": ["1"]}]},
                },
            ]
        }
    ],
}

IPYNB = {
    "4.4 with ids": {"nbformat_minor": 4, "cells": [code_cell(id="a1")]},
    "4.4 with ids in metadata": {"nbformat_minor": 4, "cells": [code_cell(metadata={"id": "Xy_1"})]},
    "4.0": {"nbformat_minor": 0, "cells": [code_cell()]},
    "4.5 without ids": {"cells": [code_cell()]},
    "an id that the schema does not know": {"cells": [code_cell(id="#VSC-1 ä")]},
    "Windows' ends of lines": {"cells": [code_cell(source="x = 1\r\ny = 2")]},
    "no outputs": {"cells": [{"cell_type": "code", "metadata": {}, "source": "x = 1\ny = 2"}]},
    "a kernel without a name for display": {"metadata": {"kernelspec": {"name": "python3"}}, "cells": [code_cell()]},
    "version 3": OLD,
}


@pytest.mark.parametrize("fields", IPYNB.values(), ids=IPYNB)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_an_ipynb_is_read_as_editors_write_it_and_nothing_is_said(tmp_path, capfd, fields, mark):
    path = tmp_path / "note.ipynb"
    path.write_bytes(mark + json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], **fields}).encode())
    assert [cell.source for cell in read_notebook(path, path).code_cells] == ["x = 1\ny = 2"]
    assert capfd.readouterr() == ("", "")


def test_two_cells_with_one_id_are_two_cells(tmp_path, capfd):
    path = tmp_path / "note.ipynb"
    cells = [code_cell(id="a", source="x = 1"), code_cell(id="a", source="x = 2")]
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    assert [cell.source for cell in read_notebook(path, path).code_cells] == ["x = 1", "x = 2"]
    assert capfd.readouterr() == ("", "")


def read_markdown(folder, text):
    path = folder / "note.md"
    path.write_text(text)
    return read_notebook(path, Path("note.md"))


SHOWN = {
    "bash": "```bash\ntouch EXECUTED\n\n\n# no heading\n```",
    "js": "```js\nx\n```",
    "sh": "```sh\nx\n```",
    "sql": "```sql\nx\n```",
    "R": "```R\nx\n```",
    "html": "```html\n<b>x</b>\n```",
    "python3": "```python3\nx\n```",
    "console": "```console\n$ x\n```",
    "no language": "```\nx\n```",
    "tildes": "~~~python\nx\n~~~",
    "in a longer fence": "````markdown\n```python\nx\n```\n````",
    "in a list": "- item\n\n  ```python\n  x\n  ```",
    "in a comment": "<!--\n```python\nx\n```\n-->",
    "in a quotation": "> ```python\n> x\n> ```",
}


@pytest.mark.parametrize("block", SHOWN.values(), ids=SHOWN)
def test_only_blocks_of_python_are_run(tmp_path, block):
    source = read_markdown(tmp_path, f"Before.\n\n{block}\n\nAfter.\n\n```python\ny = 1\n```\n")
    assert [cell.source for cell in source.code_cells] == ["y = 1"]
    assert [cell.source for cell in source.text_cells] == [f"Before.\n\n{block}\n\nAfter."]
    assert source.code_cells[0].line == block.count("\n") + 8


MYST = """---
kernelspec:
  name: python3
---
# Title

```{code-cell} ipython3
:tags: [raises-exception]

1 / 0
```

```python
shown = 1
```

```{code-cell}
y = 2
```
"""

QUARTO = """---
format: html
---
# Title

```{python}
#| tags: [mine]
#| error: true
1 / 0
```

```python
shown = 1
```

```{python, eval=FALSE}
long()
```

```{python}
#| label: second
y = 2
```

```{r}
x <- 1
```
"""


def test_code_cells_of_myst_are_run_and_its_shown_code_is_not(tmp_path):
    source = read_markdown(tmp_path, MYST)
    assert [cell.source.strip() for cell in source.run_cells] == ["1 / 0", "y = 2"]
    assert [cell.may_raise for cell in source.run_cells] == [True, False]
    assert "```python\nshown = 1\n```" in source.text_cells[1].source
    assert source.remarks == ("blocks of ```python are shown and not run, since this file writes its cells as ```{code-cell}: line 13",)


def test_code_cells_of_quarto_are_run_as_their_options_say(tmp_path):
    source = read_markdown(tmp_path, QUARTO)
    assert [(cell.source.splitlines()[-1], cell.may_raise) for cell in source.run_cells] == [("1 / 0", True), ("y = 2", False)]
    assert [cell.source for cell in source.code_cells if cell.is_skipped] == ["long()"]
    assert source.remarks == (
        "blocks of ```python are shown and not run, since this file writes its cells as ```{python}: line 12",
        "blocks of other languages than Python are shown and not run: {r} (line 25)",
        "cell 2 is tagged skip-execution: not run",
    )


def test_tags_that_a_run_does_not_obey_are_named(tmp_path):
    tags = [["parameters"], ["skip_execution", "mine"], ["hide-input"], ["parameters"]]
    path = write_ipynb(tmp_path, *(("code", "x = 1", {"tags": words}) for words in tags))
    assert read_notebook(path, path).remarks == (
        "tag 'parameters' (cell 1, 4) changes nothing: the cell is run as any other; a run obeys skip-execution and raises-exception",
        "tag 'skip_execution' (cell 2) changes nothing: the cell is run as any other; did you mean skip-execution?",
    )


REFUSED = {
    "UTF-16": ("note.py", "# %%\nx = 1\n".encode("utf-16"), "note.py: is written in UTF-16, not in UTF-8\n    save it as UTF-8"),
    "UTF-16 without its mark": ("note.py", "# %%\nx = 1\n".encode("utf-16-le"), "note.py: is written in UTF-16"),
    "UTF-16 in an .ipynb": ("note.ipynb", "{}".encode("utf-16-be"), "note.ipynb: is written in UTF-16"),
    "Latin-1": ("note.py", "# %%\nx = 'ä'\n".encode("latin-1"), "note.py:2: is not UTF-8: invalid continuation byte at byte 10 (0xe4)"),
    "a cell in R": ("note.md", b"```{code-cell} r\nx\n```\n", "note.md:1: a code cell is written in r"),
    "two ways at once": (
        "note.md",
        b"```{python}\nx\n```\n\n```{code-cell}\ny\n```\n",
        "mixes two ways to write code cells: ```{code-cell} (line 5) and ```{python} (line 1)",
    ),
    "shell alone": ("note.md", b"```bash\nls\n```\n", "in Markdown a code cell begins with ```python, ```{code-cell} or ```{python}"),
    "every cell skipped": ("note.py", b'# %% tags=["skip-execution"]\nx = 1\n', "runs no code: every code cell is tagged skip-execution"),
    "a list": ("note.ipynb", b"[]", "note.ipynb: is no valid notebook: it holds list"),
    "a cell of 1 MB": (
        "note.py",
        b"# %%\nx = 1\n\n# %%\ny = '" + b"a" * 1_000_000 + b"'\n",
        "note.py, code cell 2: holds 1,000,006 of 1,000,011 characters of code; 512,000 are read at most\n    put code into modules",
    ),
    "a cell of another form": (
        "note.ipynb",
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "x", '
        b'"outputs": [], "execution_count": null}, {"cell_type": "raw", "id": "b", "metadata": {"format": 7}, "source": "x"}]}',
        "note.ipynb, cell 2 of all kinds: is no valid cell in metadata.format: 7 is not of type 'string'\n    open it in Jupyter",
    ),
}


@pytest.mark.parametrize(("name", "content", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_with_the_remedy(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidNote) as error:
        read_notebook(path, Path(name))
    assert told in str(error.value)


def test_a_source_that_is_a_link_out_of_the_lab_is_refused(lab, tmp_path):
    folder = lab.write_note("a", "# %%\nx = 1\n")
    (tmp_path / "outside.py").write_text("# %%\nsecret = 1\n")
    (folder / "note.py").unlink()
    (folder / "note.py").symlink_to(tmp_path / "outside.py")
    done = lab("list")
    assert done.code == 2 and "error notes/a/note.py: is a link to what is no file of this lab\n" in done.text, done.text
    (folder / "note.py").unlink()
    (folder / "kept.txt").write_text("# %%\nx = 1\n")
    (folder / "note.py").symlink_to("kept.txt")
    assert "is a link" not in lab("list").text


def test_a_tag_that_a_cell_has_twice_is_one(tmp_path):
    cell = {"cell_type": "code", "metadata": {"tags": ["a", "hide-input", "a"]}, "source": "x = 1", "outputs": [], "execution_count": None}
    path = tmp_path / "note.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}))
    (read,) = read_notebook(path, path).code_cells
    assert read.tags == ("a", "hide-input")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["Unix", "Windows", "old Macs"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_every_file_of_a_note_is_read_with_any_mark_and_ends_of_lines(lab, ends, mark):
    folder = lab.write_note("a", "")
    files = {
        "note.py": "# %% [markdown]\n# See [@ada2025].\n\n# %%\nx = 1\n",
        "note.yml": "title: A note\ndate: 2026-11-21\nauthors: [Ada Example]\nsummary: What was found.\n",
        "references.bib": "@article{ada2025, title = {T}, author = {Ada, A.}, year = {2025}}\n",
    }
    for name, text in files.items():
        (folder / name).write_bytes((mark + text.replace("\n", ends)).encode())
    note = notes.read_note(Lab(lab.root), "a")
    assert (note.settings.title, note.references) == ("A note", {"ada2025"})
    assert [(cell.source, cell.line) for cell in note.source.cells] == [("See [@ada2025].", 2), ("x = 1", 5)]


@pytest.mark.parametrize("name", ["note.yml", "references.bib"])
def test_another_encoding_is_told_among_the_other_problems(lab, name):
    folder = lab.write_note("a", "# %%\nx = (\n")
    (folder / name).write_bytes("title: A note\n".encode("utf-16"))
    done = lab("list")
    assert f"notes/a/{name}: is written in UTF-16, not in UTF-8" in done.err
    assert "does not parse" in done.err


def test_a_pasted_picture_is_refused_with_the_remedy(lab):
    lab.write_note("a", "# %% [markdown]\n# ![a dot](attachment:dot%201.png)\n\n# %%\nx = 1\n")
    told = lab("list").err
    assert "notes/a/note.py:2: shows 'dot 1.png', a picture that was pasted into the cell" in told
    assert "save the picture beside the note as a file and write ![what it shows to someone who cannot see it](dot%201.png)" in told


def test_cleaning_strips_outputs_and_widgets_and_leaves_the_rest_as_it_is(tmp_path):
    path = tmp_path / "note.ipynb"
    output = {"output_type": "stream", "name": "stdout", "text": ["ä"]}
    fields = {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {"mine": 1, "widgets": {"state": {}}},
        "cells": [code_cell(id="a1", outputs=[output], execution_count=3)],
    }
    path.write_text(json.dumps(fields))
    made = strip_outputs(path, path)
    assert made.stripped == ("1 output", "the state of widgets")
    path.write_bytes(made.content)
    left = {**fields, "metadata": {"mine": 1}, "cells": [code_cell(id="a1")]}
    assert json.loads(path.read_text()) == left
    assert strip_outputs(path, path).stripped == ()


SKIPPING = """
# %% [markdown]
# The rate is {{ rate }}.

# %%
from labnotes import claim

# %% tags=["skip-execution"]
claim("never", 1)
raise SystemExit

# %% tags=["raises-exception"]
1 / 0

# %%
claim("rate", 0.5)
"""


def test_a_run_leaves_out_what_is_tagged_so_and_goes_on_after_an_error_that_is_meant(lab):
    folder = lab.record_note("a", SKIPPING)
    ran = lab("check", "--fresh")
    assert ran.code == 0, ran.text
    assert "1 of 1 claim" in ran.out
    assert "note: cell 2 is tagged skip-execution: not run" in ran.out
    assert "fresh" in lab("list").out
    written = SKIPPING.lstrip()
    for changed, told in {
        written.replace("raise SystemExit", "raise ValueError"): "a is stale: the code changed in a cell that is tagged not to be run",
        written.replace("1 / 0", "2 / 0"): "a is stale: the code changed in cell 3",
        written.replace(' tags=["skip-execution"]', ""): "a is stale: the code changed: 4 cells, recorded with 3",
    }.items():
        (folder / "note.py").write_text(changed)
        assert told in lab("list").out
    (folder / "note.py").write_text(written)
    page = render_note_page(join_recorded(lab, "a"), PageContext(SiteSettings(), {})).text
    assert "cell 2 · 2 lines · not run" in page
    assert "has no recorded output" not in page
    assert "ZeroDivisionError" in page


def join_recorded(lab, slug):
    """A note joined with its record."""
    opened = Lab(lab.root)
    note = notes.read_note(opened, slug)
    recorded = records.read_record(note.record_folder, note.record_folder)
    return join_record(note, recorded, (), check_log.read_log(opened, slug), opened)
