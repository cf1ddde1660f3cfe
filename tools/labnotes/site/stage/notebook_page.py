"""The notebook page of a note: every cell with its code and output, in order, as nbconvert renders them."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import Any

from labnotes.site.stage import sanitising
from labnotes.site.stage.front_matter import PageFrontMatter, front_matter_yaml
from labnotes.site.stage.note_page import NotePage
from labnotes.source import languages


def notebook_page(joined: NotePage, notebook: Any) -> str:
    """Markdown with one block of HTML; the search leaves it out, since the note's own page has the same words."""
    title = f"{joined.note.settings.title}: notebook"
    language = joined.note.settings.language
    front = PageFrontMatter(
        title=html.escape(title),
        headline=title,
        description=f"Every cell of “{joined.note.settings.title}” with its code and output.",
        template="notebook.html",
        language=language or None,
        direction=languages.text_direction(language) if language else None,
        note_slug=joined.note.slug,
        note_title=joined.note.settings.title,
    )
    body, _ = _html_exporter().from_notebook_node(notebook)
    body = re.sub(r"<(/?)h1\b", r"<\1h2", body)  # the page has its own title
    body = body.replace("<pre>", '<pre tabindex="0">')  # whoever has no pointer scrolls them too
    body = body.replace('<div class="output_html ', '<div tabindex="0" role="region" aria-label="Output" class="ln-scroll output_html ')
    return f'---\n{front_matter_yaml(front)}---\n\n<h1>{html.escape(title)}</h1>\n\n<div class="ln-notebook">\n{body.strip()}\n</div>\n'


@cache
def _html_exporter() -> Any:
    """nbconvert's HTML without a page around it: the stylesheet is the site's, once for all notebook pages."""
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="basic",
        exclude_anchor_links=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_raw=True,
        filters={"clean_html": _sanitise_html, "markdown2html": _html_of_cell},
    )


def _html_of_cell(source: str) -> str:
    """The HTML of a text cell, which it is when it comes here: the note's own page and this one show the same."""
    return source


def _sanitise_html(made: str | bytes) -> str:
    """In place of nbconvert's own cleaning, which takes most of its time and is blind to math.

    Pictures and outputs were sanitised in `join_record`, and pygments wrote the HTML of code.
    """
    text = made.decode() if isinstance(made, bytes) else made
    return (
        text if text.lstrip().startswith(("<svg", '<div class=" highlight', '<div class="highlight')) else sanitising.sanitised_prose(text)
    )
