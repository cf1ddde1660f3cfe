"""The process with MkDocs that builds the pages of a preview, from outside: asked for builds, waited for, and ended, whatever becomes of it."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from labnotes.commands import build
from labnotes.kernel import system_calls
from labnotes.site.preview.build_answer import BuildAnswer
from labnotes.source.labs import Lab

LOOK = 0.1
"""Seconds between two looks at whether a build is still wanted."""

LAST_LINES = 20
"""How many lines are shown of what a process said that ended before it answered."""


class PreviewBuilds:
    """Builds of one preview into one folder. The first renders every page, each later one those whose sources changed since."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.site = folder / "site"
        self._folder = folder
        self.site.mkdir(parents=True)
        self._log = folder / "said.txt"
        receiving, sending = os.pipe()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "labnotes.site.preview.builder", str(lab.root / "mkdocs.yml"), str(self.site), str(sending)],
                cwd=lab.root,
                env={**build.mkdocs_environment(), build.OWN_PREVIEW: "1"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=[sending],
                preexec_fn=_end_with_parent(),
            )
        os.close(sending)
        self._answers = os.fdopen(receiving, "rb")

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def build_pages(self, is_interrupted: Callable[[], bool]) -> BuildAnswer | None:
        """Build; None as soon as `is_interrupted` says that this is not wanted any more, which ends the process."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"build\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return self._ended_answer()
        while not select.select([self._answers], [], [], LOOK)[0]:
            if is_interrupted():
                self._end_process()
                return None
        line = self._answers.readline()
        return BuildAnswer.from_line(line.decode()) if line.endswith(b"\n") else self._ended_answer()

    def _ended_answer(self) -> BuildAnswer:
        status = self._process.wait()
        said = tuple(self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-LAST_LINES:])
        return BuildAnswer(error=f"the process of MkDocs ended with status {status}", messages=said)

    def _end_process(self) -> None:
        self._process.kill()
        self._process.wait()

    def remove_all(self) -> None:
        """End the process and remove what it built."""
        self._end_process()
        self._answers.close()
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):  # it may have ended before it read all
                self._process.stdin.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _end_with_parent() -> Callable[[], object] | None:
    """What a child process does first so that it ends when this process does, however that ends; None where the system has nothing for it."""
    if sys.platform != "linux":
        return None
    set_death_signal = 1
    return lambda: system_calls.control_process(set_death_signal, signal.SIGTERM)
