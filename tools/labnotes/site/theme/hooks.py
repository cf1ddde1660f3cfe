"""Runs inside the site builder: spares it work that no page shows, and names in each page's policy the scripts that the theme writes into it.

Lists of notes are made of front matter. Material's blog renders the whole text of each note again for every list that it stands in: at 1,000
notes most of a build.

The policy in overrides/main.html lets all scripts run that stand in a page, since `mkdocs serve` adds one to it. In a build, and in the preview of
`labnotes serve`, the digests of the theme's own take the place of that, so that a browser runs no other, whatever came into the text of a page.
"""

import base64
import hashlib
import os
import re

from material.plugins.blog.structure import Excerpt

_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE)
_ANY = "'unsafe-inline'"


def _no_text(excerpt, page, separator):
    excerpt.content = ""


def _inline_scripts(html):
    """The texts of the scripts that stand in `html` and that a browser would run: not of those that it loads, nor of data."""
    matches = _INLINE.finditer(html)
    return [match["code"] for match in matches if not re.search(r"\bsrc\s*=|\btype\s*=\s*\"?application/", match["attributes"])]


def _with_digests(html, content=""):
    """A page whose policy names its inline scripts, but for those in its `content`."""
    foreign = {*_inline_scripts(content)}
    own = dict.fromkeys(code for code in _inline_scripts(html) if code not in foreign)
    digests = (base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in own)
    return html.replace(_ANY, " ".join(f"'sha256-{digest}'" for digest in digests), 1)


class _Command:
    """What differs between a build and the server of MkDocs."""

    adds_script = False


def on_startup(command, **_):
    _Command.adds_script = command == "serve" and "LABNOTES_PREVIEW" not in os.environ
    Excerpt.render = _no_text


def on_post_page(output, page, **_):
    return output if _Command.adds_script else _with_digests(output, page.content or "")


def on_post_template(output_content, template_name, **_):
    is_page = template_name.endswith(".html") and not _Command.adds_script
    return _with_digests(output_content) if is_page else output_content
