"""MkDocs in a process of its own, which builds whenever it is asked to and renders only pages whose sources are newer than they are.

    python -m labnotes.site.preview.builder CONFIG SITE NUMBER

A line on its standard input asks for a build into the folder SITE; a line of JSON at the file descriptor NUMBER answers it: a `BuildAnswer`. It ends
with its standard input.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import Files

from labnotes.site.preview.build_answer import BuildAnswer

OF_EVERY_PREVIEW = "A 'dirty' build is being performed"
"""The beginning of a warning that only pages which changed are rendered, which is what a preview is for."""


def serve_requests(config_file: str, site: str, answers: int) -> None:
    """Answer one request after another."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches every process; the one that asks ends this one
    builder = _Builder(config_file, Path(site))
    with os.fdopen(answers, "w", encoding="utf-8") as out:
        for _ in sys.stdin:
            out.write(json.dumps(builder.build_pages().as_json()) + "\n")
            out.flush()


class _Builder:
    def __init__(self, config_file: str, site: Path) -> None:
        self._config_file, self._site = config_file, site
        self._watched = _WatchedFolders()
        self._files: set[str] = set()
        self._is_started = self._is_served = False
        self._messages = _KeptMessages()
        logging.getLogger("mkdocs").addHandler(self._messages)

    def build_pages(self) -> BuildAnswer:
        """Build what changed. Whatever goes wrong is in the answer."""
        self._messages.lines.clear()
        error, mount, start = "", "/", time.time()
        try:
            config = load_config(config_file=self._config_file, site_dir=str(self._site))
            mount = urlsplit(config.site_url or "/").path.rstrip("/") + "/"
            self._build_site(config, start)
        except (Exception, SystemExit) as failure:  # noqa: BLE001 - the code of a lab's hooks and plugins raises what it likes
            error = _error_text(failure)
        messages = tuple(dict.fromkeys(self._messages.lines))
        return BuildAnswer(error=error, messages=messages, watched=tuple(sorted(self._watched.paths)), mount=mount)

    def _build_site(self, config: MkDocsConfig, start: float) -> None:
        self._watched.note_settings(config)
        if not self._is_started:
            config.plugins.on_startup(command="serve", dirty=True)
            self._is_started = True
        last = _LastFiles()
        config.plugins["labnotes/preview"] = last
        build(config, dirty=True)
        if not self._is_served:  # some plugins name then what to watch
            config.plugins.on_serve(self._watched, config=config, builder=lambda: None)  # type: ignore[arg-type]
            self._is_served = True
        for path in self._files - last.paths:
            _remove_with_empty_folders(Path(path), self._site)
        self._files = last.paths
        for path in self._files:  # so that whatever is saved from now on, or was while it was read, is newer
            if os.path.isfile(path) and os.path.getmtime(path) > start:
                os.utime(path, (start, start))


class _LastFiles(BasePlugin):  # type: ignore[type-arg,no-untyped-call]  # it has no settings
    """Learns which files of the site a build knows, after all other plugins had their say."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: set[str] = set()

    @event_priority(-100)
    def on_env(self, env: Any, *, config: MkDocsConfig, files: Files) -> Any:
        self.paths = {file.abs_dest_path for file in files}
        return env


class _WatchedFolders:
    """What a change of which asks for a build, beside the lab's own files: stands in for MkDocs's server before the plugins."""

    def __init__(self) -> None:
        self.paths: set[str] = set()

    def note_settings(self, config: MkDocsConfig) -> None:
        self.paths |= {os.path.abspath(path) for path in [config.docs_dir, *config.watch]}

    def watch(self, path: str, func: Callable[[], None] | None = None, *, recursive: bool = True) -> None:
        self.paths.add(os.path.abspath(path))

    def unwatch(self, path: str) -> None:
        self.paths.discard(os.path.abspath(path))


class _KeptMessages(logging.Handler):
    """Keeps warnings and errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage().strip()
        if not text.startswith(OF_EVERY_PREVIEW):
            self.lines.append(text)


def _error_text(error: BaseException) -> str:
    """What went wrong, in words; for code of a lab's own hooks, plugins and templates, where."""
    if isinstance(error, MkDocsException):
        return str(error) or type(error).__name__
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno})"


def _remove_with_empty_folders(path: Path, root: Path) -> None:
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == root or not folder.is_dir() or any(folder.iterdir()):
            return
        folder.rmdir()


if __name__ == "__main__":
    serve_requests(sys.argv[1], sys.argv[2], int(sys.argv[3]))
