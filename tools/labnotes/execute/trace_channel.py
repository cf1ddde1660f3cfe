"""The way by which a run's processes tell what they do: a socket that the run can write to, into a file that it cannot reach.

What was told can neither be taken back nor changed. Where the system has no such sockets of useful size, the processes append to the file itself.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from labnotes.author.recording import PUBLISHED, STRAYED
from labnotes.kernel.cell_watch import CELL, CODE, ERROR, LEFT, PROGRAM
from labnotes.kernel.states import STATE
from labnotes.kernel.told_values import VALUE
from labnotes.kernel.tracing import LONGEST_FINDING

PATHS = ("module", "read", "write", "list")
"""Kinds of findings that are about a path, with its state."""

FORMS: Mapping[str, tuple[type | tuple[type, ...], ...]] = {
    "isolation": (str, str),
    "baseline": (list,),
    "package": (str,),
    "import": (str,),
    "network": (str,),
    "hidden": (str,),
    STATE: (int, dict),
    VALUE: (str, list),
    CODE: (str, str),
    LEFT: (str, str),
    PROGRAM: (str, str, int),
    PUBLISHED: (str, str, str),
    STRAYED: (str, str, str),
    ERROR: (str, str, int, str, str, str, list),
    **dict.fromkeys(PATHS, (str, (list, type(None)))),
}
"""The values of each kind of finding, by their types."""

CELL_FORMS = ((str, str), (str, str, int, str, str, str, list))
"""The same of how a cell ended: well, or by an error."""

STRANGE = "strange"
"""The kind of a line that no part of labnotes writes."""


class TraceChannel:
    """The parent's end. `address` is what the run is given, `path` the file with one JSON list a line."""

    def __init__(self, scratch: Path, kept: Path) -> None:
        self.path = kept / "trace"
        self._file = self.path.open("ab", buffering=0)
        self._lock = threading.Lock()
        self._isolation_told = False
        self._socket: socket.socket | None = None
        self.address = self.path
        if sys.platform == "linux":
            self.address = scratch / "trace"
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.bind(str(self.address))
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * LONGEST_FINDING)
            self._ended = threading.Event()
            self._reader = threading.Thread(target=self._read_on, daemon=True)
            self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._socket is not None:
            self._ended.set()
            self._reader.join()
            self.drain()
            self._socket.close()
        self._file.close()

    @property
    def is_intact(self) -> bool:
        """Whether the run's processes can still find where to tell what they do."""
        return self.address.exists()

    def drain(self) -> None:
        """Write down everything that was told so far."""
        while self._socket is not None:
            with self._lock:
                try:
                    message = self._socket.recv(2 * LONGEST_FINDING, socket.MSG_DONTWAIT)
                except BlockingIOError:
                    return
                self._keep_finding(message)

    def _read_on(self) -> None:
        import select

        assert self._socket is not None
        while not self._ended.is_set():
            if select.select([self._socket], [], [], 0.05)[0]:
                self.drain()

    def _keep_finding(self, message: bytes) -> None:
        """Write down a finding, or that something came which is none."""
        try:
            kind, *values = json.loads(message)
            known = _has_form(kind, values)
        except (ValueError, TypeError, RecursionError):
            known = False
        if known and kind == "isolation":
            known, self._isolation_told = not self._isolation_told, True
        if not known:
            kind, values = STRANGE, [repr(message[:200])]
        self._file.write((json.dumps([kind, *values]) + "\n").encode())


def _has_form(kind: object, values: list[object]) -> bool:
    """Whether a finding is one that labnotes writes."""
    if kind == CELL:
        return any(_fits_form(values, form) for form in CELL_FORMS)
    return isinstance(kind, str) and kind in FORMS and _fits_form(values, FORMS[kind])


def _fits_form(values: list[object], form: tuple[type | tuple[type, ...], ...]) -> bool:
    return len(values) == len(form) and all(isinstance(value, kind) for value, kind in zip(values, form, strict=True))
