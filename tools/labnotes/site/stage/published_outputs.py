"""What of an output is published, on pages and in the notebook to download: nothing that runs, and words for what is left out."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from labnotes.site.stage import sanitising

RANKED = ("text/markdown", "text/latex")
WRITTEN = frozenset(RANKED)
"""The MIME types that the reader of prose reads; of two the first in RANKED counts, as in Jupyter."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""The MIME type of a widget."""


def publishable_data(data: Mapping[str, str]) -> dict[str, str]:
    """What of a displayed output is published, by MIME type: text, Markdown, formulas, and sanitised HTML. Words say what is left out.

    What Jupyter prefers counts: HTML, then what is written in Markdown or TeX, then text.
    """
    kept = {mime: value for mime, value in data.items() if mime in ("text/plain", *WRITTEN)}
    sound = next((mime for mime in data if mime.startswith("audio/")), "")
    if "text/html" in data:
        made = sanitising.sanitised_output(data["text/html"])
        if sanitising.shows_something(made):
            return {**kept, "text/html": made}
    elif sound:
        encoded = "".join(data[sound].split())
        return {
            **kept,
            "text/html": sanitising.sanitised_output(f'<audio src="data:{html.escape(sound)};base64,{html.escape(encoded)}"></audio>'),
        }
    if "application/json" in data:  # a tree of it needs a script
        kept["text/plain"] = data["application/json"]
    plain = kept.get("text/plain", "")
    if any(mime in kept for mime in WRITTEN) or (plain and not re.match(r"\s*<.*>\s*\Z", plain, re.DOTALL)):
        return kept
    why = _why_nothing_is_shown(data)
    return {**kept, "text/html": sanitising.left_out_words(why)} if why else {} if "text/html" in data else kept


def _why_nothing_is_shown(data: Mapping[str, str]) -> str:
    """Why nothing is left of an output, in words; "" if it shows nothing in Jupyter either."""
    if "application/javascript" in data or sanitising.active_parts(data.get("text/html", "")):
        return "This output cannot be shown here: a script makes it, and a page runs none."
    if WIDGET_VIEW in data:
        return "This output cannot be shown here: it is a widget, which needs a running kernel."
    others = [mime for mime in data if mime not in ("text/plain", "text/html")]
    return f"This output cannot be shown here: a page shows no {' and no '.join(others[:3])}." if others else ""


def why_no_picture(unread: str) -> str:
    """Why a figure has no picture on a page. `unread` is what was said of it when it was recorded, which begins with a MIME type."""
    mime = unread.partition(" ")[0]
    if mime.endswith("+json") or mime == "application/javascript":
        return (
            f"its library draws it by a script ({mime}), and a page runs none; shown by matplotlib, or saved as a picture, it stands here"
        )
    if mime.startswith(("image/", "video/", "audio/")):
        return f"a page shows no {mime}; PNG, SVG, JPEG, GIF, WebP, AVIF, MP4 and WebM are shown"
    return "nothing of it is left without its scripts and what it loads from elsewhere"
