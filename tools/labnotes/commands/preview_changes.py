"""What changed in a lab since the preview looked last."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from labnotes.source.labs import Lab

SETTLE = 0.05
"""Seconds of quiet after an event before it is acted on: editors write a file in several steps."""

TAGS_PAGE = "tags.md"
"""The hand-written page whose being there changes the pages of notes."""

SETTINGS = (".yml", ".yaml", ".py")
"""The endings of files beside mkdocs.yml that it may take over or name. Others lie there too: where an author keeps what the preview says, say."""


@dataclass
class ChangedParts:
    """The parts of a lab that changed: notes by slug, or all of them, and the settings of the site with the code that MkDocs runs."""

    slugs: set[str] = field(default_factory=set)
    all_notes: bool = False
    settings: bool = False


class PreviewChanges:
    """Collects the changes that a watcher's thread notes until the preview takes them.

    `docs` is the folder of the hand-written pages; `code` are paths of what MkDocs runs or reads beside them, such as hooks and templates.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._lock = threading.Lock()
        self._event = threading.Event()
        self._parts = ChangedParts()
        self.docs = lab.root / "docs"
        self.code: frozenset[Path] = frozenset()

    @property
    def are_waiting(self) -> bool:
        return self._event.is_set()

    def note_all(self) -> None:
        with self._lock:
            self._parts.all_notes = self._parts.settings = True
        self._event.set()

    def note_path(self, path: Path) -> None:
        """Remember that a file changed: one in a note's folder concerns that note, a hand-written page no note, another may concern all."""
        if path.is_relative_to(self.docs / "notes"):
            return  # written by staging
        parts = path.relative_to(self._lab.root).parts if path.is_relative_to(self._lab.root) else ()
        is_setting = len(parts) == 1 and path.suffix in SETTINGS
        is_code = is_setting or path == self.docs / TAGS_PAGE or any(path.is_relative_to(code) for code in self.code)
        with self._lock:
            self._parts.settings |= is_code
            if parts[:1] == ("notes",) and len(parts) > 2:
                self._parts.slugs.add(parts[1])
            elif is_code or not path.is_relative_to(self.docs):
                self._parts.all_notes = True
        self._event.set()

    def wait_for_change(self, seconds: float) -> bool:
        """Wait for a change, and until it has settled; whether there is one."""
        if not self._event.wait(timeout=seconds):
            return False
        while True:
            self._event.clear()
            if not self._event.wait(timeout=SETTLE):
                break
        self._event.set()
        return True

    def take_changes(self) -> ChangedParts:
        with self._lock:
            taken, self._parts = self._parts, ChangedParts()
            self._event.clear()
        return taken
