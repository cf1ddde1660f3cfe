"""Notebooks as people have them, written to files."""

from __future__ import annotations

import json
from pathlib import Path

from labnotes.adoption.drafts import Draft
from labnotes.source.notebooks import WholeCell

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def text_cell(source, **more):
    return {"cell_type": "markdown", "metadata": {}, "source": source, **more}


def code_cell(source, *printed, **metadata):
    outputs = [{"output_type": "stream", "name": "stdout", "text": text} for text in printed]
    return {"cell_type": "code", "metadata": metadata, "execution_count": None, "outputs": outputs, "source": source}


def write_notebook(path, *cells, metadata=None, **fields):
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"nbformat": 4, "nbformat_minor": 4, "metadata": PYTHON if metadata is None else metadata, "cells": list(cells), **fields}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def draft_with(*cells, folder=Path("/nowhere"), name="analysis.ipynb"):
    """A draft of cells, each a pair of kind and text."""
    origin = folder / name
    return Draft(origin, Path(name), ".ipynb", [WholeCell(kind, source) for kind, source in cells])


def sources(draft):
    return [cell.source for cell in draft.cells]
