"""Watch what a Python process imports, reads and writes; refuse network calls and hidden files with a message that names them.

One JSON list a finding is sent to the socket in LABNOTES_TRACE, or appended to the file there. Loaded by the kernel and, through child/sitecustomize.py, by every Python
process it starts, of whatever version: standard library only, and nothing newer than Python 3.8.
"""

from __future__ import annotations

import _socket
import contextlib
import importlib.util
import json
import os
import stat
import sys
from typing import Any, NoReturn

TRACE = "LABNOTES_TRACE"
VISIBLE = "LABNOTES_VISIBLE"
"""Variables that name the file of findings, and that of the paths which are not held back (see `landlock.VisiblePaths`)."""

REFUSALS = ("a run has no network", "a run sees its own folder")
"""How the messages of what is refused here begin."""

LONGEST_FINDING = 150_000
LONGEST_TEXT = 20_000
"""Bytes of a finding, and characters that are kept of each text of a longer one. A message of a socket is limited."""

LONGEST_PATH, LONGEST_NAME = 4096, 255
"""Characters of a path, and bytes of a name in it, beyond which nothing exists."""

_WRITES = os.O_WRONLY | os.O_RDWR
_STDLIB = os.path.dirname(os.__file__) + os.sep
_IMPORT_SYSTEM = ("<frozen importlib", "<frozen runpy", "<frozen zipimport", _STDLIB + "importlib", _STDLIB + "pkgutil", _STDLIB + "runpy")
_READS_CODE = (*_IMPORT_SYSTEM, _STDLIB + "tokenize", _STDLIB + "linecache")
"""Callers that read Python files as code. Read by anyone else, such a file is data, comments and all."""
_SYSTEM = ("/proc/", "/sys/", "/dev/")


def open_trace(address: str) -> Any:
    """A function that sends the bytes of one finding to the run's parent: by its socket, or else by a file."""
    if stat.S_ISSOCK(os.stat(address).st_mode):
        sender = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
        sender.connect(address)

        def send(line: bytes) -> None:
            with contextlib.suppress(OSError):  # the parent is gone, and nobody asks any more
                sender.send(line)

        return send
    log = os.open(address, os.O_WRONLY | os.O_APPEND)
    return lambda line: os.write(log, line + b"\n")


class ProcessTrace:
    """The audit hook. Findings are written only after `start_writing`, so that a bare kernel's own imports do not count."""

    def __init__(self, address: str) -> None:
        self._send = open_trace(address)
        self._seen: set[tuple[str, str]] = set()
        self._armed = False
        self._visible = None  # type: tuple[str, ...] | None
        self._handlers = {
            "open": self._trace_open,
            "import": self._trace_import,
            "os.listdir": self._trace_listing,
            "os.scandir": self._trace_listing,
            "os.rename": self._trace_rename,
            "sqlite3.connect": self._trace_database,
            "socket.connect": self._check_connection,
            "socket.sendto": self._check_connection,
            "socket.getaddrinfo": self._check_lookup,
            "socket.gethostbyname": self._check_lookup,
        }

    def load_visible(self, visible: str | None) -> None:
        """Load from the file `visible` the paths that this process can read; None if nothing is held back from it."""
        if visible:
            with open(visible, encoding="utf-8") as file:
                paths = json.load(file)
            self._visible = (*paths["read"], *paths["write"])

    def install_hook(self) -> None:
        sys.addaudithook(self._audit_event)

    def start_writing(self) -> None:
        """Begin to write findings. What is loaded by now belongs to the bare process."""
        self.write_finding("baseline", sorted({name.partition(".")[0] for name in sys.modules}))
        self._armed = True

    def write_finding(self, kind: str, *values: Any) -> None:
        line = json.dumps([kind, *values])
        if len(line) > LONGEST_FINDING:
            line = json.dumps([kind, *(value[:LONGEST_TEXT] if isinstance(value, str) else value for value in values)])
        self._send(line[:LONGEST_FINDING].encode())

    def _audit_event(self, event: str, args: Any) -> None:
        handler = self._handlers.get(event)
        if handler is not None and self._armed:
            handler(args)

    def _trace_open(self, args: Any) -> None:
        path, mode, flags = (*args, None, None)[:3]
        if isinstance(mode, str):
            reads = not set(mode) & set("wx") or "+" in mode  # what is appended to goes on with what is there
            writes = bool(set(mode) & set("wxa+"))
        else:
            writes = bool((flags or 0) & _WRITES)
            reads = not (flags or 0) & os.O_TRUNC and (flags or 0) & (os.O_WRONLY | os.O_APPEND) != os.O_WRONLY
        self._refuse_hidden(path)
        if reads:
            self._write_path("module" if _called_from(_READS_CODE) else "read", path)
        if writes:
            self._write_path("write", path)

    def _refuse_hidden(self, path: Any) -> None:
        """Refuse a file that is held back, with a message on what to do; a file that does not exist is left to the caller."""
        if self._visible is None:
            return
        try:
            real = os.path.realpath(os.fsdecode(path))
        except (TypeError, ValueError):
            return
        if os.path.isfile(real) and not any(real == visible or real.startswith(visible + os.sep) for visible in self._visible):
            self.write_finding("hidden", os.fsdecode(path))
            raise PermissionError(
                f"{REFUSALS[1]} and its declared inputs, and this code asked for {os.fsdecode(path)}. Copy the file into the "
                "note's folder, or name it under inputs: in note.yml."
            )

    def _trace_import(self, args: Any) -> None:
        name, path = args[0], args[1]
        if path:  # the file of an extension module, which is mapped rather than opened
            self._write_path("module", path)
        elif ("import", name) not in self._seen:
            self._seen.add(("import", name))
            self.write_finding("import", name)

    def _trace_listing(self, args: Any) -> None:
        if not _called_from(_IMPORT_SYSTEM):  # which fills its caches with every folder that it looks into
            self._write_path("list", args[0] if args[0] is not None else ".")

    def _trace_rename(self, args: Any) -> None:
        self._write_path("write", args[1])

    def _trace_database(self, args: Any) -> None:
        if args[0] != ":memory:":
            self._write_path("read" if os.path.exists(args[0]) else "write", args[0])

    def _write_path(self, kind: str, path: Any) -> None:
        try:
            path = os.path.abspath(os.fsdecode(path))
        except (TypeError, ValueError):
            return  # an open file descriptor
        if (kind, path) in self._seen or _is_too_long(path):
            return
        self._seen.add((kind, path))
        if path.startswith(_SYSTEM):
            return
        for folder in ("site-packages", "dist-packages"):
            marker = os.sep + folder + os.sep
            if marker in path:
                top = path.partition(marker)[2].partition(os.sep)[0].partition(".")[0]
                if kind in ("read", "module") and ("package", top) not in self._seen:
                    self._seen.add(("package", top))
                    self.write_finding("package", top)
                return
        if path.startswith(_STDLIB):
            return
        if path.endswith(".pyc"):
            with contextlib.suppress(ValueError):
                path = importlib.util.source_from_cache(path)
        try:
            status = os.stat(path)
            self.write_finding(kind, path, [status.st_mtime_ns, status.st_size])
        except OSError:
            self.write_finding(kind, path, None)

    def _check_connection(self, args: Any) -> None:
        address = args[-1]
        if isinstance(address, tuple) and address and not _is_loopback(address[0]):
            self._refuse_network(f"{address[0]} port {address[1]}")

    def _check_lookup(self, args: Any) -> None:
        host = args[0]
        if isinstance(host, bytes):
            host = host.decode(errors="replace")
        if host and not _is_loopback(host):
            self._refuse_network(host)

    def _refuse_network(self, address: str) -> NoReturn:
        self.write_finding("network", address)
        raise PermissionError(
            f"{REFUSALS[0]}, and this code asked for {address}. Keep the data in the note's folder, or name it "
            "under inputs: in note.yml: a file of the lab, or a URL or package with its sha256, which is fetched before the run."
        )


def _is_too_long(path: str) -> bool:
    """Whether nothing can have this path."""
    return len(path) > LONGEST_NAME and (
        len(path) > LONGEST_PATH or any(len(os.fsencode(name)) > LONGEST_NAME for name in path.split(os.sep))
    )


def _called_from(files: tuple[str, ...]) -> bool:
    """Whether the code that caused the event stands in one of these files; a program's main file is opened by no code at all."""
    try:
        return sys._getframe(3).f_code.co_filename.startswith(files)
    except ValueError:
        return True


def _is_loopback(host: Any) -> bool:
    return host in ("", "localhost", "::1") or str(host).startswith("127.")


def begin_tracing() -> None:
    """Install the hook in a child process and begin to write findings, if the process belongs to a run."""
    log = os.environ.get(TRACE)
    if log:
        trace = ProcessTrace(log)
        trace.load_visible(os.environ.get(VISIBLE))
        trace.install_hook()
        trace.start_writing()
