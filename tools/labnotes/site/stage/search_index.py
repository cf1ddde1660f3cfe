"""The two files that the search of the site reads, when a reader first asks for it and not before.

`search.json` says what each page is about, in at most LARGEST_ENTRY bytes a page. `search_sections.json`, which follows it, has what does not fit: the
words of the sections, and each claim with its name and its sentence. How what stands there is weighed, js/search_ranking.js says.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from labnotes.model.claims import spoken_name
from labnotes.site.stage.note_lists import ListedNote
from labnotes.site.stage.page_authors import PageAuthor
from labnotes.site.stage.searched_pages import PAGE, BuiltPage, SearchedPage
from labnotes.site.stage.searched_words import SearchedSection, counted_words, distinctive_words, section_counts

PAGES_FILE, SECTIONS_FILE = "search.json", "search_sections.json"

LARGEST_ENTRY = 2_000
"""How many bytes of the first file a page may take: 100 notes are 200 KB, a third of it when compressed."""

LARGEST_REST = 2_000_000
"""How many bytes all notes together may take of the second file: all of about sixty notes; of more, their claims before the words of their sections."""

LONGEST_TEXT = 600
"""How many characters of a summary are searched."""

WORDS_KEPT = 350
"""How many bytes of an entry are kept for words of its text, however many headings it has."""

STAGED = ("notes/", "authors/")
"""How the addresses begin of pages that are no hand-written ones."""

MOST_WORDS = 60
"""How many words of a text tell it from others."""

Entry = dict[str, Any]


@dataclass(frozen=True)
class _Indexed:
    """A page in the making: what it says of itself, in the order in which it gets room, and its sections."""

    entry: Entry
    lists: Mapping[str, Sequence[Any]]
    sections: Sequence[SearchedSection]
    claims: Sequence[Sequence[str]] = ()


def search_files(entries: Sequence[ListedNote], pages: Sequence[SearchedPage]) -> dict[str, bytes]:
    """The two files, by name."""
    indexed = [*map(_indexed_note, entries), *_indexed_authors(entries), _indexed_list(len(entries)), *map(_indexed_page, pages)]
    counts = section_counts(chain.from_iterable(page.sections for page in indexed))
    total = max(sum(len(page.sections) for page in indexed), 1)
    first, rest = [], {}
    share = LARGEST_REST // max(len(entries), 1)
    for page in indexed:
        entry, left = _fitted_entry(page, counts, total)
        first.append(entry)
        parts = _section_rows(page, left, counts, total)
        told = _within({"claims": page.claims, "parts": parts}, share)
        if told:
            rest[entry["address"]] = told
    return {PAGES_FILE: _json_bytes({"pages": first}), SECTIONS_FILE: _json_bytes({"pages": rest})}


def _indexed_note(note: ListedNote) -> _Indexed:
    entry: Entry = {
        "address": f"notes/{note.slug}/",
        "kind": "note",
        "title": _cut(note.title),
        "date": note.published_text,
        "state": f"{note.word} {note.run_text}",
        "tone": str(note.tone.value),
        "language": note.language,
        "direction": note.direction,
        "summary": _cut(note.summary),
    }
    sentences: dict[str, list[str]] = {}
    for row in note.claim_quantities:
        names = sentences.setdefault(row.sentence.text or f"\0{row.name}", [])
        names.append(row.name)
        if row.title != spoken_name(row.name):  # what its author calls it; else the name says the same words
            names.append(row.title)
    claims = [[*names, "" if sentence.startswith("\0") else sentence] for sentence, names in sentences.items()]
    lists = {"aliases": note.aliases, "authors": [author.name for author in note.authors], "tags": note.tags}
    return _Indexed(entry, lists, note.sections, claims)


def _indexed_authors(entries: Sequence[ListedNote]) -> list[_Indexed]:
    notes_of: dict[str, list[str]] = {}
    authors: dict[str, PageAuthor] = {}
    for note in entries:
        for author in note.authors:
            authors.setdefault(author.page_id, author)
            notes_of.setdefault(author.page_id, []).append(note.title)
    return [
        _Indexed(
            {
                "address": f"authors/{page_id}/",
                "kind": "author",
                "title": _cut(author.name),
                "summary": _cut("; ".join(filter(None, [author.affiliation, f"{len(titles)} note{'' if len(titles) == 1 else 's'}"]))),
            },
            {},
            (),
        )
        for page_id, titles in notes_of.items()
        for author in [authors[page_id]]
    ]


def _indexed_list(count: int) -> _Indexed:
    summary = f"{count} note{'' if count == 1 else 's'} by year, with the state of each record."
    return _Indexed({"address": "notes/", "kind": PAGE, "title": "All notes", "summary": summary}, {}, ())


def _indexed_page(page: SearchedPage) -> _Indexed:
    entry: Entry = {"address": page.address, "kind": page.kind, "title": _cut(page.title), "summary": _cut(page.summary)}
    if page.boost != 1:
        entry["boost"] = page.boost
    return _Indexed(entry, {"aliases": page.aliases}, page.sections)


def _fitted_entry(page: _Indexed, counts: Mapping[str, int], total: int) -> tuple[Entry, set[str]]:
    """The entry of a page in the first file, with as much as it may hold; and the anchors of the headings for which there was no room."""
    entry = {key: value for key, value in page.entry.items() if value or key == "address"}
    room = LARGEST_ENTRY - len(_json_bytes(entry)) - WORDS_KEPT
    for key, values in page.lists.items():
        room = _add_fitting(entry, key, values, room)
    headings = [[section.anchor, section.heading] for section in page.sections if section.anchor]
    room = _add_fitting(entry, "headings", headings, room)
    kept = {anchor for anchor, _ in entry.get("headings", ())}
    known = [entry["title"], entry.get("summary", ""), *entry.get("aliases", ()), *entry.get("tags", ()), *(words for _, words in headings)]
    words = distinctive_words(_added_words(page.sections), known, counts, total)[:MOST_WORDS]
    _add_fitting(entry, "words", words, room + WORDS_KEPT)
    if "words" in entry:
        entry["words"] = " ".join(entry["words"])
    return entry, {anchor for anchor, _ in headings} - kept


def _add_fitting(entry: Entry, key: str, values: Iterable[Any], room: int) -> int:
    """Add to an entry as many of the first `values` as there is room for, in bytes; the room that is left."""
    room -= len(key) + 6
    kept = []
    for value in values:
        room -= len(_json_bytes(value))
        if room < 0:
            break
        kept.append(value)
    if kept:
        entry[key] = kept
    return max(room, 0)


def _added_words(sections: Iterable[SearchedSection]) -> list[tuple[str, int]]:
    words: dict[str, int] = {}
    for section in sections:
        for word, count in section.words:
            words[word] = words.get(word, 0) + count
    return sorted(words.items())


def _section_rows(page: _Indexed, left: set[str], counts: Mapping[str, int], total: int) -> list[list[str]]:
    """A row for each section: its anchor, its heading where the first file has none, the names that it explains, and its words."""
    rows = []
    for section in page.sections:
        words = distinctive_words(section.words, [section.heading], counts, total)[:MOST_WORDS]
        heading = section.heading if section.anchor in left or section.anchor == "references" else ""
        rows.append([section.anchor, heading, "; ".join(section.names), " ".join(words)])
    return [row for row in rows if any(row[1:])]


def _within(lists: Mapping[str, Sequence[Any]], share: int) -> dict[str, list[Any]]:
    entry: Entry = {}
    for key, values in lists.items():
        share = _add_fitting(entry, key, values, share)
    return entry


def _cut(text: str) -> str:
    """The beginning of a text that is too long to be searched whole."""
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT].rsplit(' ', 1)[0]}…"


def _json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


# -- what the site builder makes ---------------------------------------------------------------------------------------------------------


def complete_files(files: Mapping[str, bytes], built: Sequence[BuiltPage], addresses: Container[str]) -> dict[str, bytes]:
    """The two files with what only the site builder knows: addresses of headings as it gave them, pages that it made of something else than
    Markdown, and no hand-written page that is not among `addresses`, those of all pages that it makes."""
    first, rest = (json.loads(files[name])["pages"] for name in (PAGES_FILE, SECTIONS_FILE))
    added = {page.address: page for page in built if not page.is_markdown}
    kept = [
        entry for entry in first if entry["address"].startswith(STAGED) or (entry["address"] in addresses and entry["address"] not in added)
    ]
    told = {entry["address"]: rest[entry["address"]] for entry in kept if entry["address"] in rest}
    by_address = {page.address: page for page in built if page.is_markdown}
    for entry in kept:
        page = by_address.get(entry["address"])
        if page is not None:
            told[page.address] = _with_built_headings(entry, told.get(page.address, {}), page)
    for page in added.values():
        kept.append({"address": page.address, "kind": PAGE, "title": page.title, **({"summary": page.summary} if page.summary else {})})
        words = [word for word, _ in sorted(counted_words(page.text), key=lambda item: (-item[1], item[0])) if len(word) > 3]
        told[page.address] = {"parts": [["", "", "", " ".join(words[: 2 * MOST_WORDS])], *([*row, "", ""] for row in page.headings)]}
    return {
        PAGES_FILE: _json_bytes({"pages": kept}),
        SECTIONS_FILE: _json_bytes({"pages": {key: said for key, said in told.items() if said}}),
    }


def _with_built_headings(entry: Entry, told: Entry, page: BuiltPage) -> Entry:
    """What the second file says of a page. Headings that its source does not have, or at other addresses, are led to as they were built."""
    anchors = {anchor for anchor, _ in page.headings}
    known = [row for row in entry.get("headings", ()) if row[0] in anchors]
    if known != entry.get("headings", []):
        entry["headings"] = known
    parts = [row for row in told.get("parts", ()) if row[0] in anchors or not row[0]]
    said = {row[0] for row in known} | {row[0] for row in parts if row[1]}
    parts += [[anchor, words, "", ""] for anchor, words in page.headings if anchor not in said]
    return {**told, **({"parts": parts} if parts else {})}
