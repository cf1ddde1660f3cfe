"""Notes and their records as plain Markdown, pictures, data and executed notebooks, for a site builder. Executes nothing.

    docs/notes/posts/SLUG.md     a note's page, published at /notes/SLUG/
    docs/notes/SLUG/             what it shows and offers: figures, data, executed notebook, notebook page, record
    docs/notes/index.md          all notes by year; beside it feeds, authors, and every claim as JSON

A note whose files and context did not change since it was staged last is left as it is.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labnotes import notes, records, results
from labnotes.errors import InvalidNote, InvalidRecord, Problem, UsageError
from labnotes.freshness import stale_reasons
from labnotes.notes import STAGED, Lab
from labnotes.staging import catalogue, memory
from labnotes.staging.catalogue import Entry
from labnotes.staging.files import notebook_files, page_files
from labnotes.staging.join import Joined, join
from labnotes.staging.page import Context, note_page, page_with_problems
from labnotes.staging.settings import Site

__all__ = ["Site", "Staged", "stage"]

SEARCHED = 2_000_000
"""Characters of all notes together that the search may index: everything up to about a hundred notes, of more the beginnings."""


@dataclass
class Staged:
    """What was staged, what was left out and why, what was not published of it, and what is wrong.

    `broken` are the notes with problems, `written` counts files that changed.
    """

    pages: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    written: int = 0


@dataclass
class _Note:
    """A note on its way: its entry in the catalogue, and the note itself once somebody had to read it."""

    entry: Entry
    key: str
    joined: Joined | None


def stage(
    lab: Lab,
    slugs: Sequence[str],
    site: Site,
    theme: Path,
    checks: Path,
    *,
    drafts: bool,
    preview: bool = False,
    touched: Container[str] | None = None,
) -> Staged:
    """Bring docs/notes/ and the theme's staged parts up to date.

    In a preview a note that cannot be staged at the moment keeps its last page, which then says what is wrong. `touched` are the notes
    that may have changed since the last call; None if any may have.
    """
    staged, paths = Staged(), set[str]()
    target = _own_folder(site.docs / "notes")
    kept = memory.Memory(lab.root / ".labnotes" / "staged")
    broken: dict[str, Sequence[Problem]] = {}
    found: list[_Note] = []
    for slug in slugs:
        try:
            note = _look(lab, slug, checks, kept, known=touched is not None and slug not in touched)
        except (InvalidNote, InvalidRecord) as error:
            broken[slug] = error.problems
            continue
        if note.entry.draft and not drafts:
            staged.left_out.append(f"{slug} is a draft (status: published in note.yml publishes it)")
        else:
            found.append(note)
    entries = [each.entry for each in found]
    related = catalogue.related(entries)
    published = frozenset(each.slug for each in entries)
    share = SEARCHED // max(len(found), 1)
    for each in found:
        slug = each.entry.slug
        context = Context(site, published, share, related[slug])
        key = memory.key(each.key, site, sorted(published & set(each.entry.links)), min(share, each.entry.size), context.related)
        files = kept.files(slug, key, target)
        if files is None:
            try:
                joined = each.joined or _joined(lab, slug, checks)
            except (InvalidNote, InvalidRecord) as error:  # it was valid when its entry was made, and was edited meanwhile
                broken[slug] = error.problems
                continue
            page = note_page(joined, context)
            if page.problems:
                broken[slug] = page.problems
                continue
            made = page_files(joined, page)
            kept.forget(slug)  # broken off between here and `keep`, it is staged anew
            staged.written += memory.write(target, made, preview=preview)  # a preview shows them while the rest is made
            made |= notebook_files(joined, page, site)
            staged.written += memory.write(target, made, preview=preview)
            files = kept.keep(slug, each.key, key, each.entry, made)
        paths |= files
        staged.pages.append(slug)
        staged.notices += [f"{slug}, {notice}" for notice in each.entry.notices]
    for slug, problems in broken.items():
        staged.problems += problems
        staged.broken.append(slug)
        if preview:
            paths |= _with_problems(slug, problems, target, kept)
    listed = [entry for entry in entries if entry.slug not in broken]
    listed += [last for slug in broken if preview and (last := kept.last_entry(slug))]
    staged.problems += catalogue.problems(listed)
    common, parts = catalogue.files(listed, site), catalogue.parts(listed, site)
    found_results = {f"checks/{entry.slug}.json": checks / f"{entry.slug}.json" for entry in listed}
    common |= {name: path.read_bytes() for name, path in found_results.items() if path.is_file()}  # CI takes them from the site
    staged.written += memory.write(target, common)
    memory.write(theme, parts)
    memory.sweep(target, paths | common.keys())
    return staged


def _own_folder(target: Path) -> Path:
    """The folder of staged pages, marked as such.

    Raises UsageError if somebody else's files are in it: what is not staged is swept away.
    """
    if target.is_dir() and any(target.iterdir()) and not (target / STAGED).is_file():
        hint = "labnotes writes the notes' pages there and removes everything else: move your files"
        raise UsageError(Problem(str(target), "holds files that labnotes did not write", hint))
    memory.write(target, {STAGED: catalogue.MARKER})
    return target


def _look(lab: Lab, slug: str, checks: Path, kept: memory.Memory, *, known: bool) -> _Note:
    """One note, read only if it changed since it was staged last, or if it is `known` not to have."""
    key = (known and kept.content(slug)) or memory.content_key(lab, slug, checks)
    entry = kept.entry(slug, key)
    if entry is not None:
        return _Note(entry, key, None)
    joined = _joined(lab, slug, checks)
    return _Note(catalogue.entry(joined), key, joined)


def _joined(lab: Lab, slug: str, checks: Path) -> Joined:
    note = notes.read(lab, slug)
    recorded = records.read(note.record_folder, lab.shown(note.record_folder))
    if recorded is None:
        hint = f"labnotes run {slug} && labnotes accept {slug}"
        raise InvalidRecord(Problem(slug, "has no record, so there is nothing to publish", hint))
    reasons = stale_reasons(recorded.provenance, recorded.cells, note, lab)
    return join(note, recorded, reasons, results.about(checks, note, recorded))


def _with_problems(slug: str, problems: Sequence[Problem], target: Path, kept: memory.Memory) -> set[str]:
    """The last page of a note with what is wrong at its head, or a page that says only that."""
    path = target / "posts" / f"{slug}.md"
    files = {name for name in kept.last(slug) if (target / name).is_file()}
    last = path.read_text(encoding="utf-8") if path.is_file() else ""
    text = page_with_problems(slug, last, [str(problem) for problem in problems])
    memory.write(target, {f"posts/{slug}.md": text.encode()}, preview=True)
    return files | {f"posts/{slug}.md"}
