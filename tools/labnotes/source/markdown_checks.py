"""Links, images, footnotes, headings and raw HTML in the Markdown of a note: what is wrong with them, and where links and headings lead."""

from __future__ import annotations

import difflib
import functools
import html
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from labnotes.errors import InvalidNote, Problem, did_you_mean
from labnotes.source import file_limits, heading_addresses, heading_levels, notebooks, prose_facts
from labnotes.source.heading_addresses import AddressedHeading, heading_slug
from labnotes.source.heading_levels import TITLE, LevelledHeading
from labnotes.source.notebooks import FORMATS, Cell
from labnotes.source.prose_facts import MarkdownLink

ANCHORS = ("fig-", "tab-", "claim-", "ref-", "cell-", "sn-", "eq-", "references", "reproduce", "cite", "updates", "related", "ln-check")
"""Beginnings of the addresses that a staged page has beside those of its headings."""

NAMED = ("fig-", "tab-", "claim-", "ref-")
"""Beginnings of those addresses that are made of names."""

ATTACHMENT = "attachment:"
"""The scheme of a picture that was pasted into a cell."""

SHOWN = 120
"""Characters that a message shows of what stands in the text."""

MOST_TOLD = 50
"""How many problems of one kind are told of a note's Markdown."""

_BOUND = re.compile(r"\{\{(?:[^{}\n]|\{(?!\{)|\}(?!\}))*+\}\}|@(?:fig|tab):[\w-]+|\[@[^\[\]]++\]")


def is_local(target: str) -> bool:
    """Whether a target means a file of the lab, rather than another site or a place in the same page."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc and bool(parts.path)


def leads_to_own(fragment: str) -> bool:
    """Whether the fragment of a link leads to a place that each page has: its top, or a part that labnotes made."""
    return not fragment or fragment.lower() == "top" or fragment.startswith(ANCHORS)


def link_path(target: str, folder: Path) -> Path:
    """The file or folder that a local target names, seen from `folder`. `file_limits.path_problem` says what can be none."""
    return (folder / unquote(urlsplit(target).path)).resolve()


# -- addresses ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoteAddresses:
    """The addresses in a note's page that its text gives: `of_headings` in the order of the headings, by the index of their text cell, ""
    for the title, which is the page's own; `levels` those at which the page shows them; `anchors` the addresses of other elements."""

    of_headings: Mapping[int, Sequence[str]]
    levels: Mapping[int, Sequence[int]]
    anchors: frozenset[str]
    by_words: Mapping[str, str]
    """The address of the first heading of some words, by what these words alone would give."""

    @property
    def all_addresses(self) -> frozenset[str]:
        return self.anchors.union(*self.of_headings.values()) - {""}

    def resolve_fragment(self, fragment: str) -> str | None:
        """The address that the fragment of a link means, written as it is, in percent signs, or as Jupyter has it (#The-Words); None for
        one that leads to nothing here."""
        name = unquote(fragment)
        known = self.all_addresses
        if name in known or not name:
            return name or None
        slug = heading_slug(name)
        return self.by_words.get(slug, slug if slug in known else None)


def note_addresses(cells: Sequence[Cell]) -> NoteAddresses:
    """The addresses of all headings and anchors in the text cells of a note."""
    return _addresses_of(tuple((prose_facts.cell_text(cell), cell.is_left_out) for cell in cells))


@functools.lru_cache(maxsize=64)
def _addresses_of(texts: tuple[tuple[str, bool], ...]) -> NoteAddresses:
    facts = [prose_facts.text_facts(text) for text, _ in texts]
    headings = list(heading_levels.level_headings(facts, [is_left_out for _, is_left_out in texts]))
    anchors = frozenset(name for said in facts for _, name in said.anchors)
    shown = (AddressedHeading(shown.heading.words, shown.heading.name) for shown in headings if shown.level != TITLE)
    addresses = heading_addresses.number_addresses(shown, anchors)
    of_headings: dict[int, list[str]] = {}
    levels: dict[int, list[int]] = {}
    by_words: dict[str, str] = {}
    for heading in headings:
        address = "" if heading.level == TITLE else next(addresses)
        of_headings.setdefault(heading.cell, []).append(address)
        levels.setdefault(heading.cell, []).append(heading.level)
        slug = heading_slug(heading.heading.words)
        by_words[slug] = by_words.get(slug) or address
    return NoteAddresses(of_headings, levels, anchors, by_words)


def title_heading(cells: Sequence[Cell]) -> str:
    """The words of the first heading of the first level; "" if there is none."""
    prose_facts.remember_cells(cells)
    headings = (heading for cell in cells for heading in prose_facts.cell_facts(cell).headings)
    return next((heading.words for heading in headings if heading.level == 1), "")


# -- checks ------------------------------------------------------------------------------------------------------------------------------


class _CellFault(NamedTuple):
    """Something wrong in a line of a cell (`cell` is its index from 0), and what to do about it."""

    cell: int
    line: int
    what: str
    hint: str


def markdown_problems(cells: Sequence[Cell], folder: Path, root: Path) -> list[Problem]:
    """The problems in a note's text cells: links that lead nowhere, images without words, wrong headings, footnotes without text, HTML
    that runs or loads something, and blocks that no page can show."""
    prose_facts.remember_cells(cells)
    addresses = note_addresses(cells)
    kinds = (_link_faults(cells, folder, root, addresses), _heading_faults(cells), _footnote_faults(cells), _html_faults(cells))
    faults = [fault for kind in kinds for fault in itertools.islice(dict.fromkeys(kind), MOST_TOLD)]
    faults.sort(key=lambda fault: fault[:2])
    return [Problem(cells[fault.cell].line_place(fault.line), fault.what, fault.hint) for fault in faults]


def markdown_remarks(cells: Sequence[Cell]) -> list[str]:
    """What a note's page shows otherwise than its text cells say, for its author."""
    prose_facts.remember_cells(cells)
    facts = [prose_facts.cell_facts(cell) for cell in cells]
    told = [(at, *mended) for at, said in enumerate(facts) for mended in said.mended]
    told += _mended_headings(list(heading_levels.level_headings(facts, [cell.is_left_out for cell in cells])), cells)
    told.sort(key=lambda remark: remark[:2])
    return [f"{cells[at].line_place(line)}: {what}" for at, line, what in told[:MOST_TOLD]]


def _mended_headings(headings: Sequence[LevelledHeading], cells: Sequence[Cell]) -> Iterator[tuple[int, int, str]]:
    """The index of the cell, the line, and what is told, of headings that a page shows at another level than they are written."""
    before, further = 1, []
    for shown in headings:
        heading, depth = shown.heading, shown.heading.level
        if heading.is_empty:
            continue
        if depth == 1 and shown.level != TITLE:
            further.append(shown)
            depth = 2  # what stands under it is as deep as under a section
        elif depth > before + 1 and shown.level != depth:
            what = f"heading {heading.words!r:.{SHOWN}} is of level {depth}, after one of level {before}; the page shows it at level {shown.level}"
            yield shown.cell, heading.line, what
        before = depth
    if further:
        first, *others = further
        more = "".join(
            f"; so is {other.heading.words!r:.{SHOWN}} at {cells[other.cell].line_place(other.heading.line)}" for other in others[:5]
        )
        more += f"; and {len(others) - 5} more" if len(others) > 5 else ""
        what = f"{first.heading.words!r:.{SHOWN}} is a heading of the first level beside the title{more}; the page shows them as sections"
        yield first.cell, first.heading.line, what if others else what.replace("shows them as sections", "shows it as a section")


def _heading_faults(cells: Sequence[Cell]) -> Iterator[_CellFault]:
    for at, cell in enumerate(cells):
        for heading in prose_facts.cell_facts(cell).headings:
            if heading.name and heading_addresses.PAGES_OWN.fullmatch(heading.name):
                hint = f"a part of the page may have it; give it another: {heading.words:.{SHOWN}} {{#another-name}}"
                what = f"heading {heading.words!r:.{SHOWN}} would have an address that the page itself uses"
                yield _CellFault(at, heading.line, what, hint)


def _footnote_faults(cells: Sequence[Cell]) -> Iterator[_CellFault]:
    written = [(at, line, name) for at, cell in enumerate(cells) for line, name in prose_facts.cell_facts(cell).definitions]
    names = {name for *_, name in written}
    used = {mark.name for cell in cells for mark in prose_facts.cell_facts(cell).marks if not mark.is_inside}
    before: set[str] = set()
    for at, line, name in written:
        shown = f"{name:.{SHOWN}}"
        if name in before:
            yield _CellFault(at, line, f"footnote [^{shown}] is written twice", "give each a name of its own")
        if name not in used:
            yield _CellFault(at, line, f"footnote [^{shown}] is never referred to", "it would not be published")
        before.add(name)
    for at, cell in enumerate(cells):
        for mark in prose_facts.cell_facts(cell).marks:
            if mark.name not in names:
                shown = mark.name[:SHOWN]
                hint = did_you_mean(shown, names) + f"; its text goes on a line of its own: [^{shown}]: Text."
                yield _CellFault(at, mark.line, f"[^{shown}] has no text", hint)


def _html_faults(cells: Sequence[Cell]) -> Iterator[_CellFault]:
    for at, cell in enumerate(cells):
        facts = prose_facts.cell_facts(cell)
        yield from (_CellFault(at, *fault) for fault in facts.faults)
        for line, name in facts.anchors:
            if heading_addresses.PAGES_OWN.fullmatch(name) or name in heading_addresses.SECTIONS or name.startswith(NAMED):
                yield _CellFault(at, line, f"the id {name!r:.{SHOWN}} is one that the page itself uses", "give it another")


def _link_faults(cells: Sequence[Cell], folder: Path, root: Path, addresses: NoteAddresses) -> Iterator[_CellFault]:
    for at, cell in enumerate(cells):
        for link in prose_facts.cell_facts(cell).links:
            yield from (_CellFault(at, link.line, *told) for told in _link_problems(link, cell, folder, root, addresses))


def _link_problems(link: MarkdownLink, cell: Cell, folder: Path, root: Path, addresses: NoteAddresses) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(re.sub(r"[\x00-\x20]", "", html.unescape(link.target)))
    except ValueError as error:
        yield f"links to {link.target!r}, which is no address: {error}", "https://example.org/page"
        return
    if parts.scheme.lower() == "attachment":
        yield from _attachment_problems(link, cell)
    elif parts.scheme.lower() not in ("", "http", "https", "mailto"):
        yield f"links to {link.target!r:.{SHOWN}}", "a page may link to https:, http: and mailto: addresses, and to files of this lab"
    elif link.image and (parts.scheme or parts.netloc):
        yield f"shows a picture of another site: {link.target}", "put the file beside the note: a page here loads nothing from elsewhere"
    elif bound := _BOUND.search(link.text):
        yield f"{bound.group()} stands in the text of a link", "a value and a reference are links themselves: put it beside the link"
    elif link.image and not link.text.strip():
        yield _wordless_problem(link.target)
    elif not parts.scheme and not parts.netloc and not parts.path:
        fragment = parts.fragment
        if not (leads_to_own(fragment) or addresses.resolve_fragment(fragment) is not None):
            yield f"links to #{fragment}, which no heading has", did_you_mean(fragment, addresses.all_addresses)
    elif is_local(link.target):
        yield from _file_problems(link, folder, root)


def _wordless_problem(target: str) -> tuple[str, str]:
    return f"image {target} has no alt text", f"![what it shows to someone who cannot see it]({target})"


def _attachment_problems(link: MarkdownLink, cell: Cell) -> Iterator[tuple[str, str]]:
    name = unquote(link.target.partition(":")[2])
    if name not in cell.attachments:
        shown = f"![what it shows to someone who cannot see it]({link.target.partition(':')[2]})"
        what = f"shows {name!r:.{SHOWN}}, a picture that was pasted into the cell, and is not in it"
        yield what, f"save the picture beside the note as a file and write {shown:.{2 * SHOWN}}"
    elif why := dict(cell.unreadable).get(name):
        yield f"the picture {name!r:.{SHOWN}}, pasted into it, cannot be read: {why}", "paste it again, or save it beside the note"
    elif not link.image:
        yield f"links to {name!r:.{SHOWN}}, a picture pasted into the cell", "show it, or save it beside the note and link to the file"
    elif not link.text.strip():
        yield _wordless_problem(link.target)


def _file_problems(link: MarkdownLink, folder: Path, root: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with a link to a file of the lab."""
    hint = "a path from the note's folder, such as ../other-note/note.ipynb"
    written = urlsplit(link.target).path
    what = file_limits.path_problem(unquote(written))
    if what:
        yield f"links to {link.target!r:.{SHOWN}}, which {what}", hint
        return
    path = link_path(link.target, folder)
    if written.startswith("/") or not path.is_relative_to(root):
        yield f"links to {link.target}, outside this lab", hint
    elif path.suffix == ".md" and path.is_relative_to(folder) and path.stem != "note":
        yield f"links to {link.target}, a page that is not published", "only the note itself is: put the text into it, or into docs/"
    elif not path.exists():
        around = [neighbour.name for neighbour in path.parent.iterdir()] if path.parent.is_dir() else []
        near = [name for name in around if name.lower() == path.name.lower()] or difflib.get_close_matches(path.name, around, n=1)
        yield f"broken link: {link.target} is not there", f"did you mean {near[0]!r}?" if near else hint
    else:
        yield from _site_problems(link, path, folder, root)


NOT_ON_SITE = "link to a note, a page in docs/, or a file beside the note"
"""What to do about a link to something that is there, but not on the site."""


def _site_problems(link: MarkdownLink, path: Path, folder: Path, root: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with a link to a file or folder that is there: a site has notes, pages, and the files beside a note."""
    notes = folder.parent
    if path == folder or (path.is_relative_to(folder) and path.is_file()):
        return
    if path.parent == notes or (path.stem == "note" and path.parent.parent == notes):
        other = path if path.is_dir() else path.parent
        yield from _other_note_problems(urlsplit(link.target).fragment, other, root)
    elif path.is_relative_to(folder):
        yield f"links to {link.target}, which is not on the site", "link to the files in the folder: only these are published"
    elif not path.is_relative_to(_docs_folder(root)):
        yield f"links to {link.target}, which is not on the site", NOT_ON_SITE


_DOCS = re.compile(r"""^docs_dir\s*:\s*["']?([^'"#\n]+)""", re.MULTILINE)


def _docs_folder(root: Path) -> Path:
    """The folder of the hand-written pages: docs/, unless mkdocs.yml names another."""
    try:
        match = _DOCS.search((root / "mkdocs.yml").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        match = None
    return (root / (match[1].strip() if match else "docs")).resolve()


def _other_note_problems(fragment: str, other: Path, root: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with a link to a place in another note. What is wrong with that note itself is told of it."""
    source = next((path for suffix in FORMATS if (path := other / f"note{suffix}").is_file()), None)
    if source is None or leads_to_own(fragment):
        return
    try:
        cells = notebooks.read_notebook(source, source.relative_to(root)).text_cells
    except InvalidNote:
        return
    prose_facts.remember_cells(cells)
    known = note_addresses(cells).all_addresses
    if not known & {unquote(fragment), heading_slug(unquote(fragment))}:
        yield f"links to #{fragment} of {other.name}, which no heading there has", did_you_mean(fragment, known)
