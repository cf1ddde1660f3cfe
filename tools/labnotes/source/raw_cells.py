"""Raw cells: which of them a page shows, as text cells in HTML or Markdown, and the front matter that some programs keep in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

HTML_START, HTML_END = "<div>", "</div>"
"""What stands around a raw cell in HTML, so that it is one block of HTML of a text cell."""

_HTML_TYPES = ("", "text/html", "html")
"""Formats that nbconvert writes into HTML as they are: one without a format, too."""

_MARKDOWN_TYPES = ("text/markdown", "text/x-markdown", "markdown")

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)(?:\n|\A)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_BLANK_LINE = re.compile(r"(?<=\n)[ \t]*(?=\n)")


def raw_format(metadata: Mapping[str, object]) -> str:
    """The format of a raw cell by its metadata, in lower case; "" if none is named."""
    given = metadata.get("raw_mimetype", metadata.get("format", ""))
    return given.strip().lower() if isinstance(given, str) else ""


def text_of_raw_cell(source: str, form: str) -> str | None:
    """The text cell that shows a raw cell of this format; None for one that a page does not show.

    Markdown is one as it is. HTML becomes one block, in which an empty line means nothing else than in HTML.
    """
    if not source.strip() or front_matter(source):
        return None
    if form in _MARKDOWN_TYPES:
        return source
    if form in _HTML_TYPES:
        return f"{HTML_START}{_BLANK_LINE.sub('&#32;', source.strip(chr(10)))}{HTML_END}"
    return None


def front_matter(text: str) -> str:
    """The YAML that stands between lines of dashes at the beginning of a cell; "" for none."""
    match = _FRONT_MATTER.match(text.lstrip())
    return match[1] if match else ""


def told_differences(text: str, *, title: str, authors: list[str], date: str) -> Iterator[str]:
    """What front matter says otherwise than note.yml, whose words are given; nothing of what is no YAML."""
    from labnotes.source import plain_yaml  # most notes have none

    try:
        _, said = plain_yaml.read_yaml(text)
    except plain_yaml.UnreadableYaml:
        return
    if not isinstance(said, dict):
        return
    given = said.get("title")
    if isinstance(given, str) and given.strip() != title:
        yield f"title {given.strip()!r:.100}, note.yml {title!r:.100}"
    names = sorted(_author_names(said.get("authors", said.get("author"))))
    if names and names != sorted(authors):
        yield f"authors {', '.join(names):.200}, note.yml {', '.join(sorted(authors)):.200}"
    day = re.match(r"\d{4}-\d\d-\d\d", str(said.get("date", "")))
    if day and day[0] != date:
        yield f"date {day[0]}, note.yml {date}"


def _author_names(given: Any) -> set[str]:
    """The names in what front matter calls its authors: a text, a list of texts, or of entries with a name."""
    entries = given if isinstance(given, list) else [given]
    names = (entry.get("name") if isinstance(entry, dict) else entry for entry in entries)
    return {name.strip() for name in names if isinstance(name, str) and name.strip()}
