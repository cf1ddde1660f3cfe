"""At which ends arrows have heads. What a head looks like is style."""

from __future__ import annotations

from typing import Any


def arrow_heads(arrow: Any) -> str:
    """ "start", "end", "both" or "none"."""
    begin, _, end = getattr(arrow.get_arrowstyle(), "arrow", "->").partition("-")  # the filled shapes have theirs at the end
    return ("both" if end else "start") if begin else ("end" if end else "none")
