"""What lies beside a note's page until somebody opens it: data of figures, code. Each part is a page of its own, to which a link leads; with script the
note's page takes it from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import jinja2
from markupsafe import Markup

from labnotes.site.stage.page_words import PageWords
from labnotes.source import languages

CODE = "parts/code.html"
"""Where the code of a note lies, seen from its folder."""

CODE_IN_PAGE = 8_000
"""How many bytes of folded code, as HTML, a note's page holds itself: code of a screen or two costs less than another request."""


@dataclass(frozen=True)
class PartSection:
    """A piece of a part that is opened for itself: its id, its heading ("" if it is the only one), and its HTML."""

    anchor: str
    heading: str
    html: Markup


@dataclass(frozen=True, kw_only=True)
class NotePart:
    """A part of a note. `title` says what it is, `origin` is the anchor in the note that it belongs to, "" for the whole note."""

    title: str
    origin: str = ""
    sections: Sequence[PartSection]


@dataclass
class NoteParts:
    """The parts of one note, by their path in its folder, as its page is made."""

    base: str
    words: PageWords
    by_path: dict[str, NotePart] = field(default_factory=dict)

    def add_part(self, path: str, part: NotePart) -> None:
        self.by_path[path] = part

    def link_html(self, path: str, anchor: str, name: str) -> Markup:
        """The link that stands for a section of a part, until a script puts the section in its place."""
        return Markup('<p class="ln-part"{}><a href="{}{}#{}">{}</a></p>').format(self.words.english, self.base, path, anchor, name)

    def pages(self, templates: jinja2.Environment, note_title: str, language: str) -> dict[str, str]:
        """The page of each part, by its path."""
        template = templates.get_template("part.html.j2")
        return {
            path: template.render(
                part=part,
                note_title=note_title,
                words=self.words,
                language=language,
                direction=languages.text_direction(language) if language else "",
                root="../" * (path.count("/") + 2),
                note="../" * path.count("/"),
            )
            for path, part in self.by_path.items()
        }
