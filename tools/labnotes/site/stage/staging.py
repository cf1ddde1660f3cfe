"""Notes and their records as plain Markdown, pictures, data and executed notebooks, for a site builder. Executes nothing.

    docs/notes/posts/SLUG.md     a note's page, published at /notes/SLUG/
    docs/notes/SLUG/             what it shows and offers: figures, data, executed notebook, notebook page, record, its claims, its checks
    docs/notes/FORMER/           pages that lead to a note which had this slug before
    docs/notes/index.md          all notes by year; beside it feeds, authors, and every claim as JSON

A note whose files and context did not change since it was staged last is left as it is.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from labnotes.errors import InvalidNote, InvalidRecord, Problem, UsageError
from labnotes.site.stage import incremental, note_lists, redirects, search_index, searched_pages
from labnotes.site.stage.body import PageContext
from labnotes.site.stage.claims_page import claims_files
from labnotes.site.stage.note_lists import ListedNote
from labnotes.site.stage.note_page import NotePage, join_record
from labnotes.site.stage.page import render_note_page
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.site.stage.staged_files import history_files, notebook_files, page_files
from labnotes.source import notes
from labnotes.source.labs import STAGED, Lab, printable_name
from labnotes.source.note_guard import guard_note
from labnotes.store import audits, check_log, folders, record_edits, record_versions, records
from labnotes.store.commit_history import CommitHistory
from labnotes.store.result_stores import LogSource
from labnotes.store.staleness import stale_reasons


@dataclass
class StagingResult:
    """What was staged, what was left out and why, what was not published of it, and what is wrong.

    `broken` are the notes that could not be staged, each with its problems; `together` is what is wrong with notes that could, seen
    together; `written` counts files that changed, `is_listed_anew` tells whether lists of notes, feeds or the overview did.
    """

    pages: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    broken: dict[str, Sequence[Problem]] = field(default_factory=dict)
    together: list[Problem] = field(default_factory=list)
    written: int = 0
    is_listed_anew: bool = False

    @property
    def all_problems(self) -> list[Problem]:
        return [*chain.from_iterable(self.broken.values()), *self.together]


@dataclass
class _SurveyedNote:
    """A note that `survey_notes` found: its entry in the catalogue, its content key, and the joined note if it had to be read."""

    entry: ListedNote
    key: str
    joined: NotePage | None


def stage_notes(
    lab: Lab,
    slugs: Sequence[str],
    site: SiteSettings,
    theme: Path,
    checks: LogSource | None,
    *,
    drafts: bool,
    preview: bool = False,
    touched: Container[str] | None = None,
) -> StagingResult:
    """Bring docs/notes/ and the theme's staged parts up to date.

    In a preview a note that cannot be staged at the moment keeps its last page. `touched` are the notes that may have changed since the last
    call; None if any may have.
    """
    stager = _NoteStager(lab, site, checks, preview)
    surveyed = stager.survey_notes(slugs, drafts=drafts, touched=touched)
    stager.stage_pages(surveyed)
    stager.stage_catalogue([note.entry for note in surveyed], theme)
    return stager.staged


class _NoteStager:
    """One staging: `survey_notes` finds the notes, `stage_pages` writes the files of each, `stage_catalogue` what is said of all."""

    def __init__(self, lab: Lab, site: SiteSettings, checks: LogSource | None, preview: bool) -> None:
        self._lab, self._site, self._checks, self._preview = lab, site, checks, preview
        root = lab.root if site.docs.is_relative_to(lab.root) else site.docs
        folders.refuse_links(site.docs / "notes", root)
        self._target = _own_folder(site.docs / "notes")
        self._cache = incremental.StageCache(folders.own_folder(lab.root / ".labnotes" / "staged", lab.root))
        self._paths: set[str] = set()
        self._unrecorded_drafts: set[str] = set()
        self._commits = CommitHistory(lab)
        self.staged = StagingResult()

    def survey_notes(self, slugs: Sequence[str], *, drafts: bool, touched: Container[str] | None) -> list[_SurveyedNote]:
        """The notes to publish. One is read only if it changed since it was staged last."""
        surveyed = []
        for slug in slugs:
            problems: list[Problem] = []
            note = None
            with guard_note(printable_name(slug), problems):
                note = self._look_up_note(slug, known=touched is not None and slug not in touched)
            if note is None:
                self._keep_unread(slug, problems, drafts=drafts)
            elif note.entry.draft and not drafts:
                self.staged.left_out.append(f"{slug} is a draft (status: published in note.yml publishes it)")
            else:
                surveyed.append(note)
        return surveyed

    def _keep_unread(self, slug: str, problems: list[Problem], *, drafts: bool) -> None:
        """Keep what is wrong with a note that could not be read; a draft that was never run is only left out."""
        if self._preview or slug not in self._unrecorded_drafts:
            self.staged.broken[slug] = problems
        elif drafts:
            self.staged.left_out.append(f"{slug} is a draft without a record: {problems[0].hint}")
        else:
            self.staged.left_out.append(f"{slug} is a draft (status: published in note.yml publishes it)")

    def _look_up_note(self, slug: str, *, known: bool) -> _SurveyedNote:
        """A note as the cache knows it, read anew if it changed; `known` says that it is known not to have changed."""
        key = (known and self._cache.last_content_key(slug)) or incremental.digest_of_parts(
            incremental.content_key(self._lab, slug, self._checks), self._commits.note_commits(slug)
        )
        entry = self._cache.unchanged_entry(slug, key)
        if entry is not None:
            return _SurveyedNote(entry, key, None)
        joined = self._join_note(slug)
        return _SurveyedNote(note_lists.listed_note(joined), key, joined)

    def _join_note(self, slug: str) -> NotePage:
        note = notes.read_note(self._lab, slug)
        recorded = records.read_record(note.record_folder, self._lab.shown_path(note.record_folder))
        if recorded is None:
            hint = f"labnotes run {slug} && labnotes accept {slug}"
            if note.settings.status == "draft":
                self._unrecorded_drafts.add(slug)
            raise InvalidRecord(Problem(slug, "has no record, so there is nothing to publish", hint))
        edits = record_edits.edit_remarks(note, recorded)
        reasons = edits + stale_reasons(recorded.provenance, recorded.cells, note, self._lab)
        log = check_log.read_log(self._lab, slug, self._checks)
        joined = join_record(note, recorded, reasons, log, self._lab, audits.current_audit(note, recorded))
        said = audits.audit_remark(note, recorded)
        commits = self._commits.note_commits(slug, note.settings.former_slugs)
        present = record_versions.summarise_record((note.record_folder / "record.json").read_bytes(), recorded.provenance)
        versions = record_versions.known_versions(note.folder, self._lab.shown_path(note.folder), present, commits, log.checks)
        return replace(joined, remarks=(*joined.remarks, *([said] if said else [])), versions=versions, commits=commits)

    def stage_pages(self, surveyed: Sequence[_SurveyedNote]) -> None:
        """Write the files of each note. A note with a problem gets none; in a preview it keeps its last page."""
        self._stage_together(surveyed)
        sound = [note for note in surveyed if note.entry.slug not in self.staged.broken]
        if len(sound) < len(surveyed) and not self._preview:  # pages name related notes, of which some turned out to have no page
            self.staged.pages, self.staged.notices, self._paths = [], [], set()
            self._stage_together(sound)
        if self._preview:
            for slug in self.staged.broken:
                self._paths |= self._cache.last_files(slug)

    def _stage_together(self, surveyed: Sequence[_SurveyedNote]) -> None:
        entries = [*(note.entry for note in surveyed), *self._last_entries()]  # others' pages do not change while a note is broken
        # what is wrong with a note is told once: a link to it is as good as the note will be
        published: dict[str, Sequence[str] | None] = {
            **dict.fromkeys(self.staged.broken),
            **{entry.slug: entry.anchors for entry in entries},
        }
        related = note_lists.related_notes(entries)
        for note in surveyed:
            slug = note.entry.slug
            problems: list[Problem] = []
            with guard_note(slug, problems):
                self._paths |= self._stage_files(note, PageContext(self._site, published, related[slug]))
            if problems:
                self.staged.broken[slug] = problems
                continue
            self.staged.pages.append(slug)
            self.staged.notices += [f"{slug}: {notice}" for notice in note.entry.notices]

    def _stage_files(self, note: _SurveyedNote, context: PageContext) -> set[str]:
        """Write the files of a note anew if what they are made from changed. Returns their names.

        Raises InvalidNote for math and links that cannot be published, and if the note was edited and broken since its entry was made.
        """
        entry = note.entry
        linked = {slug: context.published[slug] for slug in entry.links if slug in context.published}
        key = incremental.digest_of_parts(note.key, self._site, linked, context.related)
        files = self._cache.unchanged_files(entry.slug, key, self._target)
        if files is not None:
            return files
        joined = note.joined or self._join_note(entry.slug)
        page = render_note_page(joined, context)
        if page.problems:
            raise InvalidNote(*page.problems)
        made = page_files(joined, page) | notebook_files(joined, page, self._site) | history_files(joined) | claims_files(joined)
        self._cache.forget_note(entry.slug)  # if staging is interrupted before `keep_note`, the next one stages this note anew
        self.staged.written += incremental.write_changed_files(self._target, made)
        return self._cache.keep_note(entry.slug, note.key, key, entry, made)

    def stage_catalogue(self, entries: Sequence[ListedNote], theme: Path) -> None:
        """Write what is said of all notes together, and remove the files that belong to no note any more."""
        listed = [*(entry for entry in entries if entry.slug not in self.staged.broken), *self._last_entries()]
        self.staged.together = [*note_lists.tag_problems(listed), *note_lists.author_problems(listed), *redirects.redirect_problems(listed)]
        common = {**note_lists.shared_files(listed, self._site), **redirects.redirect_files(listed, self._site)}
        search = search_index.search_files(listed, searched_pages.read_pages(self._site, self.staged.together))
        count = incremental.write_changed_files(self._target, common)
        self.staged.written += count + incremental.write_changed_files(self._target, search)  # which no list shows
        self.staged.is_listed_anew = count + incremental.write_changed_files(theme, note_lists.theme_files(listed, self._site)) > 0
        incremental.remove_other_files(self._target, self._paths | common.keys() | search.keys())

    def _last_entries(self) -> list[ListedNote]:
        """The entries that broken notes had in the catalogue when they were staged last: in a preview they stand until the note is mended."""
        return [last for slug in self.staged.broken if self._preview and (last := self._cache.last_entry(slug))]


def _own_folder(target: Path) -> Path:
    """The folder of staged pages, marked as such.

    Raises UsageError if somebody else's files are in it: what is not staged is swept away.
    """
    if target.is_dir() and any(target.iterdir()) and not (target / STAGED).is_file():
        hint = "labnotes writes the notes' pages there and removes everything else: move your files"
        raise UsageError(Problem(str(target), "holds files that labnotes did not write", hint))
    incremental.write_changed_files(target, {STAGED: note_lists.MARKER})
    return target
