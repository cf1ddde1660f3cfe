"""The page of a note's checks: every line of its log that fits, the newest first. Each claim over the checks stands on the pages of its claims."""

from __future__ import annotations

import html

from markupsafe import Markup

from labnotes.site.stage.body import TEMPLATES
from labnotes.site.stage.csv_files import day_text
from labnotes.site.stage.front_matter import PageFrontMatter, front_matter_yaml
from labnotes.site.stage.note_page import NotePage
from labnotes.store import check_history

PAGE_BYTES = 42_000
"""Bytes of rows that the page holds, so that it stays below 60 KB; the log holds all checks."""

ROW_BYTES = 420
"""Bytes of the elements of a row, beside its texts."""


def history_page(joined: NotePage) -> str:
    """The Markdown of the page."""
    slug = joined.note.slug
    title = joined.note.settings.title
    rows = _newest_rows(joined)
    front = PageFrontMatter(
        title=html.escape(f"Checks of “{title}”"),
        description=f"Every check of “{title}”: when, where, with what outcome.",
        template="main.html",
    )
    return TEMPLATES.get_template("history.md.j2").render(
        front_matter=Markup(front_matter_yaml(front)),
        title=title,
        slug=slug,
        since=joined.since,
        recorded=day_text(joined.recorded.provenance.started),
        digest=joined.recorded.results_digest[:12],
        problems=[str(problem) for problem in joined.log.problems],
        rows=rows,
        more=len(joined.history) - len(rows),
        has_claims=bool(joined.recorded.claims),
    )


def _newest_rows(joined: NotePage) -> list[check_history.CheckRow]:
    """As many checks as fit, the newest first; one at least."""
    size = 0
    rows: list[check_history.CheckRow] = []
    for row in reversed(joined.history):
        texts = (row.when, row.how, row.seed, *row.counts, row.took, row.place, row.by, *row.details)
        size += sum(len(text.encode()) for text in texts) + ROW_BYTES
        if rows and size > PAGE_BYTES:
            break
        rows.append(row)
    return rows
