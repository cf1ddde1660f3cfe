"""The files of one staged note, by their path in docs/notes/."""

from __future__ import annotations

from labnotes.site.stage import quantity_rows, readouts
from labnotes.site.stage.claim_badges import badge_svg
from labnotes.site.stage.csv_files import day_text, table_csv
from labnotes.site.stage.figure_csv import figure_csv
from labnotes.site.stage.history_page import history_page
from labnotes.site.stage.note_page import NotePage, executed_notebook
from labnotes.site.stage.notebook_page import notebook_page
from labnotes.site.stage.page import RenderedPage
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source import notebooks
from labnotes.store import check_log, records


def page_files(joined: NotePage, page: RenderedPage) -> dict[str, bytes]:
    """The page and what it shows: pictures, their values, the data behind figures and tables, linked files."""
    slug, recorded = joined.note.slug, joined.recorded
    files = {f"posts/{slug}.md": page.text.encode()}
    if recorded.card:
        files[f"{slug}/card.png"] = recorded.card
    for label, made in recorded.figures.items():
        shown = page.shown.get(label)
        plotted = figure_csv(made.data, shown.views if shown else ()) if made.data.picture is None else ""
        if plotted:
            files[f"{slug}/figures/{label}.csv"] = plotted.encode()
        if shown:
            files[f"{slug}/figures/{label}.{recorded.pictures[label].suffix}"] = shown.content
            if label in page.interactive:
                files[f"{slug}/figures/{label}.interactive.html"] = page.interactive[label].encode()
            if label in page.embeds:
                files[f"{slug}/figures/{label}.embed.html"] = page.embeds[label].encode()
            readout = readouts.figure_readout(made.data, shown.views)
            if readout:
                files[f"{slug}/figures/{label}.json"] = readouts.readout_json(readout).encode()
    files |= {f"{slug}/{path}": text.encode() for path, text in page.parts.items()}
    day = day_text(joined.last_execution_day)
    for row in quantity_rows.claim_rows(joined):
        files[f"{slug}/badges/{row.name}.svg"] = badge_svg(row, day).encode()
    for label, table in recorded.tables.items():
        files[f"{slug}/figures/{label}.csv"] = table_csv(table.data).encode()
    widget = joined.note.folder / "widget.js"
    if widget.is_file():
        files[f"{slug}/widget.js"] = widget.read_bytes()
    for name, path in page.files.items():
        files[f"{slug}/{name}"] = path.read_bytes()
    files |= {f"{slug}/{name}": content for name, content in page.attached.items()}
    return files


def history_files(joined: NotePage) -> dict[str, bytes]:
    """The page of the note's checks, and its log; nothing where it was never checked."""
    if not joined.log.checks and not joined.log.problems:
        return {}
    slug = joined.note.slug
    lines = "".join(f"{check_log.log_line(check)}\n" for check in joined.log.checks)
    return {f"{slug}/checks/index.md": history_page(joined).encode(), f"{slug}/checks.jsonl": lines.encode()}


def notebook_files(joined: NotePage, page: RenderedPage, site: SiteSettings) -> dict[str, bytes]:
    """The executed notebook, as a file and as a page, and the record."""
    slug = joined.note.slug
    notebook = executed_notebook(joined)
    shown = executed_notebook(joined, page.prose_of, page.output_of)
    files = {
        f"{slug}/{slug}.ipynb": notebooks.ipynb_text(notebook).encode(),
        f"{slug}/notebook/index.md": notebook_page(joined, shown).encode(),
        f"{slug}/record.json": records.record_files(joined.recorded)[0]["record.json"],
    }
    if site.colab:
        files[f"{slug}/colab.ipynb"] = notebooks.ipynb_text(notebooks.with_install(notebook, site.install)).encode()
    return files
