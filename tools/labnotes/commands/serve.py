"""Serve a live preview: whatever an author saves is staged again, built by MkDocs, shown and verified. Executes nothing.

No error of an author ends it or keeps it from answering: what is wrong stands on the page that it is wrong with, whose last state stays, and goes when it is
mended. One change is worked on after another, so that MkDocs never reads what is being written:

    stage the notes that changed → render the pages that changed → show them → lists, tags and search in a new folder → verify

The last two wait until the author has saved nothing for a moment, and are broken off when something is saved.
"""

from __future__ import annotations

import itertools
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers.polling import PollingObserver

from labnotes.commands import build, ports
from labnotes.commands.preview_builds import PreviewBuilds
from labnotes.commands.preview_changes import PreviewChanges
from labnotes.errors import Problem, UsageError
from labnotes.site.preview.build_answer import BuildAnswer
from labnotes.site.preview.page_server import PageServer, ShownSite
from labnotes.site.stage import site_settings, source_marks, staging
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.site.stage.staging import StagingResult
from labnotes.site.verify.verification import SiteVerifier
from labnotes.source.labs import Lab
from labnotes.source.leftovers import is_left_below
from labnotes.source.note_guard import guard_note
from labnotes.store import folders, records
from labnotes.store.dependencies import recorded_dependencies
from labnotes.store.result_stores import LogSource

LOOK = 0.3
"""Seconds between two looks at the files."""

QUIET = 1.0
"""Seconds without a change after which lists, tags and search are made anew: that takes as long as a whole build."""

PATIENCE = 60.0
"""Seconds after which a build gives way to the next change: code of a lab's hooks and plugins may never end."""


def serve_site(
    lab: Lab, host: str, port: int, checks: LogSource | None, *, tell: Callable[[str], None], show: Callable[[list[Problem]], None]
) -> None:
    """Serve the site at a port of a host of this machine until interrupted.

    `tell` gets lines about what happens, `show` problems that are new. Raises UsageError if the lab has no settings of a site, MkDocs is not
    installed, or nothing can listen there.
    """
    build.require_builder(lab)
    with build.staging_lock(lab), _listening_server(host, port) as server:
        preview = _LivePreview(lab, checks, server, tell, show)
        try:
            with _watch_lab(lab, preview):
                tell(f"Serving on http://{_address_host(host)}:{port}/")
                while True:
                    preview.work_once()
        finally:
            preview.remove_builds()


@contextmanager
def _listening_server(host: str, port: int) -> Iterator[PageServer]:
    if not ports.is_port_free(port, host):
        raise UsageError(Problem(f"port {port}", f"is taken by {ports.process_at_port(port)}", f"labnotes serve --port {port + 1}"))
    try:
        server = PageServer(host, port)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        hint = "--host localhost for this machine alone, 0.0.0.0 for every network that it is in"
        raise UsageError(Problem(f"--host {host} --port {port}", f"nothing can listen there: {why}", hint)) from None
    with server.in_background():
        yield server


def _address_host(host: str) -> str:
    """A host as an address on this machine names it."""
    known = {"127.0.0.1": "localhost", "0.0.0.0": "localhost", "::": "localhost", "": "localhost"}
    return known.get(host) or (f"[{host}]" if ":" in host else host)


class _LivePreview:
    """The live preview of a lab. `work_once` waits for a change, or does what waits for there to be none."""

    def __init__(
        self, lab: Lab, checks: LogSource | None, server: PageServer, tell: Callable[[str], None], show: Callable[[list[Problem]], None]
    ) -> None:
        self._lab, self._checks, self._server, self._tell, self._show = lab, checks, server, tell, show
        self.changes = PreviewChanges(lab)
        self.changes.note_all()
        self._folder = folders.own_folder(lab.root / ".labnotes" / "preview", lab.root)
        shutil.rmtree(self._folder)  # of a preview that was killed
        self._numbers = itertools.count(1)
        self._site: SiteSettings | None = None
        self._settings_read = b""
        self._settings_problems: list[Problem] = []
        self._staged = StagingResult()
        self._builds: PreviewBuilds | None = None
        self._answer = BuildAnswer(error="")
        self._new_folder_at: float | None = 0.0  # when everything may be built anew; None: no need
        self._verifier = SiteVerifier()
        self._is_verified = True
        self._faults: list[Problem] = []
        self._told: list[Problem] = []
        self.watch_folders: Callable[[Iterable[Path]], None] = lambda paths: None

    def work_once(self) -> None:
        self._notice_lost_folders()
        if self.changes.wait_for_change(self._patience()):
            self._take_changes()
        elif self._new_folder_at is not None:
            self._build_new_folder()
        elif not self._is_verified:
            self._verify()

    def _notice_lost_folders(self) -> None:
        """Begin anew if somebody removed what the preview wrote, as `git clean -fdx` does."""
        if self._builds is not None and not (self._builds.site.is_dir() and build.theme_of(self._lab).is_dir()):
            self._tell("what the preview wrote was removed: it is made anew")
            time.sleep(QUIET)  # it may be in the middle of being removed
            self._builds.remove_all()
            self._builds = None
            self.changes.note_all()

    def _patience(self) -> float:
        """Seconds to wait for a change before something else is done."""
        if self._new_folder_at is not None:
            return max(0.0, self._new_folder_at - time.monotonic())
        return 1.0 if self._is_verified else 0.0

    def _take_changes(self) -> None:
        changed = self.changes.take_changes()
        if changed.settings:
            self._read_settings()
        touched = None if changed.all_notes else changed.slugs | set(self._staged.broken)
        self._stage(touched)
        if changed.settings or self._builds is None or self._answer.error:
            self._new_folder_at = 0.0
        self._tell_problems()
        if self._new_folder_at == 0.0 or self._settings_problems:
            self._build_new_folder()
            return
        assert self._builds is not None
        limit = time.monotonic() + PATIENCE
        answer = self._builds.build_pages(lambda: time.monotonic() > limit and self.changes.are_waiting)
        self._take_answer(answer or BuildAnswer(error=f"took longer than {PATIENCE:.0f} s and was ended"))
        if self._staged.is_listed_anew:
            self._new_folder_at = time.monotonic() + QUIET

    def _read_settings(self) -> None:
        self._settings_problems = []
        self._settings_read = self._settings_now()
        with guard_note("mkdocs.yml", self._settings_problems):
            self._site = build.prepare_site(self._lab)
            build.tell_own_code(self._lab, self._tell)
            self._watch_also([self._site.docs, *site_settings.code_paths(self._lab.root / "mkdocs.yml")])

    def _settings_now(self) -> bytes:
        """What mkdocs.yml holds; b"" if there is none."""
        try:
            return (self._lab.root / "mkdocs.yml").read_bytes()
        except OSError:
            return b""

    def _take_unread_settings(self) -> bool:
        """Ask for the settings to be read again if they changed since, which the watcher may not have seen yet; whether they did."""
        if self._settings_now() == self._settings_read:
            return False
        self.changes.note_path(self._lab.root / "mkdocs.yml")
        return True

    def _watch_also(self, paths: Sequence[Path]) -> None:
        docs = self._site.docs if self._site else self.changes.docs
        self.changes.docs = docs
        self.changes.code |= {path for path in paths if path != docs}
        self.watch_folders(paths)

    def _stage(self, touched: set[str] | None) -> None:
        if self._site is None:
            return  # its settings were never such that notes could be staged
        problems: list[Problem] = []
        with guard_note("", problems):  # a file may vanish while it is read; the next event tries again
            slugs = self._lab.note_slugs()
            theme = build.theme_of(self._lab)
            self._staged = staging.stage_notes(
                self._lab, slugs, self._site, theme, self._checks, drafts=True, preview=True, touched=touched
            )
            if self._staged.written:
                self._tell(f"staged {self._staged.written} file{'s' if self._staged.written > 1 else ''}")
        self._staged.together += problems

    def _build_new_folder(self) -> None:
        """Build all pages into a new folder, which takes the place of the last one if that succeeds and nothing is saved meanwhile."""
        if self._settings_problems:
            self._new_folder_at = None  # their next change asks again
            self._show_site()
            return
        if self._take_unread_settings():
            return  # MkDocs would run code that they name before that is told
        builds = PreviewBuilds(self._lab, self._folder / str(next(self._numbers)))
        is_needed = self._builds is None or self._answer.error != ""
        limit = time.monotonic() + (PATIENCE if is_needed else 0)
        answer = builds.build_pages(lambda: time.monotonic() > limit and self.changes.are_waiting)
        if answer is None or self._take_unread_settings():
            builds.remove_all()
            return  # something was saved, which is staged first
        self._new_folder_at = None
        if answer.error and self._builds is not None:
            builds.remove_all()
        else:
            last, self._builds = self._builds, builds
            if last is not None:
                self._server.show(replace(self._server.shown, folder=builds.site), has_new_pages=False)
                last.remove_all()
        self._take_answer(answer)
        self._watch_also([Path(path) for path in answer.watched])

    def _take_answer(self, answer: BuildAnswer) -> None:
        for message in answer.messages:
            if message not in self._answer.messages:
                self._tell(message)
        self._answer = answer
        self._is_verified = answer.error != ""
        if answer.error:
            self._new_folder_at = None
        self._show_site(has_new_pages=not answer.error)
        self._tell_problems()

    def _verify(self) -> None:
        assert self._builds is not None
        problems = self._verifier.site_problems(self._builds.site, lambda: self.changes.are_waiting)
        if problems is None:
            return
        self._is_verified = True
        self._faults = [source_marks.with_source_place(problem, self._builds.site, self.changes.docs) for problem in problems]
        self._show_site()
        self._tell_problems()

    def _show_site(self, *, has_new_pages: bool = False) -> None:
        broken = {f"notes/{slug}/index.html": _as_texts(problems) for slug, problems in self._staged.broken.items()}
        faults: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for problem in self._faults:
            faults[_page_of(problem)] += (str(problem),)
        faults["index.html"] += _as_texts(self._staged.together)
        shown = ShownSite(
            folder=self._builds.site if self._builds and not self._never_built else None,
            mount=self._answer.mount,
            broken=broken,
            faults={page: texts for page, texts in faults.items() if texts},
            failure=_as_texts(self._build_problems()),
        )
        self._server.show(shown, has_new_pages=has_new_pages)

    @property
    def _never_built(self) -> bool:
        return self._builds is None or not (self._builds.site / "index.html").is_file()

    def _build_problems(self) -> list[Problem]:
        if self._settings_problems:
            return self._settings_problems
        if not self._answer.error:
            return []
        return [Problem("mkdocs", "\n".join([*self._answer.messages, self._answer.error]), "the preview goes on when this is mended")]

    def _tell_problems(self) -> None:
        """Tell the problems that were not told yet, and when none is left."""
        problems = [*self._build_problems(), *self._staged.all_problems, *self._faults]
        new = [problem for problem in problems if problem not in self._told]
        if new:
            self._show(new)
        elif self._told and not problems:
            self._tell("all problems are mended")
        elif len(problems) < len(self._told):
            self._tell(f"{len(problems)} problem{'s are' if len(problems) > 1 else ' is'} left")
        self._told = problems

    def remove_builds(self) -> None:
        if self._builds is not None:
            self._builds.remove_all()
        shutil.rmtree(self._folder, ignore_errors=True)


def _as_texts(problems: Sequence[Problem]) -> tuple[str, ...]:
    return tuple(str(problem) for problem in problems)


def _page_of(problem: Problem) -> str:
    """The page of the site that a problem of it is shown on."""
    place = problem.where.rpartition("(")[2].rstrip(")")  # where the source is known, the page stands behind it
    page = place.partition(":")[0]
    return page if page.endswith(".html") else "index.html"


@contextmanager
def _watch_lab(lab: Lab, preview: _LivePreview) -> Iterator[None]:
    class ChangeHandler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in ("opened", "closed_no_write") or event.is_directory:
                return
            for path in (Path(str(path)) for path in (event.src_path, event.dest_path) if path):
                if _is_relevant(path, lab):
                    preview.changes.note_path(path)

    # it looks at the files themselves: inotify's thread dies when `accept` exchanges two folders
    observer: Any = PollingObserver(timeout=LOOK)
    watched: set[Path] = set()

    def watch_folders(paths: Iterable[Path]) -> None:
        for path in sorted({path if path.is_dir() else path.parent for path in paths} - watched):
            if path.is_dir() and not any(parent in watched for parent in path.parents if parent != lab.root):
                watched.add(path)
                observer.schedule(ChangeHandler(), str(path), recursive=path != lab.root)

    watch_folders(_watched_folders(lab))
    preview.watch_folders = watch_folders
    observer.start()
    try:
        yield
    finally:
        observer.stop()
        observer.join()


def _watched_folders(lab: Lab) -> list[Path]:
    """List the folders to watch: the lab, its notes, and every folder in it that holds something a record depends on."""
    tops = {lab.notes_folder, lab.root}
    for slug in lab.note_slugs():
        folder = lab.notes_folder / slug / "record"
        with guard_note(slug, []):  # the staging tells what is wrong
            provenance = records.read_provenance(folder, folder)
            needs = recorded_dependencies(provenance.dependencies) if provenance else ()
            tops |= {dependency.top_folder(lab) for dependency in needs}
    return sorted(top for top in tops if top.is_dir())


def _is_relevant(path: Path, lab: Lab) -> bool:
    """Whether a change of a file may change a page: not of what a build or an editor writes."""
    try:
        parts = path.relative_to(lab.root).parts
    except ValueError:
        return True  # MkDocs was asked to watch it
    if not parts or "record.new" in parts or parts[-1].startswith(".") or is_left_below(path, lab.root):
        return False
    return parts[0] not in ("site", ".labnotes")
