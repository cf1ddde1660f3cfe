"""The files of one staged note."""

from __future__ import annotations

import json
from dataclasses import dataclass

from labnotes import notebooks, records
from labnotes.errors import Problem
from labnotes.staging import points
from labnotes.staging.companion import notebook_page
from labnotes.staging.data import figure_csv, table_csv
from labnotes.staging.join import Joined, executed_notebook
from labnotes.staging.page import Context, note_page


@dataclass(frozen=True)
class Made:
    """Files by their path in docs/notes/, and what is wrong with the note."""

    files: dict[str, bytes]
    problems: list[Problem]


def note_files(joined: Joined, context: Context) -> Made:
    """The page, the executed notebook in its three forms, and for every figure and table picture and data."""
    slug, recorded = joined.note.slug, joined.recorded
    page = note_page(joined, context)
    notebook = executed_notebook(joined)
    files = {
        f"posts/{slug}.md": page.text.encode(),
        f"{slug}/{slug}.ipynb": notebooks.writes(notebook).encode(),
        f"{slug}/notebook.md": notebook_page(joined, notebook).encode(),
        f"{slug}/record.json": records.to_files(recorded)[0]["record.json"],
    }
    if context.site.colab:
        files[f"{slug}/colab.ipynb"] = notebooks.writes(notebooks.with_install(notebook, context.site.install)).encode()
    if recorded.card:
        files[f"{slug}/card.png"] = recorded.card
    for label, made in recorded.figures.items():
        files[f"{slug}/figures/{label}.csv"] = figure_csv(made.data).encode()
        shown = page.shown.get(label)
        if shown:
            files[f"{slug}/figures/{label}.{recorded.pictures[label].suffix}"] = shown.content
            readout = points.readout(made.data, shown.views)
            if readout:
                files[f"{slug}/figures/{label}.json"] = json.dumps(readout, separators=(",", ":"), ensure_ascii=False).encode()
    for label, table in recorded.tables.items():
        files[f"{slug}/figures/{label}.csv"] = table_csv(table.data).encode()
    widget = joined.note.folder / "widget.js"
    if widget.is_file():
        files[f"{slug}/widget.js"] = widget.read_bytes()
    for name, path in page.files.items():
        files[f"{slug}/{name}"] = path.read_bytes()
    return Made(files, page.problems)
