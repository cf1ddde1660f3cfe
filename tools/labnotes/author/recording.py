"""What a run is told of each quantity beside the output itself, so that one whose output gets lost is missed."""

from __future__ import annotations

import json
import os
import socket
import stat
from typing import Any

TRACE = "LABNOTES_TRACE"
"""The variable that names the socket or file to which a run's processes tell what they do (see `kernel.tracing`)."""

KERNEL = "LABNOTES_KERNEL"
"""The variable that holds the process id of the run's kernel."""

PUBLISHED, STRAYED = "published", "strayed"
"""Kinds of findings: a quantity that the kernel published, and one that another process of the run called for, where nothing can be
published."""


def is_recording() -> bool:
    """Whether this process belongs to a run that `labnotes` started, rather than to an author's own session."""
    return "LABNOTES_RUN" in os.environ


def is_kernel() -> bool:
    """Whether this process is the kernel of a run: neither a worker that it forked nor a program that it started."""
    return os.environ.get(KERNEL) == str(os.getpid())


def tell_run(kind: str, quantity: str, name: str, shell: Any) -> None:
    """Write that a quantity ("claim", "figure", "table") of this name was published, or strayed; `shell` is IPython's, or None."""
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    request = str(parent.get("header", {}).get("msg_id", ""))
    line = json.dumps([kind, quantity, name, request]).encode()
    address = os.environ.get(TRACE)
    if address is None:
        return
    if stat.S_ISSOCK(os.stat(address).st_mode):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(address)
            sender.send(line)
    else:
        with open(address, "ab", buffering=0) as file:
            file.write(line + b"\n")
