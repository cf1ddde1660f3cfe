"""Notebooks as authors' programs write them: how they are read, and what of them is run."""

import nbformat
import pytest

from labnotes.source.notebooks import read_notebook


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
