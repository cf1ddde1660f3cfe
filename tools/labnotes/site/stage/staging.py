"""Notes and their records as plain Markdown, pictures, data and executed notebooks, for a site builder. Executes nothing.

    docs/notes/posts/SLUG.md     a note's page, published at /notes/SLUG/
    docs/notes/SLUG/             what it shows and offers: figures, data, executed notebook, notebook page, record, history of its checks
    docs/notes/index.md          all notes by year; beside it feeds, authors, and every claim as JSON

A note whose files and context did not change since it was staged last is left as it is.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from labnotes.store import audits, check_log, records
from labnotes.source import notes
from labnotes.store.check_log import LogSource
from labnotes.errors import InvalidNote, InvalidRecord, Problem, UsageError
from labnotes.store.staleness import stale_reasons
from labnotes.source.labs import STAGED, Lab
from labnotes.site.stage import note_lists, incremental
from labnotes.site.stage.note_lists import Entry
from labnotes.site.stage.staged_files import history_files, notebook_files, page_files
from labnotes.site.stage.note_page import Joined, join
from labnotes.site.stage.page import Context, note_page, page_with_problems
from labnotes.site.stage.site_settings import Site


SEARCHED = 2_000_000
"""Characters of all notes together that the search may index: everything up to about a hundred notes, of more the beginnings."""


@dataclass
class Staged:
    """What was staged, what was left out and why, what was not published of it, and what is wrong.

    `broken` are the notes that could not be staged, each with its problems; `together` is what is wrong with notes that could, seen
    together; `written` counts files that changed.
    """

    pages: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    broken: dict[str, Sequence[Problem]] = field(default_factory=dict)
    together: list[Problem] = field(default_factory=list)
    written: int = 0

    @property
    def problems(self) -> list[Problem]:
        return [*chain.from_iterable(self.broken.values()), *self.together]


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
    checks: LogSource | None,
    *,
    drafts: bool,
    preview: bool = False,
    touched: Container[str] | None = None,
) -> Staged:
    """Bring docs/notes/ and the theme's staged parts up to date.

    In a preview a note that cannot be staged at the moment keeps its last page, which then says what is wrong. `touched` are the notes
    that may have changed since the last call; None if any may have.
    """
    stager = _Stager(lab, site, checks, preview)
    found = stager.survey(slugs, drafts=drafts, touched=touched)
    stager.pages(found)
    stager.catalogue([each.entry for each in found], theme)
    return stager.staged


class _Stager:
    """One staging: `survey` finds the notes, `pages` writes what belongs to each, `catalogue` what is said of all together."""

    def __init__(self, lab: Lab, site: Site, checks: LogSource | None, preview: bool) -> None:
        self._lab, self._site, self._checks, self._preview = lab, site, checks, preview
        self._target = _own_folder(site.docs / "notes")
        self._memory = incremental.Memory(lab.root / ".labnotes" / "staged")
        self._paths: set[str] = set()
        self.staged = Staged()

    def survey(self, slugs: Sequence[str], *, drafts: bool, touched: Container[str] | None) -> list[_Note]:
        """The notes to publish. One is read only if it changed since it was staged last."""
        found = []
        for slug in slugs:
            try:
                note = self._look(slug, known=touched is not None and slug not in touched)
            except (InvalidNote, InvalidRecord) as error:
                self.staged.broken[slug] = error.problems
                continue
            if note.entry.draft and not drafts:
                self.staged.left_out.append(f"{slug} is a draft (status: published in note.yml publishes it)")
            else:
                found.append(note)
        return found

    def _look(self, slug: str, *, known: bool) -> _Note:
        """One note; `known` if it is known not to have changed."""
        key = (known and self._memory.content(slug)) or incremental.content_key(self._lab, slug, self._checks)
        entry = self._memory.entry(slug, key)
        if entry is not None:
            return _Note(entry, key, None)
        joined = self._joined(slug)
        return _Note(note_lists.entry(joined), key, joined)

    def _joined(self, slug: str) -> Joined:
        note = notes.read(self._lab, slug)
        recorded = records.read(note.record_folder, self._lab.shown(note.record_folder))
        if recorded is None:
            hint = f"labnotes run {slug} && labnotes accept {slug}"
            raise InvalidRecord(Problem(slug, "has no record, so there is nothing to publish", hint))
        reasons = stale_reasons(recorded.provenance, recorded.cells, note, self._lab)
        log = check_log.read(self._lab, slug, self._checks)
        joined = join(note, recorded, reasons, log, self._lab, audits.of(note, recorded))
        said = audits.remark(note, recorded)
        return replace(joined, remarks=(*joined.remarks, said)) if said else joined

    def pages(self, found: Sequence[_Note]) -> None:
        """The files of each note. One with a problem goes without; in a preview it keeps its last page."""
        published = {each.entry.slug: each.entry.anchors for each in found}
        related = note_lists.related([each.entry for each in found])
        share = SEARCHED // max(len(found), 1)
        for each in found:
            slug = each.entry.slug
            try:
                self._paths |= self._files(each, Context(self._site, published, share, related[slug]))
            except (InvalidNote, InvalidRecord) as error:
                self.staged.broken[slug] = error.problems
                continue
            self.staged.pages.append(slug)
            self.staged.notices += [f"{slug}: {notice}" for notice in each.entry.notices]
        if self._preview:
            for slug, problems in self.staged.broken.items():
                self._paths |= self._with_problems(slug, problems)

    def _files(self, each: _Note, context: Context) -> set[str]:
        """The files of a note, written anew if what they are made from changed.

        Raises InvalidNote for math and links that cannot be published, and if the note was edited and broken since its entry was made.
        """
        entry = each.entry
        linked = {slug: context.published[slug] for slug in entry.links if slug in context.published}
        key = incremental.key(each.key, self._site, linked, min(context.share, entry.size), context.related)
        files = self._memory.files(entry.slug, key, self._target)
        if files is not None:
            return files
        joined = each.joined or self._joined(entry.slug)
        page = note_page(joined, context)
        if page.problems:
            raise InvalidNote(*page.problems)
        made = page_files(joined, page)
        self._memory.forget(entry.slug)  # broken off between here and `keep`, it is staged anew
        self._write(made)  # a preview shows them while the rest is made
        made |= notebook_files(joined, page, self._site) | history_files(joined, self._lab)
        self._write(made)
        return self._memory.keep(entry.slug, each.key, key, entry, made)

    def _with_problems(self, slug: str, problems: Sequence[Problem]) -> set[str]:
        """The last page of a note with what is wrong at its head, or a page that says only that."""
        path = self._target / "posts" / f"{slug}.md"
        files = {name for name in self._memory.last(slug) if (self._target / name).is_file()}
        last = path.read_text(encoding="utf-8") if path.is_file() else ""
        text = page_with_problems(slug, last, [str(problem) for problem in problems])
        incremental.write(self._target, {f"posts/{slug}.md": text.encode()}, preview=True)
        return files | {f"posts/{slug}.md"}

    def catalogue(self, entries: Sequence[Entry], theme: Path) -> None:
        """What is said of all notes together. Sweeps away what belongs to no note any more."""
        broken = self.staged.broken
        listed = [entry for entry in entries if entry.slug not in broken]
        listed += [last for slug in broken if self._preview and (last := self._memory.last_entry(slug))]
        self.staged.together = note_lists.problems(listed)
        common = dict(note_lists.files(listed, self._site))
        self.staged.written += incremental.write(self._target, common)
        incremental.write(theme, note_lists.parts(listed, self._site))
        incremental.sweep(self._target, self._paths | common.keys())

    def _write(self, files: Mapping[str, bytes]) -> None:
        self.staged.written += incremental.write(self._target, files, preview=self._preview)


def _own_folder(target: Path) -> Path:
    """The folder of staged pages, marked as such.

    Raises UsageError if somebody else's files are in it: what is not staged is swept away.
    """
    if target.is_dir() and any(target.iterdir()) and not (target / STAGED).is_file():
        hint = "labnotes writes the notes' pages there and removes everything else: move your files"
        raise UsageError(Problem(str(target), "holds files that labnotes did not write", hint))
    incremental.write(target, {STAGED: note_lists.MARKER})
    return target
