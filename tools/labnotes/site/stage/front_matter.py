"""Front matter, which tells the site builder and the templates of the theme what a page is: its one form, for pages of every kind."""

from __future__ import annotations

import datetime
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from labnotes.site.stage.page_authors import PageAuthor
from labnotes.site.stage.tick_marks import TickMark


@dataclass(frozen=True)
class PageTag:
    """A tag of a note, with its anchor on the page of tags; "" where the site has no such page."""

    name: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class NoteFrontMatter:
    """What lists of notes and the head of a note's page say of it. Days are ISO 8601, `published_text` and `run_text` as readers see them.

    `references` are in the form of citation managers, `card` is the alternative text of the picture that other sites show, `picture` the path of
    its first figure, with its size in CSS pixels (0 if unknown), `claims` how many claims it has, `ticks` their marks,
    `widget` the digest of widget.js as browsers hold it against the file ("" if there is none), `linked` the note in the words of schema.org as JSON,
    `licences` the addresses of what it may be used under.
    """

    published: str
    published_text: str
    modified: str
    authors: tuple[PageAuthor, ...]
    references: tuple[str, ...]
    card: str
    picture: str
    picture_width: int
    picture_height: int
    widget: str
    linked: str
    doi: str
    licences: tuple[str, ...]
    tags: tuple[PageTag, ...]
    state: str
    tone: str
    word: str
    run: str
    run_text: str
    counts: tuple[str, ...]
    claims: int
    ticks: tuple[TickMark, ...]
    ticks_text: str


@dataclass(frozen=True, kw_only=True)
class PageFrontMatter:
    """What a page is. What is None is not written.

    `title` is HTML, because Material's page of tags and its search print it as it is; `headline` is the same as text. `template` is a file of the
    theme. `authors` are the names of their pages. `note` is what the page of a note says of it, `note_slug` and `note_title` name the note that
    another page belongs to. `language` is the tag of BCP 47 and `direction` "ltr" or "rtl", where a note states its language; `locale` is the same as
    Open Graph has it.
    """

    title: str
    headline: str | None = None
    slug: str | None = None
    template: str
    date: datetime.date | None = None
    draft: bool | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    authors: tuple[str, ...] | None = None
    readtime: int | None = None
    language: str | None = None
    direction: str | None = None
    locale: str | None = None
    note_slug: str | None = None
    note_title: str | None = None
    note: NoteFrontMatter | None = None


def front_matter_yaml(front: PageFrontMatter) -> str:
    """The YAML that stands between the two lines of dashes."""
    fields = {key: value for key, value in asdict(front).items() if value is not None}
    return str(yaml.dump(fields, Dumper=_FrontMatterDumper, sort_keys=False, allow_unicode=True, width=10_000))


class _FrontMatterDumper(yaml.SafeDumper):
    """The YAML writer of front matter. It writes no aliases from one value to another, which not every site builder reads."""

    def ignore_aliases(self, data: Any) -> bool:
        return True
