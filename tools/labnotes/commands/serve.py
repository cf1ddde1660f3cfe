"""Serve a live preview: whatever an author saves is staged again, MkDocs shows it. Executes nothing.

MkDocs serves the pages, reloads the browser, and renders only pages that changed; this module keeps docs/notes/ up to date under it. Lists
and the search stay as they were at the start: rendering them again takes as long as a whole build.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers.polling import PollingObserver

from labnotes.commands import build, ports
from labnotes.errors import Problem, UsageError
from labnotes.site.stage import site_settings, staging
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source.labs import Lab
from labnotes.source.leftovers import is_left_below
from labnotes.source.note_guard import guard_note
from labnotes.store import records
from labnotes.store.dependencies import recorded_dependencies
from labnotes.store.result_stores import LogSource

SETTLE = 0.05
"""Seconds of quiet after an event before the notes are staged: editors write a file in several steps."""

LOOK = 0.3
"""Seconds between two looks at the files."""


def serve_site(lab: Lab, port: int, checks: LogSource | None, *, tell: Callable[[str], None], show: Callable[[list[Problem]], None]) -> int:
    """Serve the site at a port of localhost until interrupted; returns the status of MkDocs.

    `tell` gets lines about what happens, `show` the problems whenever they change (an empty list when all are mended).
    Raises UsageError if the port is taken, there are no usable site settings, or MkDocs or a plugin that they name is not installed.
    """
    if not ports.is_port_free(port):
        raise UsageError(Problem(f"port {port}", f"is taken by {ports.process_at_port(port)}", f"labnotes serve --port {port + 1}"))
    with build.staging_lock(lab):
        site = build.prepare_site(lab)
        build.tell_own_code(lab, tell)
        return _serve_preview(lab, f"localhost:{port}", _LivePreview(lab, site, checks, tell, show), tell)


def _serve_preview(lab: Lab, address: str, preview: _LivePreview, tell: Callable[[str], None]) -> int:
    preview.stage_touched()
    server = subprocess.Popen(
        build.mkdocs_command(lab, "serve", "--dirty", "--livereload", "--dev-addr", address),
        cwd=lab.root,
        env=build.mkdocs_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=_end_with_parent(),
    )
    threading.Thread(target=_relay_output, args=(server, tell), daemon=True).start()
    try:
        with _watch_lab(lab, preview.note_change):
            while server.poll() is None:
                preview.stage_next_change()
    finally:
        server.terminate()
        server.wait(timeout=5)
    return server.returncode


def _end_with_parent() -> Callable[[], object] | None:
    """What a child process does first so that it ends when this process does, however that ends; None where the system has nothing for it."""
    if sys.platform != "linux":
        return None
    set_death_signal = 1
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(set_death_signal, signal.SIGTERM)


class _LivePreview:
    """The live preview of a lab: it stages the notes again after every change, and tells the problems whenever they change."""

    def __init__(
        self, lab: Lab, site: SiteSettings, checks: LogSource | None, tell: Callable[[str], None], show: Callable[[list[Problem]], None]
    ) -> None:
        self._lab, self._site, self._checks, self._tell, self._show = lab, site, checks, tell, show
        self._event = threading.Event()
        self._changes: SimpleQueue[str | None] = SimpleQueue()
        self._problems: list[Problem] = []
        self._broken: set[str] = set()

    def note_change(self, path: Path) -> None:
        """Remember that a file of the lab changed: one in a note's folder concerns that note, another may concern all."""
        parts = path.relative_to(self._lab.root).parts
        if parts[0] == ".labnotes":  # the result of a check
            self._changes.put(path.stem)
        else:
            self._changes.put(parts[1] if parts[0] == "notes" and len(parts) > 2 else None)
        self._event.set()

    def stage_next_change(self) -> None:
        """Wait for a change, at most a second, and stage it."""
        if not self._event.wait(timeout=1):
            return
        while True:
            self._event.clear()
            if not self._event.wait(timeout=SETTLE):
                break
        touched_slugs = set()
        while not self._changes.empty():
            touched_slugs.add(self._changes.get())
        self.stage_touched(None if None in touched_slugs else {slug for slug in touched_slugs if slug} | self._broken)

    def stage_touched(self, touched: set[str] | None = None) -> None:
        """Stage the notes whose slugs are in `touched`; None: the site's settings and all notes."""
        theme = build.theme_of(self._lab)
        problems: list[Problem] = []
        with guard_note("", problems):  # a file may vanish while it is read; the next event tries again
            slugs = self._lab.note_slugs()
            if touched is None:
                self._site = site_settings.read_settings(self._lab.root / "mkdocs.yml")
            staged = staging.stage_notes(self._lab, slugs, self._site, theme, self._checks, drafts=True, preview=True, touched=touched)
            problems, self._broken = staged.all_problems, set(staged.broken)
            if staged.written:
                self._tell(f"staged {staged.written} file{'s' if staged.written > 1 else ''}")
        if problems != self._problems:
            self._show(problems)
            if not problems:
                self._tell("all problems are mended")
            self._problems = problems


@contextmanager
def _watch_lab(lab: Lab, changed: Callable[[Path], None]) -> Iterator[None]:
    class ChangeHandler(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            if event.event_type in ("opened", "closed_no_write") or event.is_directory:
                return
            for path in (Path(str(path)) for path in (event.src_path, event.dest_path) if path):
                if _is_relevant(path, lab):
                    changed(path)

    # it looks at the files themselves: inotify's thread dies when `accept` exchanges two folders
    observer: Any = PollingObserver(timeout=LOOK)
    for folder in _watched_folders(lab):
        observer.schedule(ChangeHandler(), str(folder), recursive=folder != lab.root)
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
    try:
        parts = path.relative_to(lab.root).parts
    except ValueError:
        return False
    if not parts or "record.new" in parts or parts[-1].startswith(".") or is_left_below(path, lab.root):
        return False
    return parts[0] not in ("site", "docs", ".labnotes")


def _relay_output(server: subprocess.Popen[str], tell: Callable[[str], None]) -> None:
    """Pass on what an author needs of what MkDocs says: the address, warnings and errors."""
    for line in server.stdout or ():
        if any(word in line for word in ("WARNING", "ERROR", "Error", "Serving on")):
            tell(line.split(" -  ", 1)[-1].strip())
