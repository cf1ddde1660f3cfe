"""Watches what a Python process imports, reads and writes; refuses network calls and hidden files with a message that names them.

Appends one JSON line a finding to the file in LABNOTES_TRACE. Loaded by the kernel and, through child/sitecustomize.py, by every Python
process it starts, of whatever version: standard library only, and nothing newer than Python 3.8.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
from typing import Any, NoReturn

TRACE = "LABNOTES_TRACE"
VISIBLE = "LABNOTES_VISIBLE"
"""Variables that name the file of findings, and that of the paths which are not held back (see `landlock.Paths`)."""

REFUSALS = ("a run has no network", "a run sees its own folder")
"""How the messages of what is refused here begin."""

_WRITES = os.O_WRONLY | os.O_RDWR
_STDLIB = os.path.dirname(os.__file__) + os.sep
_IMPORT_SYSTEM = ("<frozen importlib", "<frozen runpy", _STDLIB + "importlib", _STDLIB + "pkgutil", _STDLIB + "runpy")
_READS_CODE = (*_IMPORT_SYSTEM, _STDLIB + "tokenize", _STDLIB + "linecache")
"""Callers that read Python files as code; read by anyone else, such a file is data, comments and all."""
_SYSTEM = ("/proc/", "/sys/", "/dev/")


class Trace:
    """The audit hook. Findings are written only once it is armed, so that a bare kernel's own imports do not count."""

    def __init__(self, log: str) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._seen: set[tuple[str, str]] = set()
        self._armed = False
        self._visible = None  # type: tuple[str, ...] | None
        self._handlers = {
            "open": self._open,
            "import": self._import,
            "os.listdir": self._list,
            "os.scandir": self._list,
            "os.rename": self._rename,
            "sqlite3.connect": self._database,
            "socket.connect": self._connect,
            "socket.sendto": self._connect,
            "socket.getaddrinfo": self._lookup,
            "socket.gethostbyname": self._lookup,
        }

    def see(self, visible: str | None) -> None:
        """Take from the file `visible` what this process can read; None if nothing is held back from it."""
        if visible:
            with open(visible, encoding="utf-8") as file:
                paths = json.load(file)
            self._visible = (*paths["read"], *paths["write"])

    def install(self) -> None:
        sys.addaudithook(self._hook)

    def arm(self) -> None:
        """Begin to write findings. What is loaded by now belongs to the bare process."""
        self.write("baseline", sorted({name.partition(".")[0] for name in sys.modules}))
        self._armed = True

    def write(self, kind: str, *values: Any) -> None:
        os.write(self._log, (json.dumps([kind, *values]) + "\n").encode())

    def _hook(self, event: str, args: Any) -> None:
        handler = self._handlers.get(event)
        if handler is not None and self._armed:
            handler(args)

    def _open(self, args: Any) -> None:
        path, mode, flags = (*args, None, None)[:3]
        if isinstance(mode, str):
            reads = not set(mode) & set("wxa") or "+" in mode
            writes = bool(set(mode) & set("wxa+"))
        else:
            writes = bool((flags or 0) & _WRITES)
            reads = not (flags or 0) & (os.O_WRONLY | os.O_TRUNC | os.O_APPEND)
        self._refuse_hidden(path)
        if reads:
            self._found("module" if _called_from(_READS_CODE) else "read", path)
        if writes:
            self._found("write", path)

    def _refuse_hidden(self, path: Any) -> None:
        """Say what to do about a file that the kernel is going to refuse; one that is not there is simply not there."""
        if self._visible is None:
            return
        try:
            real = os.path.realpath(os.fsdecode(path))
        except (TypeError, ValueError):
            return
        if os.path.isfile(real) and not any(real == each or real.startswith(each + os.sep) for each in self._visible):
            raise PermissionError(
                f"{REFUSALS[1]} and its declared inputs, and this code asked for {os.fsdecode(path)}. Copy the file into the "
                "note's folder, or name it under inputs: in note.yml."
            )

    def _import(self, args: Any) -> None:
        name, path = args[0], args[1]
        if path:  # the file of an extension module, which is mapped rather than opened
            self._found("module", path)
        elif ("import", name) not in self._seen:
            self._seen.add(("import", name))
            self.write("import", name)

    def _list(self, args: Any) -> None:
        if not _called_from(_IMPORT_SYSTEM):  # which fills its caches with every folder that it looks into
            self._found("list", args[0] if args[0] is not None else ".")

    def _rename(self, args: Any) -> None:
        self._found("write", args[1])

    def _database(self, args: Any) -> None:
        if args[0] != ":memory:":
            self._found("read" if os.path.exists(args[0]) else "write", args[0])

    def _found(self, kind: str, path: Any) -> None:
        try:
            path = os.path.abspath(os.fsdecode(path))
        except (TypeError, ValueError):
            return  # an open file descriptor
        if (kind, path) in self._seen:
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
                    self.write("package", top)
                return
        if path.startswith(_STDLIB):
            return
        if path.endswith(".pyc"):
            with contextlib.suppress(ValueError):
                path = importlib.util.source_from_cache(path)
        try:
            stat = os.stat(path)
            self.write(kind, path, [stat.st_mtime_ns, stat.st_size])
        except OSError:
            self.write(kind, path, None)

    def _connect(self, args: Any) -> None:
        address = args[-1]
        if isinstance(address, tuple) and address and not _is_loopback(address[0]):
            self._refuse(f"{address[0]} port {address[1]}")

    def _lookup(self, args: Any) -> None:
        host = args[0]
        if isinstance(host, bytes):
            host = host.decode(errors="replace")
        if host and not _is_loopback(host):
            self._refuse(host)

    def _refuse(self, address: str) -> NoReturn:
        self.write("network", address)
        raise PermissionError(
            f"{REFUSALS[0]}, and this code asked for {address}. Keep the data in the note's folder, or name it "
            "under inputs: in note.yml: a file of the lab, or a URL or package with its sha256, which is fetched before the run."
        )


def _called_from(files: tuple[str, ...]) -> bool:
    """Whether the code that caused the event stands in one of these files; a program's main file is opened by no code at all."""
    try:
        return sys._getframe(3).f_code.co_filename.startswith(files)
    except ValueError:
        return True


def _is_loopback(host: Any) -> bool:
    return host in ("", "localhost", "::1") or str(host).startswith("127.")


def begin() -> None:
    """Install and arm the hook in a child process, if it belongs to a run."""
    log = os.environ.get(TRACE)
    if log:
        trace = Trace(log)
        trace.see(os.environ.get(VISIBLE))
        trace.install()
        trace.arm()
