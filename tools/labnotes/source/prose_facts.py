"""What a text cell says, beside its words: what it binds and cites, its links, headings, footnotes, HTML and loose numbers, each with its line.

Commands that show no prose need nothing else of it, so a cell is read once and what it says is kept in the cache of contents.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from labnotes.source import content_cache, html_checks, loose_numbers, markdown_pieces, markdown_reader
from labnotes.source.markdown_pieces import MarkdownPiece
from labnotes.source.notebooks import Cell

if TYPE_CHECKING:
    from labnotes.source.markdown_reader import Token

_MADE = re.compile(r"\s*(?:const|cited)\(\s*(?:\"([^\"]*)\"|'([^']*)')")
_BOUND_NAME = re.compile(r"[\w.]+")

SHOWN = 120
"""Characters that a message shows of a text."""

_NO_MERMAID = (
    "a diagram of mermaid, which a page without script cannot draw",
    "save the drawing as a picture beside the note, and show that",
)
_DIRECTIVES = ("figure", "image", "math", "table", "list-table", "csv-table", "dropdown", "margin", "sidebar", "card", "grid", "tab-set")
"""Blocks of MyST beside its boxes, which Jupyter shows as code."""

_FLATTENED = {
    **{"bullet_list_open": "a list", "ordered_list_open": "a list", "table_open": "a table", "fence": "code", "code_block": "code"},
    "heading_open": "a heading",
}
_TABLE_LINE = re.compile(r"[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*")
_OTHER_ALERT = re.compile(r"\[!([A-Za-z][\w-]*)\]")
_OTHER_BLOCK = re.compile(r":{3,}[^\n]*\S[^\n]*|\?{3}\+?[ \t]+\w[^\n]*")

MOST_KEPT = 20_000
"""Texts whose facts a process keeps, some hundred notes' worth."""


@dataclass(frozen=True)
class MarkdownLink:
    """A link, or a picture or the like that a page loads (`image`): its `target` as written, its words and its line. The words of
    what is no picture and needs none are its tag."""

    target: str
    text: str
    image: bool
    line: int


@dataclass(frozen=True)
class ProseHeading:
    """A heading: its words without notes, the name that its author gave it ("" for none), and whether no words stand before it in its cell.
    One that is empty shows neither words nor pictures."""

    line: int
    level: int
    words: str
    name: str
    is_first: bool
    is_empty: bool = False


@dataclass(frozen=True)
class FootnoteMark:
    """A mark of a footnote; `is_inside` says that it stands in the text of another."""

    line: int
    name: str
    is_inside: bool


@dataclass(kw_only=True)
class ProseFacts:
    """What a text says. `pieces` are those that are text, in order; `anchors` the ids of elements other than headings; `definitions` the
    footnotes with their lines; `faults` what no page can have, `mended` what a page shows otherwise than it was written, each with its line;
    `numbers` those that nothing binds; `beginnings` the line of its first words, none in a text of pictures."""

    pieces: list[MarkdownPiece] = field(default_factory=list)
    links: list[MarkdownLink] = field(default_factory=list)
    headings: list[ProseHeading] = field(default_factory=list)
    anchors: list[tuple[int, str]] = field(default_factory=list)
    marks: list[FootnoteMark] = field(default_factory=list)
    definitions: list[tuple[int, str]] = field(default_factory=list)
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    mended: list[tuple[int, str]] = field(default_factory=list)
    numbers: list[tuple[int, str]] = field(default_factory=list)
    beginnings: list[tuple[int]] = field(default_factory=list)

    def as_json(self) -> list[Any]:
        return [[astuple(entry) if not isinstance(entry, tuple) else entry for entry in entries] for entries in vars(self).values()]

    @classmethod
    def from_json(cls, lists: Sequence[Sequence[Sequence[Any]]]) -> ProseFacts:
        facts = cls()
        for name, entries in zip(vars(facts), lists, strict=True):
            kind = _KINDS.get(name)
            setattr(facts, name, [kind(*entry) if kind else tuple(entry) for entry in entries])
        return facts

    def pieces_of(self, kind: str) -> Iterator[MarkdownPiece]:
        return (piece for piece in self.pieces if piece.kind == kind)


_KINDS: dict[str, Callable[..., Any]] = {"pieces": MarkdownPiece, "links": MarkdownLink, "headings": ProseHeading, "marks": FootnoteMark}
_known: dict[str, ProseFacts] = {}
"""What is known of texts that were read in this process."""


def remember_cells(cells: Sequence[Cell]) -> None:
    """Find out what all text cells of a note say, from the cache of contents if they were read before."""
    texts = [cell_text(cell) for cell in cells]
    if all(text in _known for text in texts):
        return
    if len(_known) > MOST_KEPT:
        _known.clear()
    versions = content_cache.installed_versions("markdown_it_py", "mdit_py_plugins")
    lists = content_cache.computed_for(f"prose facts {versions}", texts, lambda: [text_facts(text).as_json() for text in texts])
    for text, facts in zip(texts, lists, strict=True):
        _known[text] = ProseFacts.from_json(facts)


def cell_text(cell: Cell) -> str:
    """The text of a text cell as it is read: without the settings at the head of a notebook."""
    return markdown_reader.without_settings(cell.source) if cell.number == 1 else cell.source


def cell_facts(cell: Cell) -> ProseFacts:
    return text_facts(cell_text(cell))


def text_facts(text: str) -> ProseFacts:
    """What a text cell of this text says."""
    if text not in _known:
        _known[text] = _FactFinder(markdown_reader.read_markdown(text)).find_facts()
    return _known[text]


def inline_facts(text: str) -> ProseFacts:
    """What a text says that is no block of its own, such as a caption."""
    return _FactFinder(markdown_reader.read_inline(text)).find_facts()


class _FactFinder:
    """Goes through the tokens of a cell once."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._facts = ProseFacts()
        self._html = html_checks.HtmlChecker()
        self._footnotes = self._quotations = self._columns = 0
        self._words: list[str] | None = None
        """The words of the heading that is open."""
        self._heading: ProseHeading | None = None
        self._has_pictures = self._is_too_deep = False
        self._link: tuple[MarkdownLink, list[str]] | None = None

    def find_facts(self) -> ProseFacts:
        for token in self._tokens:
            self._look_at_block(token)
            for child in token.children or ():
                self._look_at_inline(child)
            if token.type == "inline":
                self._look_at_paragraph(token)
            if token.type == "inline" and self._words is None:
                self._facts.numbers += loose_numbers.numbers_in(token)
            if token.type in ("fence", "code_block"):
                self._begin_words(token.meta["line"])
        self._close_heading()  # one of HTML that its cell leaves open
        self._facts.mended = sorted([*self._facts.mended, *self._html.unclosed_tags()])
        self._facts.faults.sort()
        return self._facts

    def _look_at_block(self, token: Token) -> None:
        line = token.meta["line"]
        if token.nesting > 0 and token.level >= markdown_reader.MOST_NESTED - 1 and not self._is_too_deep:
            self._is_too_deep = True
            hint = "write it with fewer lists and quotations in each other: what is deeper is lost"
            self._facts.faults.append((line, f"text stands more than {markdown_reader.MOST_NESTED // 2} levels deep", hint))
        self._quotations += token.nesting if token.type.startswith("blockquote_") else 0
        if token.type == "heading_open":
            self._open_heading(line, int(token.tag[1]), token.meta["name"])
        elif token.type == "heading_close":
            self._close_heading()
        elif token.type == "footnote_reference_open":
            self._facts.definitions.append((line, token.meta["label"]))
            self._footnotes += 1
        elif token.type == "footnote_reference_close":
            self._footnotes -= 1
        elif token.type == "fence" and token.info.strip():
            self._look_at_code(token)
        elif token.type == "container_directive_open":
            name = markdown_reader.directive_words(token.info)[0]
            if name not in markdown_reader.ADMONITIONS:
                hint = f"pages have {', '.join(f':::{{{kind}}}' for kind in markdown_reader.ADMONITIONS[:4])} and the like"
                self._facts.faults.append((line, f":::{name} is no block that a page can show", hint))
        elif token.type in ("table_open", "tr_open", "th_open"):
            self._look_at_table(token)
        if self._footnotes and token.type in _FLATTENED:
            what = f"a footnote holds {_FLATTENED[token.type]}: it stands in the margin, where all of it is one line of text"
            self._facts.mended.append((line, what))

    def _look_at_code(self, token: Token) -> None:
        line, word = token.meta["line"], token.info.split()[0]
        name = word.strip("{}.").lower()
        if name == "mermaid":
            self._facts.faults.append((line, *_NO_MERMAID))
        elif word.startswith("{") and name in (*markdown_reader.ADMONITIONS, *_DIRECTIVES):
            instead = f"; a box is written :::{{{name}}}" if name in markdown_reader.ADMONITIONS else ""
            self._facts.mended.append((line, f"{token.markup}{word} is shown as code, as Jupyter does{instead}"))

    def _look_at_table(self, token: Token) -> None:
        """Tell of rows that have more or fewer cells than the head of their table."""
        if token.type == "table_open":
            self._columns = 0
        elif token.type == "th_open":
            self._columns += 1
        elif self._columns and (written := token.meta.get("cells", self._columns)) != self._columns:
            lost = (
                "what is too much is not shown; a bar within a cell is written \\|" if written > self._columns else "the others stay empty"
            )
            what = f"a row of a table with {_counted(self._columns, 'column')} has {_counted(written, 'cell')}: {lost}"
            self._facts.mended.append((token.meta["line"], what))

    def _look_at_paragraph(self, token: Token) -> None:
        """Tell of what was meant as something else than text, and is none: tables, and boxes of other programs."""
        line, written = token.meta["line"], token.content
        lines = written.split("\n")
        for at, (before, dashes) in enumerate(itertools.pairwise(lines), 1):
            if "|" in before and "|" in dashes and _TABLE_LINE.fullmatch(dashes):
                what = "no table: its line of dashes must have as many columns as the line above it; it is shown as text"
                self._facts.mended.append((line + at, what))
        if self._quotations and (match := _OTHER_ALERT.match(written)):
            what = (
                f"[!{match[1]}] is no box that a page has, and is shown as text: [!NOTE], [!TIP], [!IMPORTANT], [!WARNING] and [!CAUTION]"
            )
            self._facts.mended.append((line, f"{what}, alone in their line"))
        if match := _OTHER_BLOCK.match(written):
            what = f"{match[0]:.{SHOWN}} is shown as it is written, as in Jupyter; a box is written :::{{note}}"
            self._facts.mended.append((line, what))

    def _look_at_inline(self, token: Token) -> None:
        line, kind = token.meta["line"], token.type
        if kind == "piece" or (kind in ("text", "code_inline", "html_text") and token.content.strip()):
            self._begin_words(line)
        if kind == "piece":
            self._look_at_piece(token.meta["piece"])
        elif kind == "link_open":
            self._link = MarkdownLink(str(token.attrs.get("href", "")), "", False, line), []
        elif kind == "link_close" and self._link:
            link, words = self._link
            self._facts.links.append(MarkdownLink(link.target, "".join(words), False, link.line))
            self._link = None
        elif kind == "image":
            self._has_pictures = True
            self._facts.links.append(MarkdownLink(str(token.attrs["src"]), token.content, True, line))
            self._add_words(token.content)
            self._facts.pieces += [child.meta["piece"] for child in token.children or () if child.type == "piece"]
        elif kind == "html_tag":
            self._look_at_tag(token)
        elif kind in ("text", "code_inline"):
            self._add_words(token.content)
        elif kind == "html_text":
            self._add_words(html.unescape(token.content))
        elif kind in ("softbreak", "hardbreak"):
            self._add_words(" ")

    def _look_at_piece(self, piece: MarkdownPiece) -> None:
        self._facts.pieces.append(piece)
        if piece.kind == markdown_pieces.MARK:
            self._facts.marks.append(FootnoteMark(piece.line, piece.text[2:-1], self._footnotes > 0))
            return
        if self._link:
            self._link[1].append(piece.text)
        if self._words is not None:
            self._words.append(piece_words(piece))

    def _look_at_tag(self, token: Token) -> None:
        line, tag = token.meta["line"], token.meta["tag"]
        self._facts.faults += [(line, *told) for told in self._html.tag_problems(token.content, tag, line)]
        self._has_pictures = self._has_pictures or tag.name in ("img", "video", "audio")
        if not tag.is_closing and "mermaid" in tag.attributes.get("class", "").split():
            self._facts.faults.append((line, *_NO_MERMAID))
        elif not tag.is_closing and tag.name in html_checks.LOST:
            self._facts.mended.append((line, f"<{tag.name}> is not shown: {html_checks.LOST[tag.name]}"))
        level = html_checks.heading_level(tag)
        if level and tag.is_closing:
            self._close_heading()
        elif level:
            self._open_heading(line, level, tag.attributes.get("id", ""))
        elif name := tag.attributes.get("id") or (tag.name == "a" and tag.attributes.get("name")):
            self._facts.anchors.append((line, name))
        self._facts.links += [MarkdownLink(target, words, is_image, line) for target, words, is_image in html_checks.tag_links(tag)]

    def _open_heading(self, line: int, level: int, name: str) -> None:
        self._close_heading()
        self._heading, self._words = ProseHeading(line, level, "", name, not self._facts.beginnings), []
        self._has_pictures = False

    def _close_heading(self) -> None:
        if self._heading is None or self._words is None:
            return
        words = " ".join("".join(self._words).split())
        is_empty = not (words or self._has_pictures)
        self._facts.headings.append(replace(self._heading, words=words, is_empty=is_empty))
        if is_empty:
            self._facts.mended.append((self._heading.line, "a heading without words, which a page does not show"))
        self._heading = self._words = None

    def _begin_words(self, line: int) -> None:
        self._facts.beginnings = self._facts.beginnings or [(line,)]

    def _add_words(self, words: str) -> None:
        if self._words is not None:
            self._words.append(words)
        if self._link:
            self._link[1].append(words)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def piece_words(piece: MarkdownPiece) -> str:
    """The words by which a piece counts in the address of a heading: what is written, since values change."""
    if piece.kind == markdown_pieces.BINDING:
        inner = piece.text[2:-2]
        match = _MADE.match(inner)
        if match:
            return match[1] or match[2] or ""
        name = _BOUND_NAME.search(inner)
        return name[0].replace(".", "-") if name else ""
    return piece.text.partition(":")[2] if piece.kind == markdown_pieces.CROSS else piece.text
