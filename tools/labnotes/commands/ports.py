"""Whether a port of this machine is free, and which process has it."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

LISTENING = "0A"
"""The state of a listening socket in /proc/net/tcp."""


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether no server listens on a port of a host of this machine. A host that is none of this machine's has no server."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno != errno.EADDRINUSE
        except UnicodeError:  # no name of a host
            return True
    return True


def process_at_port(port: int) -> str:
    """The process that listens on a port, as "process 123 (python -m http.server)"; "another process" where the system does not tell."""
    links = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").glob("[0-9]*") if links else ():
        with contextlib.suppress(OSError):
            if any(os.readlink(entry) in links for entry in (folder / "fd").iterdir()):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return f"process {folder.name} ({words[:80]})"
    return "another process"


def _listening_inodes(port: int) -> Iterator[str]:
    """Yield the inode of each socket that listens on a port (Linux)."""
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    yield fields[9]
