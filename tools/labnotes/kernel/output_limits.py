"""The most that a run may print and show. The kernel keeps to it, so that nobody has to hold what no page would show; labnotes counts as well."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TextIO

MOST_TEXT = 20_000_000
"""Characters that a run may print."""

MOST_OUTPUT = 200_000_000
"""Characters of everything that a run prints and shows; pictures are counted as they are sent, in base64."""


class OutputLimitError(Exception):
    """A run showed more than it may."""


def limit_text(streams: tuple[TextIO, ...] | None = None) -> None:
    """Take from what is written to the streams of this process (stdout and stderr) no more than labnotes needs to know that it is too much."""
    left = MOST_TEXT + 1

    def limited(write: Callable[[str], int]) -> Callable[[str], int]:
        def write_what_fits(text: str) -> int:
            nonlocal left
            if not isinstance(text, str) or len(text) <= left:
                left -= len(text) if isinstance(text, str) else 0
                return write(text)
            if left:
                write(text[:left])
                left = 0
            return len(text)

        return write_what_fits

    for stream in streams or (sys.stdout, sys.stderr):
        stream.write = limited(stream.write)  # type: ignore[method-assign]


def limit_shown(session: Any) -> None:
    """Have this process's session of Jupyter raise OutputLimitError for what a cell shows once it is too much."""
    send = session.send
    left = MOST_OUTPUT

    def send_what_fits(stream: Any, kind: Any, content: Any = None, *rest: Any, **named: Any) -> Any:
        nonlocal left
        whole = kind if isinstance(kind, dict) else {"msg_type": kind, "content": content}  # a message, or the parts of one
        if whole["msg_type"] in ("display_data", "update_display_data", "execute_result"):
            left -= content_size(whole["content"])
            if left < 0:
                raise OutputLimitError(f"the note shows more than {MOST_OUTPUT / 1e6:.0f} MB: show less, or smaller pictures")
        return send(stream, kind, content, *rest, **named)

    session.send = send_what_fits


def content_size(content: Any) -> int:
    """Characters of all texts in the content of a message."""
    if isinstance(content, str):
        return len(content)
    if isinstance(content, dict):
        return sum(map(content_size, content.values()))
    return sum(map(content_size, content)) if isinstance(content, list | tuple) else 0
